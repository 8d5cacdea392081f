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
