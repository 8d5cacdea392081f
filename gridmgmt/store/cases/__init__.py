"""Store cases and their events (`case_copy` writes them), and what selects them."""
