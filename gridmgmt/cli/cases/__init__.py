"""Commands for cases: ``case`` and its verbs, and how cases are printed."""
