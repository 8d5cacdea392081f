"""Cases: rows of files, statuses and events, deadlines and duplicates."""
