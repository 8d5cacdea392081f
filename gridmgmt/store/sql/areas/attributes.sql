-- name: used_attribute_values
-- The values that areas have of attributes: those of editions that were not withdrawn, and of drafts
-- that are not published.
-- out: level, name, value (jsonb), rows; one row per value.  One pass over both tables.
WITH stated AS (
  SELECT a.level, a.attributes
  FROM areas a
  WHERE a.attributes <> CAST('{}' AS jsonb)
  UNION ALL
  SELECT c.level, c.attributes
  FROM area_changes c
  WHERE c.attributes <> CAST('{}' AS jsonb)
)
SELECT
  s.level,
  each.name,
  each.value,
  count(*) AS rows
FROM stated s
CROSS JOIN LATERAL jsonb_each(s.attributes) AS each (name, value)
GROUP BY s.level, each.name, each.value
ORDER BY s.level, each.name, each.value
