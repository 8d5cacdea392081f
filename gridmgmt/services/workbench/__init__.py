"""Edit the borders of a draft, undo and redo, and tell what it would change.

Callers use `editing` for operations and the log, `operation_files` for reading them, and
`impact` for the consequences; `rehearsed_publishing` publishes on a page.
"""
