"""Store cases and their events (written by `case_copy`), and the conditions that select them."""
