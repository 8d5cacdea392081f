"""Edit the borders of a draft, undo and redo.

Callers use `editing` for operations and the log, `operation_files` for reading them.
"""
