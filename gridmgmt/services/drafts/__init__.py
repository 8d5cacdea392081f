"""Sets of changes to areas, from the first file to the edition they become.

Callers use `drafts` to open and check one, `imports` for a layer as a person brings it,
`changes` for what a draft says, and `publications` for the act of publishing; `publishing` is
its one transaction, `conflicts` what was published meanwhile.
"""
