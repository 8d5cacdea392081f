"""Areas, editions, drafts and levels, as stored."""
