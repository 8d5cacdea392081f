"""The operations on rows other than areas, each as what it is given and what it does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import shapely
from shapely.geometry import shape as shape_of

from gridmgmt.domain.areas.draft_record import GEOMETRY, RecordKind
from gridmgmt.geometry.measure import on_grid
from gridmgmt.sentence import Sentence
from gridmgmt.services.draft_records.draft_rows import DraftRows, RecordEdited
from gridmgmt.services.draft_records.kinds import RowError

# A geometry as GeoJSON has it, in degrees.
GeoJson = Mapping[str, Any]


@dataclass(frozen=True)
class RecordOperation(ABC):
    """Something that can be done to a row; ``op`` is its name in files.

    ``of`` is the kind of the row, None where the edit that stated it decides.
    """

    op: ClassVar[str]
    of: ClassVar[RecordKind | None] = None

    @abstractmethod
    def applied(self, rows: DraftRows, edit: int) -> RecordEdited:
        """Return what it changes as the edit with this number.

        Raises
        ------
        RowError
            with everything that is wrong with it
        """


@dataclass(frozen=True)
class _SetRecord(RecordOperation):
    def applied(self, rows: DraftRows, edit: int) -> RecordEdited:
        """Return what it changes."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        cells = {name: _text(value) for name, value in given.items() if value is not None}
        assert self.of is not None
        return rows.set(self.of, cells, edit)


@dataclass(frozen=True)
class SetDuty(_SetRecord):
    """State a duty, by the columns of its file.

    Without `valid_from` it begins on the day on which the edition takes effect. A duty that is
    the same but for its last day is prolonged or shortened; any other is a new one.
    """

    op: ClassVar[str] = "set_duty"
    of: ClassVar[RecordKind | None] = RecordKind.DUTY
    responder_code: str
    role: str
    target: str
    target_code: str
    categories: str
    level: str | None = None
    hours: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    letter_no: str | None = None


@dataclass(frozen=True)
class EndDuty(RecordOperation):
    """End the duty with a number, before the edition takes effect or after a last day."""

    op: ClassVar[str] = "end_duty"
    of: ClassVar[RecordKind | None] = RecordKind.DUTY
    duty: int
    valid_to: str | None = None

    def applied(self, rows: DraftRows, edit: int) -> RecordEdited:
        """Return what it changes."""
        return rows.end_duty(self.duty, self.valid_to, edit)


@dataclass(frozen=True)
class SetZone(_SetRecord):
    """State a zone, by the columns of its file; of a known one what is not given stays.

    `geometry` is a Polygon or MultiPolygon. Without `valid_from` a new zone begins on the day
    on which the edition takes effect.
    """

    op: ClassVar[str] = "set_zone"
    of: ClassVar[RecordKind | None] = RecordKind.ZONE
    code: str
    name: str | None = None
    kind: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    categories: str | None = None
    geometry: GeoJson | None = None


@dataclass(frozen=True)
class EndZone(RecordOperation):
    """End a zone, before the edition takes effect or after a last day."""

    op: ClassVar[str] = "end_zone"
    of: ClassVar[RecordKind | None] = RecordKind.ZONE
    code: str
    valid_to: str | None = None

    def applied(self, rows: DraftRows, edit: int) -> RecordEdited:
        """Return what it changes."""
        return rows.end(RecordKind.ZONE, {"code": self.code}, self.valid_to, edit)


@dataclass(frozen=True)
class SetGroupMember(_SetRecord):
    """Put an area into a group, by the columns of its file; a new group needs kind and name.

    Without `valid_from` it begins on the day on which the edition takes effect.
    """

    op: ClassVar[str] = "set_group_member"
    of: ClassVar[RecordKind | None] = RecordKind.GROUP_MEMBER
    group_code: str
    area_code: str
    level: str | None = None
    kind: str | None = None
    name: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True)
class EndGroupMember(RecordOperation):
    """Take an area out of a group, before the edition takes effect or after a last day."""

    op: ClassVar[str] = "end_group_member"
    of: ClassVar[RecordKind | None] = RecordKind.GROUP_MEMBER
    group_code: str
    area_code: str
    level: str | None = None
    valid_to: str | None = None

    def applied(self, rows: DraftRows, edit: int) -> RecordEdited:
        """Return what it changes."""
        wanted: dict[str, str | None] = {
            "group_code": self.group_code,
            "area_code": self.area_code,
        }
        if self.level is not None:
            wanted["level"] = self.level
        return rows.end(RecordKind.GROUP_MEMBER, wanted, self.valid_to, edit)


@dataclass(frozen=True)
class SetRoadSegment(_SetRecord):
    """State a road segment, by the columns of its file; of a known one what is not given stays.

    `geometry` is a LineString or MultiLineString, `tolerance_m` metres to each side.
    """

    op: ClassVar[str] = "set_road_segment"
    of: ClassVar[RecordKind | None] = RecordKind.ROAD_SEGMENT
    code: str
    name: str | None = None
    tolerance_m: float | None = None
    geometry: GeoJson | None = None


@dataclass(frozen=True)
class TakeBackRecord(RecordOperation):
    """Let the row that an edit stated be as it is stored; `draft show` has the numbers."""

    op: ClassVar[str] = "take_back_record"
    edit: int

    def applied(self, rows: DraftRows, edit: int) -> RecordEdited:
        """Return what it changes."""
        return rows.take_back(self.edit)


@dataclass(frozen=True)
class KeepRecord(RecordOperation):
    """Let the row that an edit stated stand against what was stored outside the draft since."""

    op: ClassVar[str] = "keep_record"
    edit: int

    def applied(self, rows: DraftRows, edit: int) -> RecordEdited:
        """Return what it changes."""
        return rows.keep(self.edit, edit)


RECORD_OPERATIONS: dict[str, type[RecordOperation]] = {
    one.op: one
    for one in (
        SetDuty,
        EndDuty,
        SetZone,
        EndZone,
        SetGroupMember,
        EndGroupMember,
        SetRoadSegment,
        TakeBackRecord,
        KeepRecord,
    )
}


def _text(value: Any) -> str:
    """Return a given value as a file has it; a geometry as WKB on the storage grid.

    Raises
    ------
    RowError
        when it is no geometry in degrees
    """
    if not isinstance(value, Mapping):
        return str(value)
    try:
        found = on_grid([shape_of(dict(value))])[0]
        west, south, east, north = shapely.bounds(found)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.GEOSException):
        raise RowError(Sentence("{}: this is no geometry in GeoJSON", GEOMETRY)) from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise RowError(Sentence("{}: not in degrees of longitude and latitude", GEOMETRY))
    return str(shapely.to_wkb(found, hex=True))
