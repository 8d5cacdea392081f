-- name: lock_responsibility
-- Lock changes of duties and of what they point at for one transaction; held until it ends.
-- The key is this project's own number for the sequence of these changes.
-- out: nothing of interest (1 row)
SELECT pg_advisory_xact_lock(771053205)
