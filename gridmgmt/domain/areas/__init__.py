"""Areas, their editions and drafts, and what lies at a position."""
