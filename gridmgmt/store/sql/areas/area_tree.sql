-- name: area_tree
-- A page of the areas of an edition, without their outlines, and how many lie directly in each.
-- in:  :edition number; :top_level, :top_code: only that area and what is under it, or NULL;
--      :level or NULL; :parent_level, :parent_code: only what lies directly in it, or NULL;
--      :words: only those with this in code or name, in whatever case, or NULL;
--      :after_rank, :after_code: only what follows, or NULL; :most rows
-- out: level, rank, code, name, parent_code, area_m2 (square metres), children; at most :most
--      rows, levels from the topmost down, codes by code point.  One pass over the edition's rows.
WITH RECURSIVE standing AS MATERIALIZED (
  SELECT
    a.level,
    l.rank,
    dense_rank() OVER (ORDER BY l.rank) AS depth,
    a.code,
    a.name,
    a.parent_code,
    a.area_m2
  FROM areas a
  JOIN levels l USING (level)
  WHERE a.since <= :edition
    AND (a.until IS NULL OR a.until > :edition)
),
within AS (
  SELECT s.depth, s.code
  FROM standing s
  WHERE s.level = CAST(:top_level AS text)
    AND s.code = CAST(:top_code AS text)
  UNION ALL
  SELECT s.depth, s.code
  FROM within w
  JOIN standing s ON s.depth = w.depth + 1 AND s.parent_code = w.code
),
above AS (
  SELECT DISTINCT s.depth
  FROM standing s
  WHERE s.level = CAST(:parent_level AS text)
),
chosen AS (
  SELECT s.*
  FROM standing s
  WHERE (CAST(:top_level AS text) IS NULL OR (s.depth, s.code) IN (SELECT depth, code FROM within))
    AND (CAST(:level AS text) IS NULL OR s.level = CAST(:level AS text))
    AND (
      CAST(:parent_level AS text) IS NULL
      OR (s.parent_code = CAST(:parent_code AS text) AND s.depth = (SELECT depth FROM above) + 1)
    )
    AND (
      CAST(:words AS text) IS NULL
      OR strpos(lower(s.code), lower(CAST(:words AS text))) > 0
      OR strpos(lower(s.name), lower(CAST(:words AS text))) > 0
    )
    AND (
      CAST(:after_rank AS integer) IS NULL
      OR s.rank > CAST(:after_rank AS integer)
      OR (s.rank = CAST(:after_rank AS integer) AND s.code > CAST(:after_code AS text) COLLATE "C")
    )
  ORDER BY s.rank, s.code
  LIMIT CAST(:most AS integer)
)
SELECT
  c.level,
  c.rank,
  c.code,
  c.name,
  c.parent_code,
  c.area_m2,
  count(s.code) AS children
FROM chosen c
LEFT JOIN standing s ON s.depth = c.depth + 1 AND s.parent_code = c.code
GROUP BY c.level, c.rank, c.code, c.name, c.parent_code, c.area_m2
ORDER BY c.rank, c.code

-- name: area_tree_counts
-- Count and measure the areas of each level in an edition, in one area or in the whole city.
-- in:  :edition number; :top_level, :top_code: only that area and what is under it, or NULL
-- out: level, areas, area_m2 (square metres, sum); one row per level that has any, from the
--      topmost down.  One pass over the edition's rows.
WITH RECURSIVE standing AS MATERIALIZED (
  SELECT
    a.level,
    dense_rank() OVER (ORDER BY l.rank) AS depth,
    a.code,
    a.parent_code,
    a.area_m2
  FROM areas a
  JOIN levels l USING (level)
  WHERE a.since <= :edition
    AND (a.until IS NULL OR a.until > :edition)
),
within AS (
  SELECT s.depth, s.code
  FROM standing s
  WHERE s.level = CAST(:top_level AS text)
    AND s.code = CAST(:top_code AS text)
  UNION ALL
  SELECT s.depth, s.code
  FROM within w
  JOIN standing s ON s.depth = w.depth + 1 AND s.parent_code = w.code
)
SELECT
  s.level,
  count(*) AS areas,
  sum(s.area_m2) AS area_m2
FROM standing s
WHERE CAST(:top_level AS text) IS NULL
  OR (s.depth, s.code) IN (SELECT depth, code FROM within)
GROUP BY s.level, s.depth
ORDER BY s.depth

-- name: area_chain
-- An area of an edition and the areas it lies in, the area itself first.
-- in:  :edition number, :level, :code
-- out: level, code, name; no row when the edition has no such area.
--      Which levels there are takes one pass over the edition's rows.
WITH RECURSIVE present AS (
  SELECT l.level, row_number() OVER (ORDER BY l.rank) AS depth
  FROM levels l
  WHERE EXISTS (
    SELECT FROM areas a
    WHERE a.level = l.level
      AND a.since <= :edition
      AND (a.until IS NULL OR a.until > :edition)
  )
),
chain AS (
  SELECT p.depth, a.level, a.code, a.name, a.parent_code
  FROM areas a
  JOIN present p USING (level)
  WHERE a.level = :level
    AND a.code = :code
    AND a.since <= :edition
    AND (a.until IS NULL OR a.until > :edition)
  UNION ALL
  SELECT p.depth, a.level, a.code, a.name, a.parent_code
  FROM chain c
  JOIN present p ON p.depth = c.depth - 1
  JOIN areas a
    ON a.level = p.level
    AND a.code = c.parent_code
    AND a.since <= :edition
    AND (a.until IS NULL OR a.until > :edition)
)
SELECT level, code, name
FROM chain
ORDER BY depth DESC

