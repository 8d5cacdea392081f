"""Drafts: sets of changes to areas, from the first file to the edition they become.

Callers use `drafts` to open a draft, `checks` to check it, `imports` to import a layer on a
page, and `changes` for the contents of a draft. `publishing` is the transaction that publishes;
`rebasing` puts a draft on a newer edition, together with what was published since. `reviews`
submits, returns and approves, `reverting` brings back an earlier edition.
"""
