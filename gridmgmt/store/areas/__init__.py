"""Store areas, editions, drafts and levels."""
