"""The rows that route cases as they would be if a draft were published on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.draft_record import RecordKind, dated
from gridmgmt.domain.areas.surroundings import GroupMember
from gridmgmt.domain.responsibility.duty import Duty, DutyTarget
from gridmgmt.geometry.measure import metres_per_degree
from gridmgmt.services.draft_records.kinds import (
    RecordReader,
    RowError,
    standing_with,
)
from gridmgmt.services.judging.router import RoutingRows
from gridmgmt.services.responsibility.duties import statement_of
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.draft_records import read_records


@dataclass(frozen=True, eq=False)
class TrialRows:
    """What routes cases with the rows of a draft, and where they may make a difference.

    ``areas`` are those at which a changed duty or a changed member of a group points, with the
    members of groups at which one points; ``grounds`` are the zones, old and new, and
    ``lines`` the road segments with their largest tolerance in metres, that are changed or have
    a changed duty.
    """

    rows: RoutingRows
    areas: frozenset[AreaKey]
    grounds: GeometryArray
    lines: Sequence[tuple[BaseGeometry, float]]

    @property
    def places(self) -> GeometryArray:
        """Return all ground (lon/lat) on which zones or road segments may change an answer."""
        near = (_around(line, tolerance_m) for line, tolerance_m in self.lines)
        return objects([*self.grounds, *near])


def trial_rows(
    conn: Connection, draft: Draft, areas: Iterable[AreaKey], day: date
) -> TrialRows | None:
    """Return the rows as an edition of a day would have them, None if the draft states none.

    Rows that could not be published are left as they are stored: the check names them.

    Parameters
    ----------
    areas : those of the draft
    """
    records = sorted(read_records(conn, draft.id).values(), key=lambda one: one.edit)
    if not records:
        return None
    stored = RoutingRows.stored(conn)
    standing = standing_with(known_areas(conn).with_standing(areas), records)
    after: dict[RecordKind, dict[Any, Any]] = {}
    for kind in {one.kind for one in records}:
        reader = RecordReader(conn, kind, standing)
        for record in (one for one in records if one.kind is kind):
            try:
                row = reader.read(dated(record.after, day)).record
            except RowError:
                continue
            after.setdefault(kind, {})[reader.known.importable.key(row)] = row
    return _trial(stored, after)


def _around(line: BaseGeometry, reach_m: float) -> BaseGeometry:
    """Return at least the ground within metres of a line in lon/lat."""
    south, north = line.bounds[1::2]
    m_lon, _ = metres_per_degree([min(max(abs(south), abs(north)) + 1, 89.0)])
    # A circle of few sides is drawn inside the true one.
    return line.buffer(1.05 * reach_m / float(m_lon[0]))


_Rows = dict[RecordKind, dict[Any, Any]]


def _trial(stored: RoutingRows, after: _Rows) -> TrialRows:
    duties = list(after.get(RecordKind.DUTY, {}).values())
    members = [one.member for one in after.get(RecordKind.GROUP_MEMBER, {}).values()]
    rows = replace(
        stored,
        duties=_with_duties(stored.duties, duties),
        members=_with_members(stored.members, members),
    )
    for kind in (RecordKind.ZONE, RecordKind.ROAD_SEGMENT):
        shaped = after.get(kind, {})
        if shaped:
            rows = _with_shapes(rows, kind, shaped)
    # Where a duty points is part of what it states: changed, it points there still.
    groups = {one.target_code for one in duties if one.target is DutyTarget.GROUP}
    every = [*stored.members, *rows.members]
    areas = {(one.level or "", one.target_code) for one in duties if _is_area(one)}
    areas |= {(one.level, one.area_code) for one in every if one.group_code in groups}
    areas |= {(one.level, one.area_code) for one in members}
    zones = {one.target_code for one in duties if one.target is DutyTarget.ZONE}
    zones |= set(after.get(RecordKind.ZONE, {}))
    roads = {one.target_code for one in duties if one.target is DutyTarget.ROAD_SEGMENT}
    roads |= set(after.get(RecordKind.ROAD_SEGMENT, {}))
    return TrialRows(
        rows,
        frozenset(areas),
        objects(
            shape
            for side in (stored, rows)
            for zone, shape in zip(side.zones, side.outlines, strict=True)
            if zone.code in zones
        ),
        [
            (line, segment.tolerance_m)
            for side in (stored, rows)
            for segment, line in zip(side.segments, side.lines, strict=True)
            if segment.code in roads
        ],
    )


def _is_area(duty: Duty) -> bool:
    return duty.target is DutyTarget.AREA


def _with_duties(stored: Sequence[Duty], stated: Sequence[Duty]) -> list[Duty]:
    """Return duties with the numbers they have; new ones count on."""
    found = {statement_of(one): one for one in stored}
    last = max((one.id for one in stored), default=0)
    for duty in stated:
        known = found.get(statement_of(duty))
        if known is None:
            last += 1
        found[statement_of(duty)] = replace(duty, id=last if known is None else known.id)
    return list(found.values())


def _with_members(
    stored: Sequence[GroupMember], stated: Sequence[GroupMember]
) -> list[GroupMember]:
    found = {replace(one, valid_to=None): one for one in (*stored, *stated)}
    return list(found.values())


def _with_shapes(rows: RoutingRows, kind: RecordKind, stated: dict[Any, Any]) -> RoutingRows:
    is_zone = kind is RecordKind.ZONE
    records: Sequence[Any] = rows.zones if is_zone else rows.segments
    geoms = rows.outlines if is_zone else rows.lines
    found = {one.code: (one, geom) for one, geom in zip(records, geoms, strict=True)}
    found |= {code: (shaped.record, shaped.geom) for code, shaped in stated.items()}
    ordered = [found[code] for code in sorted(found)]
    some: list[Any] = [record for record, _ in ordered]
    shapes = objects(geom for _, geom in ordered)
    if is_zone:
        return replace(rows, zones=some, outlines=shapes)
    return replace(rows, segments=some, lines=shapes)
