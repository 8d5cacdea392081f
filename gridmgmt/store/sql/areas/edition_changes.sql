-- name: edition_changes
-- A page of the areas of a level that differ between two editions.
-- in:  :first, :second edition numbers; :level; :action add, alter or drop, or NULL; :codes array:
--      only these, or NULL; :words: only those with this in code or name, in whatever case, or
--      NULL; :after code: only what follows, or NULL; :most rows
-- out: code, action, old_name, new_name, old_parent, new_parent, old_attributes, new_attributes,
--      old_m2, new_m2 (square metres), redrawn; at most :most rows, codes by code point.  One pass over the rows of the level.
WITH before AS (
  SELECT *
  FROM areas a
  WHERE a.level = :level
    AND a.since <= :first
    AND (a.until IS NULL OR a.until > :first)
),
after AS (
  SELECT *
  FROM areas a
  WHERE a.level = :level
    AND a.since <= :second
    AND (a.until IS NULL OR a.until > :second)
),
changed AS (
  SELECT
    code,
    CASE WHEN o.id IS NULL THEN 'add' WHEN n.id IS NULL THEN 'drop' ELSE 'alter' END AS action,
    o.name AS old_name,
    n.name AS new_name,
    o.parent_code AS old_parent,
    n.parent_code AS new_parent,
    o.attributes AS old_attributes,
    n.attributes AS new_attributes,
    o.area_m2 AS old_m2,
    n.area_m2 AS new_m2,
    o.geom AS old_geom,
    n.geom AS new_geom
  FROM before o
  FULL JOIN after n USING (code)
  WHERE o.id IS DISTINCT FROM n.id
    AND (CAST(:codes AS text[]) IS NULL OR code = ANY (CAST(:codes AS text[])))
    AND (CAST(:after AS text) IS NULL OR code > CAST(:after AS text) COLLATE "C")
    AND (
      CAST(:words AS text) IS NULL
      OR strpos(lower(concat_ws(' ', code, o.name, n.name)), lower(CAST(:words AS text))) > 0
    )
),
differing AS (
  SELECT
    *,
    action = 'alter'
      AND ST_AsBinary(ST_Normalize(old_geom)) <> ST_AsBinary(ST_Normalize(new_geom)) AS redrawn
  FROM changed
)
-- A version that a later edition restored is a row of its own, but not a difference.
SELECT
  code,
  action,
  old_name,
  new_name,
  old_parent,
  new_parent,
  old_attributes,
  new_attributes,
  old_m2,
  new_m2,
  redrawn
FROM differing
WHERE (action <> 'alter' OR redrawn OR old_name <> new_name
    OR old_parent IS DISTINCT FROM new_parent OR old_attributes <> new_attributes)
  AND (CAST(:action AS text) IS NULL OR action = CAST(:action AS text))
ORDER BY code
LIMIT CAST(:most AS integer)

-- name: edition_change_counts
-- Count the areas that differ between two editions.
-- in:  :first, :second edition numbers; :levels, :codes arrays of equal length: only these, or NULL
-- out: level, added, dropped, altered, redrawn; one row per level that differs, from the topmost
--      down.  One pass over the rows of both editions.
WITH before AS (
  SELECT *
  FROM areas a
  WHERE a.since <= :first
    AND (a.until IS NULL OR a.until > :first)
),
after AS (
  SELECT *
  FROM areas a
  WHERE a.since <= :second
    AND (a.until IS NULL OR a.until > :second)
),
changed AS (
  SELECT
    level,
    o.id IS NULL AS added,
    n.id IS NULL AS dropped,
    o.name <> n.name OR o.parent_code IS DISTINCT FROM n.parent_code
      OR o.attributes <> n.attributes AS restated,
    o.id IS NOT NULL AND n.id IS NOT NULL
      AND ST_AsBinary(ST_Normalize(o.geom)) <> ST_AsBinary(ST_Normalize(n.geom)) AS redrawn
  FROM before o
  FULL JOIN after n USING (level, code)
  WHERE o.id IS DISTINCT FROM n.id
    AND (
      CAST(:codes AS text[]) IS NULL
      OR (level, code) IN (
        SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:codes AS text[]))
      )
    )
)
SELECT
  c.level,
  count(*) FILTER (WHERE c.added) AS added,
  count(*) FILTER (WHERE c.dropped) AS dropped,
  count(*) FILTER (WHERE NOT c.added AND NOT c.dropped AND (c.restated OR c.redrawn)) AS altered,
  count(*) FILTER (WHERE c.redrawn) AS redrawn
FROM changed c
JOIN levels l USING (level)
WHERE c.added OR c.dropped OR c.restated OR c.redrawn
GROUP BY c.level, l.rank
ORDER BY l.rank

-- name: areas_meeting
-- The areas of an edition whose box meets that of some areas of another, same level.
-- in:  :edition number to look in; :other edition number that has the :codes array; :level
-- out: level, code, name, parent_code, attributes, geom as WKB; codes by code point.  Uses ix__areas__geom.
SELECT DISTINCT ON (n.code)
  n.level,
  n.code,
  n.name,
  n.parent_code,
  n.attributes,
  ST_AsBinary(n.geom) AS geom
FROM areas o
JOIN areas n
  ON n.level = o.level
  AND n.since <= :edition
  AND (n.until IS NULL OR n.until > :edition)
  AND n.geom && o.geom
WHERE o.level = :level
  AND o.code = ANY (CAST(:codes AS text[]))
  AND o.since <= :other
  AND (o.until IS NULL OR o.until > :other)
ORDER BY n.code

-- name: areas_only_in
-- The areas of an edition that another does not have in the same stored row: with those that only
-- the other has, all that differs between the two.
-- in:  :edition and :other numbers; 0 has no areas
-- out: level, code, name, parent_code, attributes, geom as WKB; levels from the topmost down, codes by code
--      point.  One pass over the rows, without the outlines of all others.
SELECT
  a.level,
  a.code,
  a.name,
  a.parent_code,
  a.attributes,
  ST_AsBinary(a.geom) AS geom
FROM areas a
JOIN levels l USING (level)
WHERE a.since <= :edition
  AND (a.until IS NULL OR a.until > :edition)
  AND (a.since > :other OR a.until <= :other)
ORDER BY l.rank, a.code
