-- name: leaf_levels
-- The deepest level of every edition that was not withdrawn, the level on which cases are located.
-- out: edition, level; one row per edition with areas, by edition.  One pass over the rows of areas.
SELECT DISTINCT ON (e.number)
  e.number AS edition,
  l.level
FROM (SELECT DISTINCT level, since, until FROM areas) AS there
JOIN editions e
  ON e.number >= there.since
  AND (there.until IS NULL OR e.number < there.until)
JOIN levels l ON l.level = there.level
WHERE e.withdrawn_at IS NULL
ORDER BY e.number, l.rank DESC

-- name: area_spans
-- For which editions the rows of some areas are in force.
-- in:  :editions integer[], :levels and :codes text[], arrays of equal length: areas of editions
-- out: edition, level, code, since, until (first edition no more, NULL = none yet); a row for
--      each that the edition has.  Uses ix__areas__code.
SELECT
  asked.edition,
  asked.level,
  asked.code,
  a.since,
  a.until
FROM unnest(
  CAST(:editions AS integer[]), CAST(:levels AS text[]), CAST(:codes AS text[])
) AS asked (edition, level, code)
JOIN areas a
  ON a.level = asked.level
  AND a.code = asked.code
  AND int4range(a.since, a.until) @> asked.edition

-- name: cases_without_leaf
-- Located cases whose area is not in force in an edition, or not on its deepest level, and of which
-- nobody has stored yet where they lie in it.
-- in:  :edition number, :leaf_level its deepest level
-- out: case_no, lon, lat degrees (NULL: no position), in no order.
--      Uses ix__cases__edition_area_code for the areas that are not in force.
SELECT
  c.case_no,
  ST_X(c.geom) AS lon,
  ST_Y(c.geom) AS lat
FROM areas a
JOIN editions e
  ON e.number >= a.since
  AND (a.until IS NULL OR e.number < a.until)
JOIN cases c
  ON c.edition = e.number
  AND c.area_code = a.code
  AND c.level = a.level
WHERE NOT (
    a.level = CAST(:leaf_level AS text)
    AND a.since <= CAST(:edition AS integer)
    AND (a.until IS NULL OR a.until > CAST(:edition AS integer))
  )
  AND NOT EXISTS (
    SELECT FROM case_leaves k
    WHERE k.case_no = c.case_no
      AND k.edition = CAST(:edition AS integer)
  )
