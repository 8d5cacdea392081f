"""Read cases, and act on them.

Callers use `lists` and `details` for pages, `stories` for history and explanation, `actions`
and `reports` for what a person does, `summaries` for rates by area, `bounces`, `duplicates`,
`edition_extensions` for many cases at once, `exports` for tables, and `forgetting` for deleting
personal data.
"""
