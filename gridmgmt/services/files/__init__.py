"""Files that people send and take away, the jobs that work on them, and trying things out.

Callers use `uploads` and `downloads` (both within the limits of `room`), `jobs` for long work,
`rehearsals` for work that is done and taken back, and `datums` for what ``--crs`` means here.
"""