-- name: area_neighbours
-- The areas of the same level that an area borders on; tiny gaps are ignored.
-- in:  :edition number, :level, :code, :reach_deg degrees
-- out: level, code, name, parent_code, attributes, geom as WKB; codes by code point.
--      Uses ix__areas__geom.
SELECT
  n.level,
  n.code,
  n.name,
  n.parent_code,
  n.attributes,
  ST_AsBinary(n.geom) AS geom
FROM areas a
JOIN areas n
  ON n.level = a.level
  AND n.code <> a.code
  AND n.since <= :edition
  AND (n.until IS NULL OR n.until > :edition)
  AND ST_DWithin(n.geom, a.geom, :reach_deg)
WHERE a.level = :level
  AND a.code = :code
  AND a.since <= :edition
  AND (a.until IS NULL OR a.until > :edition)
ORDER BY n.code

-- name: area_shapes
-- Some areas of a level of an edition, with their outlines.
-- in:  :edition number, :level, :codes array
-- out: level, code, name, parent_code, attributes, geom as WKB; codes by code point.
--      Uses ix__areas__code.
SELECT
  a.level,
  a.code,
  a.name,
  a.parent_code,
  a.attributes,
  ST_AsBinary(a.geom) AS geom
FROM areas a
WHERE a.level = :level
  AND a.code = ANY (CAST(:codes AS text[]))
  AND a.since <= :edition
  AND (a.until IS NULL OR a.until > :edition)
ORDER BY a.code

-- name: ended_areas
-- Every version of some areas of a level that had ended by an edition, with its outline.
-- in:  :edition number, :level, :codes array
-- out: code, name, parent_code, attributes, geom as WKB; codes by code point, the oldest version first.
--      Uses ix__areas__code.
SELECT
  a.code,
  a.name,
  a.parent_code,
  a.attributes,
  ST_AsBinary(a.geom) AS geom
FROM areas a
WHERE a.level = :level
  AND a.code = ANY (CAST(:codes AS text[]))
  AND a.until <= :edition
ORDER BY a.code, a.since

-- name: area_versions
-- Every version an area ever had in a standing edition, with its outline.
-- in:  :level, :code
-- out: name, parent_code, area_m2 (square metres), since, until (edition numbers), attributes, geom
--      as WKB; one row per version, the oldest first.  Uses ix__areas__code.
SELECT
  a.name,
  a.parent_code,
  a.area_m2,
  a.since,
  a.until,
  a.attributes,
  ST_AsBinary(a.geom) AS geom
FROM areas a
WHERE a.level = :level
  AND a.code = :code
ORDER BY a.since

-- name: areas_meant
-- Areas of an edition that somebody may mean by what they type, the likeliest first: those with
-- this code or name, those whose code ends the text, those whose code or name begins with it,
-- then levels from the topmost down.
-- in:  :edition number; :text lower case; :words text[] lower case, each of which is in the
--      code, the name or the name of the area above; :most rows
-- out: level, code, name, parent_name or NULL, by_words (false: only its code ends the text);
--      at most :most rows.  One pass over the edition's rows.
WITH standing AS MATERIALIZED (
  SELECT
    a.level,
    l.rank,
    dense_rank() OVER (ORDER BY l.rank) AS depth,
    a.code,
    a.name,
    a.parent_code
  FROM areas a
  JOIN levels l USING (level)
  WHERE a.since <= :edition
    AND (a.until IS NULL OR a.until > :edition)
),
judged AS (
  SELECT
    s.level,
    s.rank,
    s.code,
    s.name,
    p.name AS parent_name,
    right(CAST(:text AS text), length(s.code)) = lower(s.code) AS ends_text,
    NOT EXISTS (
      SELECT
      FROM unnest(CAST(:words AS text[])) AS w (word)
      WHERE strpos(lower(s.code), w.word) = 0
        AND strpos(lower(s.name), w.word) = 0
        AND strpos(lower(coalesce(p.name, '')), w.word) = 0
    ) AS by_words
  FROM standing s
  LEFT JOIN standing p ON p.depth = s.depth - 1 AND p.code = s.parent_code
)
SELECT
  j.level,
  j.code,
  j.name,
  j.parent_name,
  j.by_words
FROM judged j
WHERE j.by_words OR j.ends_text
ORDER BY
  lower(j.code) = CAST(:text AS text) OR lower(j.name) = CAST(:text AS text) DESC,
  j.ends_text DESC,
  starts_with(lower(j.code), CAST(:text AS text)) OR starts_with(lower(j.name), CAST(:text AS text)) DESC,
  j.rank,
  j.code
LIMIT CAST(:most AS integer)
