"""The columns of a case in files: how each is read from it, by its name."""

from collections.abc import Callable, Mapping

from gridmgmt.domain.cases.case import Case

# In the order of a file for programs, without personal data.
CASE_COLUMNS: Mapping[str, Callable[[Case], object]] = {
    "case_no": lambda case: case.given.case_no,
    "category": lambda case: case.given.category,
    "reported_at": lambda case: case.given.reported_at,
    "due_at": lambda case: case.given.due_at,
    "disposed_at": lambda case: case.given.disposed_at,
    "closed_at": lambda case: case.given.closed_at,
    "channel": lambda case: case.given.channel,
    "status": lambda case: case.status,
    "lon": lambda case: case.location.lon,
    "lat": lambda case: case.location.lat,
    "given_x": lambda case: case.given.x,
    "given_y": lambda case: case.given.y,
    "given_crs": lambda case: case.given_crs,
    "accuracy_m": lambda case: case.given.accuracy_m,
    "edition": lambda case: case.location.edition,
    "level": lambda case: case.location.level,
    "area_code": lambda case: case.location.area_code,
    "candidates": lambda case: ";".join(case.location.candidates),
    "on_boundary": lambda case: case.location.on_boundary,
    "snapped": lambda case: case.location.snapped,
    "distance_m": lambda case: case.location.distance_m,
    "unlocated_reason": lambda case: case.location.unlocated_reason,
    "responder_code": lambda case: case.responder_code,
    "unrouted_reason": lambda case: case.unrouted_reason,
    "marks": lambda case: ";".join(case.marks),
    "due_limit": lambda case: case.given.due_limit,
    "due_provisional": lambda case: case.given.due_provisional,
}
