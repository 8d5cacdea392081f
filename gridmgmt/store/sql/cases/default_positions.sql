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

-- name: default_figures
-- Count how the cases at default positions that were reported in a period kept their deadlines, as
-- of a fixed instant, by the rules of indicators/rates.py, as in map_figures.
-- in:  :since :until timestamptz, the first instant of the period and the first one after it;
--      :as_of timestamptz; :category or NULL for all;
--      :editions integer[] and :codes text[], the leaf areas in sight, both NULL: no limit;
--      :responder_code whose cases are in sight, NULL: everybody's
-- out: one row per (edition, leaf area code, position) with such cases, in no order; area_code
--      NULL: unlocated, edition NULL: before the first; lon, lat degrees.
--      Uses ix__cases__marked.
SELECT
  c.edition,
  c.area_code,
  ST_X(c.geom) AS lon,
  ST_Y(c.geom) AS lat,
  count(*) AS cases,
  count(*) FILTER (WHERE done.at IS NULL) AS open,
  count(*) FILTER (WHERE done.at IS NULL AND c.due_at < CAST(:as_of AS timestamptz)) AS overdue,
  count(*) FILTER (WHERE done.at <= c.due_at) AS on_time,
  count(*) FILTER (WHERE done.at > c.due_at) AS late,
  count(*) FILTER (WHERE c.due_at IS NULL) AS without_due
FROM cases c
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN coalesce(c.disposed_at, c.closed_at) <= CAST(:as_of AS timestamptz)
    THEN coalesce(c.disposed_at, c.closed_at)
  END AS at
) AS done
WHERE c.marks <> '{}'
  AND c.marks @> ARRAY['default_position']
  AND c.reported_at >= CAST(:since AS timestamptz)
  AND c.reported_at < CAST(:until AS timestamptz)
  AND (CAST(:category AS text) IS NULL OR c.category = CAST(:category AS text))
  AND (
    CAST(:responder_code AS text) IS NULL
    OR c.responder_code = CAST(:responder_code AS text)
  )
  AND (
    CAST(:codes AS text[]) IS NULL
    OR (c.edition, c.area_code) IN (
      SELECT s.edition, s.code
      FROM unnest(CAST(:editions AS integer[]), CAST(:codes AS text[])) AS s (edition, code)
    )
  )
GROUP BY c.edition, c.area_code, ST_X(c.geom), ST_Y(c.geom)
