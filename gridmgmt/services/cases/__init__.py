"""Cases as people read them and act on them.

Callers use `lists` and `details` for pages, `stories` for history and explanation, `actions`
and `reports` for what a person does, `summaries` for rates by area, `bounces`, `duplicates` and
`reroutes` for what whole periods tell, `exports` for tables, `forgetting` for personal data
that end.
"""
