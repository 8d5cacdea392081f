-- name: leaves_within
-- The areas of the deepest level that lie in an area, by edition.
-- Without an edition, the tree of each edition that was not withdrawn decides. With one, its tree
-- decides; of every other edition the leaf areas that share a stored row with it belong to it, so
-- that cases judged by another edition count if the borders have not changed.
-- in:  :level name, :code, :edition number or NULL
-- out: edition, code; ordered by both, no row where no edition has the area
WITH RECURSIVE present AS (
  SELECT
    e.number AS edition,
    l.level,
    lag(l.level) OVER (PARTITION BY e.number ORDER BY l.rank) AS above,
    row_number() OVER (PARTITION BY e.number ORDER BY l.rank DESC) = 1 AS is_leaf
  FROM editions e
  CROSS JOIN levels l
  WHERE e.withdrawn_at IS NULL
    AND EXISTS (
      SELECT FROM areas a
      WHERE a.level = l.level
        AND a.since <= e.number
        AND (a.until IS NULL OR a.until > e.number)
    )
),
inside AS (
  SELECT p.edition, p.level, p.is_leaf, a.code, a.since, a.until
  FROM present p
  JOIN areas a
    ON a.level = p.level
    AND a.since <= p.edition
    AND (a.until IS NULL OR a.until > p.edition)
  WHERE p.level = CAST(:level AS text)
    AND a.code = CAST(:code AS text)
    AND (CAST(:edition AS integer) IS NULL OR p.edition = CAST(:edition AS integer))
  UNION ALL
  SELECT p.edition, p.level, p.is_leaf, a.code, a.since, a.until
  FROM inside i
  JOIN present p
    ON p.edition = i.edition
    AND p.above = i.level
  JOIN areas a
    ON a.level = p.level
    AND a.parent_code = i.code
    AND a.since <= p.edition
    AND (a.until IS NULL OR a.until > p.edition)
)
SELECT p.edition, i.code
FROM inside i
JOIN present p
  ON p.level = i.level
  AND p.is_leaf
  AND i.since <= p.edition
  AND (i.until IS NULL OR i.until > p.edition)
  AND (CAST(:edition AS integer) IS NOT NULL OR p.edition = i.edition)
WHERE i.is_leaf
ORDER BY p.edition, i.code
