-- name: lock_case_imports
-- Let one transaction at a time take in cases; held until it ends.
-- The key is this project's own number for the queue of imports.
-- out: nothing of interest (1 row)
SELECT pg_advisory_xact_lock(771053203)

-- name: keep_case_imports
-- Let one connection at a time take in cases, over as many transactions as it likes; held until
-- it is closed. The key is that of lock_case_imports, and both wait for each other.
-- out: nothing of interest (1 row)
SELECT pg_advisory_lock(771053203)

-- name: check_now
-- Check now what would be checked at the end of the transaction, so that a dry run tells it.
-- out: nothing
SET CONSTRAINTS ALL IMMEDIATE

-- name: check_at_the_end
-- Let constraints wait for the end of the transaction again.
-- out: nothing
SET CONSTRAINTS ALL DEFERRED
