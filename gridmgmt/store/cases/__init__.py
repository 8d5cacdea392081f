"""Store cases and their events, and the conditions that select them."""
