"""How the rows of a noun are checked and stored, the same for files and for drafts."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft_record import GEOMETRY, Row
from gridmgmt.domain.areas.known_areas import KnownAreas
from gridmgmt.domain.responsibility.duty import DutyTarget
from gridmgmt.services.record_imports.rows import Changes, Importable
from gridmgmt.services.record_imports.shaped_records import Shaped

T = TypeVar("T")


def _as_it_is(record: Any) -> tuple[Any, list[str]]:
    return record, []


def _as_given(given: Row, rows: Iterable[Row]) -> Row:
    return given


def _nothing(stated: Mapping[Any, Any], stored: Mapping[Any, Any]) -> list[tuple[Any, str]]:
    return []


@dataclass(frozen=True)
class Nameable:
    """What rows may name beside what is stored: the areas, and places about to be stored."""

    areas: KnownAreas
    places: Mapping[DutyTarget, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Known(Generic[T]):
    """The rows of a noun held against what is stored.

    ``importable`` has all rules. ``complete`` returns a record with what follows from others,
    and notes on what may not be meant, or raises ValueError. ``together`` lists what is wrong
    with some records, by key, that each alone are right.

    Parameters
    ----------
    together : of records by key, and of the stored ones
    """

    importable: Importable[T]
    complete: Callable[[T], tuple[T, Sequence[str]]] = _as_it_is
    together: Callable[[Mapping[Any, T], Mapping[Any, T]], Iterable[tuple[Hashable, str]]] = (
        _nothing
    )


@dataclass(frozen=True)
class RecordStore(Generic[T]):
    """A noun that files and drafts may change.

    ``key_columns`` are the columns that identify a row, ``is_dated`` whether its first day is
    one of them: then a row of another day is another row, and what was before stays. Without
    it a row that is stored takes the place of the one before, for all days.

    ``known`` reads what rows are held against, some of which is given, since what a draft has
    may not be published yet. ``stored`` reads all records by key, ``put`` stores changes,
    ``remove`` deletes records that nothing can have used yet. ``filled`` returns a row of a
    draft with what others of its kind say of it.
    """

    key_columns: tuple[str, ...]
    is_dated: bool
    known: Callable[[Connection, Nameable], Known[T]]
    stored: Callable[[Connection], dict[Any, T]]
    put: Callable[[Connection, Changes[T]], None]
    remove: Callable[[Connection, Sequence[T]], None]
    # How values are written that are not written as themselves.
    writing: Mapping[str, Callable[[Any], str]]
    filled: Callable[[Row, Iterable[Row]], Row] = _as_given

    def cells(self, importable: Importable[T], record: T) -> dict[str, str | None]:
        """Return a record as text by column, as a file has it, and its geometry."""
        plain: Any = record.record if isinstance(record, Shaped) else record
        found = {
            one.name: self._text(one.name, getattr(plain, one.name))
            for one in importable.columns
        }
        if isinstance(record, Shaped):
            found[GEOMETRY] = shapely.to_wkb(record.geom, hex=True)
        return found

    def _text(self, name: str, value: Any) -> str | None:
        if name in self.writing:
            return self.writing[name](value)
        if isinstance(value, date):
            return value.isoformat()
        return None if value is None else str(value)
