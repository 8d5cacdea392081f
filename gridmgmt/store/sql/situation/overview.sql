-- name: done_by_day
-- Count the cases disposed of and closed on each day of a period, whenever reported. As in the
-- rates, the day of closing counts as the day of disposal if that was not recorded.
-- in:  :since :until timestamptz, the first instant of the period and the first one after it
--      :tz name of the bureau's time zone
--      :editions integer[] and :codes text[], the leaf areas in sight; both NULL: all cases
-- out: one row per day on which either happened, in order of day.
-- Uses ix__cases__done_at and ix__cases__closed_at.
WITH done AS (
  SELECT
    coalesce(c.disposed_at, c.closed_at, 'infinity') AS at,
    1 AS disposed,
    0 AS closed,
    c.edition,
    c.area_code
  FROM cases c
  WHERE
    coalesce(c.disposed_at, c.closed_at, 'infinity') >= CAST(:since AS timestamptz)
    AND coalesce(c.disposed_at, c.closed_at, 'infinity') < CAST(:until AS timestamptz)
  UNION ALL
  SELECT c.closed_at AS at, 0 AS disposed, 1 AS closed, c.edition, c.area_code
  FROM cases c
  WHERE
    c.closed_at >= CAST(:since AS timestamptz)
    AND c.closed_at < CAST(:until AS timestamptz)
)
SELECT
  CAST(timezone(CAST(:tz AS text), done.at) AS date) AS day,
  sum(done.disposed) AS disposed,
  sum(done.closed) AS closed
FROM done
WHERE
  CAST(:codes AS text[]) IS NULL
  OR (done.edition, done.area_code) IN (
    SELECT s.edition, s.code
    FROM unnest(CAST(:editions AS integer[]), CAST(:codes AS text[])) AS s (edition, code)
  )
GROUP BY 1
ORDER BY 1

-- name: overdue_by_age
-- Count the open cases (neither disposed of nor closed) past their deadline at an instant, by age;
-- a day is 24 hours, the difference of instants.
-- in:  :as_of timestamptz
--      :editions integer[] and :codes text[], the leaf areas in sight; both NULL: all cases
-- out: 1 row; each age begins where the one before ends.  Uses ix__cases__done_at.
SELECT
  count(*) FILTER (WHERE late.by < interval '1 day') AS under_a_day,
  count(*) FILTER (WHERE late.by >= interval '1 day' AND late.by < interval '3 days')
    AS one_to_three_days,
  count(*) FILTER (WHERE late.by >= interval '3 days' AND late.by < interval '7 days')
    AS three_to_seven_days,
  count(*) FILTER (WHERE late.by >= interval '7 days') AS over_a_week
FROM cases c
CROSS JOIN LATERAL (SELECT CAST(:as_of AS timestamptz) - c.due_at AS by) AS late
WHERE
  coalesce(c.disposed_at, c.closed_at, 'infinity') > CAST(:as_of AS timestamptz)
  AND c.due_at < CAST(:as_of AS timestamptz)
  AND (
    CAST(:codes AS text[]) IS NULL
    OR (c.edition, c.area_code) IN (
      SELECT s.edition, s.code
      FROM unnest(CAST(:editions AS integer[]), CAST(:codes AS text[])) AS s (edition, code)
    )
  )

-- name: waiting_by_reason
-- Count the cases that wait for a person to route them, by reason.
-- in:  :editions integer[] and :codes text[], the leaf areas in sight; both NULL: all cases
-- out: one row per reason that occurs, in its order.  Uses ix__cases__status_reported_at_case_no.
SELECT
  c.unrouted_reason,
  count(*) AS cases
FROM cases c
WHERE
  c.status = 'triage'
  AND (
    CAST(:codes AS text[]) IS NULL
    OR (c.edition, c.area_code) IN (
      SELECT s.edition, s.code
      FROM unnest(CAST(:editions AS integer[]), CAST(:codes AS text[])) AS s (edition, code)
    )
  )
GROUP BY c.unrouted_reason
ORDER BY c.unrouted_reason

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
