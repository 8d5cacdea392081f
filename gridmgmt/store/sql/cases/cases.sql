-- name: lock_case_imports
-- Lock the intake of cases for one transaction; held until it ends.
-- The key is this project's own number for the queue of imports.
-- out: nothing of interest (1 row)
SELECT pg_advisory_xact_lock(771053203)

-- name: keep_case_imports
-- Lock the intake of cases for one connection, over any number of transactions; held until it
-- is closed. The key is that of lock_case_imports, and both wait for each other.
-- out: nothing of interest (1 row)
SELECT pg_advisory_lock(771053203)

-- name: begin_writing_cases
-- Let nobody change what the cases of other transactions depend on, until this one ends; any number
-- may do so at once. The key is this project's own number.
-- out: nothing of interest (1 row)
SELECT pg_advisory_xact_lock_shared(771053204)

-- name: stop_writing_cases
-- Wait for all that have begun to write cases, and let nobody begin before this transaction ends.
-- The key is that of begin_writing_cases.
-- out: nothing of interest (1 row)
SELECT pg_advisory_xact_lock(771053204)

-- name: check_now
-- Check the deferred constraints now, since a dry run never reaches the end of its transaction.
-- out: nothing
SET CONSTRAINTS ALL IMMEDIATE

-- name: check_at_the_end
-- Defer the constraints to the end of the transaction again.
-- out: nothing
SET CONSTRAINTS ALL DEFERRED

-- name: list_channels
-- The channels by which cases came, each read from the index in one step, however many cases.
-- in:  :most rows
-- out: channel, in order; at most :most rows.  Uses ix__cases__channel.
WITH RECURSIVE found AS (
  SELECT min(c.channel) AS channel
  FROM cases c
  UNION ALL
  SELECT (SELECT min(c.channel) FROM cases c WHERE c.channel > found.channel) AS channel
  FROM found
  WHERE found.channel IS NOT NULL
)
SELECT found.channel
FROM found
WHERE found.channel IS NOT NULL
LIMIT CAST(:most AS integer)
