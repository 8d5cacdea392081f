-- name: sum_demolitions
-- Sum the demolitions of a period, in the city or in one area by its newest borders.
-- in:  :first :last date, both included; :level :code the area, both NULL: the city
-- out: 1 row: structures, square metres claimed and measured with how many structures state
--      none, and the three counts 起 处 户, which are never made of one another.
--      The table is small: one row per structure, not per case.
SELECT
  count(*) AS structures,
  coalesce(sum(d.claimed_m2), 0) AS claimed_m2,
  count(*) FILTER (WHERE d.claimed_m2 IS NULL) AS without_claimed,
  coalesce(sum(d.measured_m2), 0) AS measured_m2,
  count(*) FILTER (WHERE d.measured_m2 IS NULL) AS without_measured,
  coalesce(sum(d.cases_count), 0) AS cases_count,
  coalesce(sum(d.sites_count), 0) AS sites_count,
  coalesce(sum(d.households_count), 0) AS households_count
FROM demolitions d
WHERE
  d.demolished_on BETWEEN CAST(:first AS date) AND CAST(:last AS date)
  AND (
    CAST(:code AS text) IS NULL
    OR EXISTS (
      SELECT FROM areas a
      WHERE
        a.level = :level
        AND a.code = :code
        AND a.until IS NULL
        AND ST_Covers(a.geom, ST_PointOnSurface(d.geom))
    )
  )

-- name: demolitions_by_area
-- Sum the demolitions of a period by the areas of a level of an edition.
-- in:  :first :last date, both included; :edition number, :level
-- out: code (NULL: in no area of the level), then the sums of sum_demolitions; one row per area
--      with any, by code. A structure counts where a point on its ground lies, on a shared edge
--      for the smallest code.  Small: one row per structure; uses ix__areas__geom.
SELECT
  placed.area_code AS code,
  count(*) AS structures,
  coalesce(sum(placed.claimed_m2), 0) AS claimed_m2,
  count(*) FILTER (WHERE placed.claimed_m2 IS NULL) AS without_claimed,
  coalesce(sum(placed.measured_m2), 0) AS measured_m2,
  count(*) FILTER (WHERE placed.measured_m2 IS NULL) AS without_measured,
  coalesce(sum(placed.cases_count), 0) AS cases_count,
  coalesce(sum(placed.sites_count), 0) AS sites_count,
  coalesce(sum(placed.households_count), 0) AS households_count
FROM (
  SELECT DISTINCT ON (d.code)
    d.*,
    a.code AS area_code
  FROM demolitions d
  LEFT JOIN areas a
    ON a.level = CAST(:level AS text)
    AND a.since <= CAST(:edition AS integer)
    AND (a.until IS NULL OR a.until > CAST(:edition AS integer))
    AND ST_Covers(a.geom, ST_PointOnSurface(d.geom))
  WHERE d.demolished_on BETWEEN CAST(:first AS date) AND CAST(:last AS date)
  ORDER BY d.code, a.code
) AS placed
GROUP BY placed.area_code
ORDER BY placed.area_code
