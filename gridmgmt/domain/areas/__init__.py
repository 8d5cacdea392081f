"""Areas, their editions and drafts, and the places that lie at one position."""
