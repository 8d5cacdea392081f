"""Uploaded and exported files, the jobs that work on them, and rehearsals.

Callers use `uploads` and `downloads` (both within the limits of `room`), `jobs` for long work,
`rehearsals` for work that is done and rolled back, and `datums` for the meaning of ``--crs``.
"""
