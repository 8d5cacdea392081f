-- name: count_places
-- Count cases by location: inside or snapped, or the reason why they have no area.
-- out: one row per kind of place that occurs, in order of kind
SELECT
  CASE
    WHEN c.unlocated_reason IS NOT NULL THEN c.unlocated_reason
    WHEN c.snapped THEN 'snapped'
    ELSE 'inside'
  END AS place,
  count(*) AS cases,
  count(*) FILTER (WHERE c.on_boundary) AS on_boundary
FROM cases c
GROUP BY 1
ORDER BY 1

-- name: count_by_responder
-- Count cases by responder and status; cases without a responder by reason.
-- out: one row per responder or reason, the most cases first
SELECT
  c.responder_code,
  r.name,
  c.unrouted_reason,
  count(*) AS cases,
  count(*) FILTER (WHERE c.status IN ('triage', 'dispatched')) AS open,
  count(*) FILTER (WHERE c.status = 'disposed') AS disposed,
  count(*) FILTER (WHERE c.status = 'closed') AS closed
FROM cases c
LEFT JOIN responders r ON r.code = c.responder_code
GROUP BY c.responder_code, r.name, c.unrouted_reason
ORDER BY cases DESC, c.responder_code, c.unrouted_reason

-- name: count_compliance
-- Count by area how cases kept their deadlines, as of a fixed instant.
-- The rules are those of indicators/rates.py: a case is done when it was disposed or, if that was
-- not recorded, closed; later events do not count.
-- in:  :as_of timestamptz
-- out: one row per (edition, leaf area code, at_default): whether the cases lie at a default
--      position; unlocated cases under code ''
SELECT
  coalesce(c.edition, 0) AS edition,
  coalesce(c.area_code, '') AS area_code,
  c.marks @> ARRAY['default_position'] AS at_default,
  count(*) AS cases,
  count(*) FILTER (WHERE c.due_at IS NULL) AS without_due,
  count(*) FILTER (WHERE done.at <= c.due_at) AS on_time,
  count(*) FILTER (WHERE done.at > c.due_at) AS late,
  count(*) FILTER (WHERE done.at IS NULL AND c.due_at < CAST(:as_of AS timestamptz)) AS overdue,
  count(*) FILTER (WHERE done.at IS NULL AND c.due_at >= CAST(:as_of AS timestamptz)) AS pending
FROM cases c
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN coalesce(c.disposed_at, c.closed_at) <= CAST(:as_of AS timestamptz)
    THEN coalesce(c.disposed_at, c.closed_at)
  END AS at
) AS done
WHERE c.reported_at <= CAST(:as_of AS timestamptz)
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
