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
