-- name: known_areas
-- Every area code of the editions that were not withdrawn, and whether the newest has it.
-- out: level, code, standing; one row per (level, code), levels from the topmost down
WITH standing AS (
  SELECT number, number = max(number) OVER () AS newest
  FROM editions
  WHERE withdrawn_at IS NULL
)
SELECT
  a.level,
  a.code,
  bool_or(s.newest) AS standing
FROM areas a
JOIN levels l USING (level)
JOIN standing s ON a.since <= s.number AND (a.until IS NULL OR a.until > s.number)
GROUP BY l.rank, a.level, a.code
ORDER BY l.rank, a.code
