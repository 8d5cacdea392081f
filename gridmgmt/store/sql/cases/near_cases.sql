-- name: positions_near
-- Where cases are that are open or were reported of late, in any of some boxes.
-- in:  :boxes array of EWKB, :since the first instant of a report that counts
-- out: case_no, accuracy_m (metres), lon and lat (degrees), once each; numbers ascending.
--      Uses ix__cases__geom.
SELECT DISTINCT
  c.case_no,
  c.accuracy_m,
  ST_X(c.geom) AS lon,
  ST_Y(c.geom) AS lat
FROM unnest(CAST(:boxes AS bytea[])) AS given (wkb)
JOIN cases c ON c.geom && ST_GeomFromEWKB(given.wkb)
WHERE c.reported_at >= :since
  OR c.status IN ('triage', 'dispatched')
ORDER BY c.case_no

-- name: uncertain_positions
-- Where cases are whose accuracy is worse than 30 m and may reach into some bounds: those that are
-- open or were reported of late.
-- in:  :extent EWKB, :m_per_degree metres of the shortest degree there, :since as in positions_near
-- out: as of positions_near.  Uses ix__cases__uncertain alone, without reading the cases.
SELECT
  c.case_no,
  c.accuracy_m,
  ST_X(c.geom) AS lon,
  ST_Y(c.geom) AS lat
FROM cases c
WHERE c.accuracy_m > 30
  AND c.geom && ST_Expand(ST_GeomFromEWKB(:extent), c.accuracy_m / :m_per_degree)
  AND (c.reported_at >= :since OR c.status IN ('triage', 'dispatched'))
ORDER BY c.case_no

-- name: shown_cases
-- Some cases that have a position, as they count while an edition is shown.
-- in:  :case_nos array, :edition number
-- out: case_no, category, reported_at, due_at, due_provisional, done_at, accuracy_m (metres), lon and
--      lat (degrees); is_open, is_placed and is_decided (by a person), at_default; leaf: code of
--      the area in which it counts under the edition, stands: which is the one it was judged into;
--      numbers ascending.  Uses pk__cases.
SELECT
  c.case_no,
  c.category,
  c.reported_at,
  c.due_at,
  c.due_provisional,
  coalesce(c.disposed_at, c.closed_at) AS done_at,
  c.accuracy_m,
  ST_X(c.geom) AS lon,
  ST_Y(c.geom) AS lat,
  c.status IN ('triage', 'dispatched') AS is_open,
  c.trace ? 'placed' AS is_placed,
  c.trace ?| ARRAY['assigned', 'bounced'] AS is_decided,
  c.marks @> ARRAY['default_position'] AS at_default,
  CASE WHEN k.case_no IS NULL THEN c.area_code ELSE k.area_code END AS leaf,
  c.area_code IS NOT NULL AND k.case_no IS NULL AS stands,
  c.area_code IS NOT NULL AS is_located
FROM cases c
LEFT JOIN case_leaves k ON k.case_no = c.case_no AND k.edition = :edition
WHERE c.case_no = ANY (CAST(:case_nos AS text[]))
ORDER BY c.case_no
