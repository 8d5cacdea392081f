"""Pages of exports and of long work."""
