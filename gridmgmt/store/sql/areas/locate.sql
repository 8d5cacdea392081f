-- name: locate
-- The area of a level that covers a point, and the areas near it.
-- Covers, not contains: on a shared border, or where areas overlap, the smallest code by code
-- point wins. Covered by none: the nearest within :snap_m (of equals the smallest code).
-- in:  :lon :lat degrees (EPSG:4326), :edition number, :level name,
--      :candidate_m :snap_m metres, both limits included, :snap_m 0 = never
-- out: 1 row: code (NULL = not located), on_boundary, snapped, distance_m (0 = covered, whole
--      millimetres, NULL = not located), candidates text[] within :candidate_m: the answer
--      first, then by distance, then by code.  Uses ix__areas__geom.
-- The twin of gridmgmt/geometry/locating/locate.py: change both or none, a differential test compares.
WITH here AS (
  SELECT
    lon,
    lat,
    ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom,
    radians(1) * 6378137.0 * cos(radians(lat))
      / sqrt(1 - 0.0066943799901413165 * power(sin(radians(lat)), 2)) AS m_lon,
    radians(1) * 6378137.0 * (1 - 0.0066943799901413165)
      / power(1 - 0.0066943799901413165 * power(sin(radians(lat)), 2), 1.5) AS m_lat,
    -- One millimetre more than the limit: more than rounding to millimetres can move.
    0.001 + greatest(
      CAST(:candidate_m AS double precision), CAST(:snap_m AS double precision)
    ) AS reach_m
  FROM (
    SELECT
      CAST(:lon AS double precision) AS lon,
      -- NULL in the place of an invalid latitude: the planner computes the cosine of a parameter
      -- before it evaluates any WHERE, and the cosine of infinity is an error.
      CASE
        WHEN abs(CAST(:lat AS double precision)) <= 90 THEN CAST(:lat AS double precision)
      END AS lat
  ) AS given
  -- In PostgreSQL NaN is greater than any number, so it is refused like infinity.
  WHERE lat IS NOT NULL AND abs(lon) < 'Infinity'
),
around AS (
  SELECT
    areas.code,
    -- Not ST_Covers: for a point in a polygon PostGIS takes a short cut in plain floating
    -- point, which takes points beside a long border for points on it (none of 100,000
    -- hostile points over city cells, 41 over borders of 100 km aslant). This is exact.
    ST_Relate(areas.geom, here.geom, '******FF*') AS covers,
    -- Translate first, scale second; ST_TransScale scales first and loses nanometres.
    round(1000 * ST_Distance(
      ST_Scale(ST_Translate(areas.geom, -here.lon, -here.lat), here.m_lon, here.m_lat),
      ST_SetSRID(ST_MakePoint(0, 0), 4326)
    )) / 1000 AS border_m
  FROM here
  JOIN areas
    ON areas.geom && ST_Expand(here.geom, here.reach_m / here.m_lon, here.reach_m / here.m_lat)
  WHERE areas.level = :level
    AND areas.since <= CAST(:edition AS integer)
    AND (areas.until IS NULL OR areas.until > CAST(:edition AS integer))
),
measured AS (
  SELECT
    code,
    covers,
    CASE WHEN covers THEN 0 ELSE border_m END AS distance_m
  FROM around
),
ranked AS (
  SELECT
    code,
    covers,
    distance_m,
    count(*) FILTER (WHERE covers) OVER () > 1 AS on_boundary,
    row_number() OVER (ORDER BY covers DESC, distance_m, code) = 1
      AND (covers OR (distance_m <= :snap_m AND :snap_m > 0)) AS is_answer
  FROM measured
)
SELECT
  max(code) FILTER (WHERE is_answer) AS code,
  coalesce(bool_or(on_boundary), false) AS on_boundary,
  coalesce(bool_or(NOT covers) FILTER (WHERE is_answer), false) AS snapped,
  max(distance_m) FILTER (WHERE is_answer) AS distance_m,
  coalesce(
    array_agg(code ORDER BY is_answer DESC, distance_m, code)
      FILTER (WHERE distance_m <= :candidate_m),
    '{}'
  ) AS candidates
FROM ranked
