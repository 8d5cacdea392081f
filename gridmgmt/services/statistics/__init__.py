"""Count cases, from columns where a process has them, else in SQL: `figures` is the door."""
