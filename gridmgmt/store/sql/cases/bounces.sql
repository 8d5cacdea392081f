-- name: bounced_cases
-- The bounces of a period, each with the location of the case then, the nearest other area within
-- reach, and its responder now.
-- in:  :since :until instants, the first included, the second not; NULL = no limit,
--      :reach_m metres, included
-- out: one row a bounce, as they happened: case_no, bounced_at, bounced_by, suggested,
--      duties int[] (ids, those that gave it to bounced_by), category, reported_at, edition,
--      level, area_code (NULL = unlocated), lon, lat degrees (EPSG:4326, NULL = none),
--      ended_with (NULL = it waits), other_code, other_m (NULL = none within reach).
--      Uses ix__case_events__bounced, ix__areas__geom.
-- Metres as in locate.sql: planar, in degrees scaled at the latitude of the point.
WITH bounced AS (
  SELECT
    case_no,
    seq,
    happened_at AS bounced_at,
    detail -> 'from' ->> 'responder' AS bounced_by,
    detail ->> 'suggested' AS suggested,
    ARRAY(
      SELECT CAST(duty AS integer) FROM jsonb_array_elements_text(detail -> 'duties') AS duty
    ) AS duties,
    CAST(detail -> 'from' ->> 'edition' AS integer) AS edition,
    detail -> 'from' ->> 'level' AS level,
    (detail -> 'from' ->> 'area') COLLATE "C" AS area_code,
    CAST(detail -> 'lonlat' ->> 0 AS double precision) AS lon,
    CAST(detail -> 'lonlat' ->> 1 AS double precision) AS lat
  FROM case_events
  WHERE kind = 'bounced'
    AND (CAST(:since AS timestamptz) IS NULL OR happened_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR happened_at < :until)
),
scaled AS (
  SELECT
    *,
    ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom,
    radians(1) * 6378137.0 * cos(radians(lat))
      / sqrt(1 - 0.0066943799901413165 * power(sin(radians(lat)), 2)) AS m_lon,
    radians(1) * 6378137.0 * (1 - 0.0066943799901413165)
      / power(1 - 0.0066943799901413165 * power(sin(radians(lat)), 2), 1.5) AS m_lat,
    CAST(:reach_m AS double precision) AS reach_m
  FROM bounced
)
SELECT
  scaled.case_no,
  scaled.bounced_at,
  scaled.bounced_by,
  scaled.suggested,
  scaled.duties,
  cases.category,
  cases.reported_at,
  scaled.edition,
  scaled.level,
  scaled.area_code,
  scaled.lon,
  scaled.lat,
  cases.responder_code AS ended_with,
  beside.code AS other_code,
  beside.border_m AS other_m
FROM scaled
JOIN cases ON cases.case_no = scaled.case_no
LEFT JOIN LATERAL (
  SELECT near.code, near.border_m
  FROM (
    SELECT
      areas.code,
      round(1000 * ST_Distance(
        ST_Scale(
          ST_Translate(areas.geom, -scaled.lon, -scaled.lat), scaled.m_lon, scaled.m_lat
        ),
        ST_SetSRID(ST_MakePoint(0, 0), 4326)
      )) / 1000 AS border_m
    FROM areas
    WHERE areas.level = scaled.level
      AND areas.code <> scaled.area_code
      AND areas.since <= scaled.edition
      AND (areas.until IS NULL OR areas.until > scaled.edition)
      -- One millimetre more than the limit: more than rounding to millimetres can move.
      AND areas.geom && ST_Expand(
        scaled.geom,
        (scaled.reach_m + 0.001) / scaled.m_lon,
        (scaled.reach_m + 0.001) / scaled.m_lat
      )
  ) AS near
  WHERE near.border_m <= scaled.reach_m
  ORDER BY near.border_m, near.code
  LIMIT 1
) AS beside ON true
ORDER BY scaled.bounced_at, scaled.case_no, scaled.seq
