-- name: keep_default_positions
-- Keep the default positions as they are for one transaction; any number may do so at once.
-- The key is this project's own number.
-- out: nothing of interest (1 row)
SELECT pg_advisory_xact_lock_shared(771053204)

-- name: change_default_positions
-- Wait for all that keep the default positions, and let nobody keep them before this transaction
-- ends. The key is that of keep_default_positions.
-- out: nothing of interest (1 row)
SELECT pg_advisory_xact_lock(771053204)

-- name: count_default_cases
-- Count the cases that are marked because they lie at a default position, by position.
-- out: lon and lat (degrees), cases; one row per position with such cases.
--      Uses ix__cases__marked.
SELECT
  ST_X(c.geom) AS lon,
  ST_Y(c.geom) AS lat,
  count(*) AS cases
FROM cases c
WHERE c.marks <> '{}'
  AND c.marks @> ARRAY['default_position']
GROUP BY 1, 2
