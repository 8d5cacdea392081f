"""Pages of areas, editions and drafts."""
