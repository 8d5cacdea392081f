-- name: used_attribute_values
-- The values that areas have of attributes: those of editions that were not withdrawn, and of drafts
-- that are not published.
-- out: level, name, value (jsonb), rows; one row per value.  One pass over areas and changes.
WITH stated AS (
  SELECT a.level, a.attributes
  FROM areas a
  WHERE a.attributes <> CAST('{}' AS jsonb)
  UNION ALL
  SELECT c.level, c.attributes
  FROM area_changes c
  JOIN drafts d ON d.id = c.draft_id
  WHERE d.edition IS NULL
    AND c.attributes <> CAST('{}' AS jsonb)
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
