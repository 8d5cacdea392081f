"""The worker: a process beside the pages that does long work."""
