-- name: cases_alike
-- Open cases that may be duplicates of these open cases: with the same minor class (a category
-- without one is its own class), near in space and time. Cases at a default position are left
-- out: nobody knows how near they are.
-- in:  :case_nos text[]; :metres and :hours, both limits included; :only_earlier boolean, true:
--      only those reported earlier, at the same time the smaller number
-- out: of_case, case_no, category, reported_at, status, metres (whole millimetres, planar at the
--      latitude of of_case as in locate), hours (below 0: reported before of_case).  Who may
--      see them, and their order: store/cases/duplicates.py.  Uses ix__cases__geom.
WITH these AS MATERIALIZED (
  SELECT
    c.case_no,
    c.reported_at,
    c.geom,
    ST_X(c.geom) AS lon,
    ST_Y(c.geom) AS lat,
    radians(1) * 6378137.0 * cos(radians(ST_Y(c.geom)))
      / sqrt(1 - 0.0066943799901413165 * power(sin(radians(ST_Y(c.geom))), 2)) AS m_lon,
    radians(1) * 6378137.0 * (1 - 0.0066943799901413165)
      / power(1 - 0.0066943799901413165 * power(sin(radians(ST_Y(c.geom))), 2), 1.5) AS m_lat,
    CASE
      WHEN k.minor_class IS NULL THEN ARRAY[k.code]
      ELSE ARRAY[k.category_class, k.major_class, k.minor_class]
    END AS kind
  FROM cases c
  JOIN categories k ON k.code = c.category
  WHERE c.case_no = ANY (CAST(:case_nos AS text[]))
    AND c.status IN ('triage', 'dispatched')
    AND c.geom IS NOT NULL
    AND NOT c.marks @> ARRAY['default_position']
)
SELECT
  these.case_no AS of_case,
  alike.case_no,
  alike.category,
  alike.reported_at,
  alike.status,
  alike.metres,
  alike.hours
FROM these
CROSS JOIN LATERAL (
  SELECT
    c.case_no,
    c.category,
    c.reported_at,
    c.status,
    there.metres,
    CAST(extract(epoch FROM c.reported_at - these.reported_at) AS double precision) / 3600
      AS hours
  FROM cases c
  JOIN categories k ON k.code = c.category
  CROSS JOIN LATERAL (
    SELECT round(1000 * sqrt(
      power((ST_X(c.geom) - these.lon) * these.m_lon, 2)
      + power((ST_Y(c.geom) - these.lat) * these.m_lat, 2)
    )) / 1000 AS metres
  ) AS there
  -- One millimetre more than the limit: more than rounding to millimetres can move.
  WHERE c.geom && ST_Expand(
      these.geom,
      (CAST(:metres AS double precision) + 0.001) / these.m_lon,
      (CAST(:metres AS double precision) + 0.001) / these.m_lat
    )
    AND c.status IN ('triage', 'dispatched')
    AND NOT c.marks @> ARRAY['default_position']
    AND c.case_no <> these.case_no
    AND c.reported_at BETWEEN
      these.reported_at - make_interval(secs => 3600 * CAST(:hours AS double precision))
      AND these.reported_at + make_interval(secs => 3600 * CAST(:hours AS double precision))
    AND these.kind = CASE
      WHEN k.minor_class IS NULL THEN ARRAY[k.code]
      ELSE ARRAY[k.category_class, k.major_class, k.minor_class]
    END
    AND there.metres <= CAST(:metres AS double precision)
    AND (
      NOT CAST(:only_earlier AS boolean)
      OR (c.reported_at, c.case_no) < (these.reported_at, these.case_no)
    )
) AS alike
