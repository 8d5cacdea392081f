"""The worker: a process beside the pages that does the long work people ask for."""
