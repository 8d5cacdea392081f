"""The columns of an export of cases for people: names beside codes, words for values."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import PERSONAL_FIELDS, Case, CaseLocation, UnroutedReason
from gridmgmt.domain.cases.deadline import standing
from gridmgmt.domain.headings import HEADINGS, Language
from gridmgmt.domain.local_time import written_on_clock
from gridmgmt.domain.value_words import in_words, no_disposer
from gridmgmt.services.cases.case_columns import CASE_COLUMNS
from gridmgmt.services.cases.duty_sources import duty_sources
from gridmgmt.services.cases.export_options import CaseExport
from gridmgmt.services.judging.code_names import CodeNames

_FIRST = (
    *("case_no", "status", "reported_at", "channel", "category", "category_name"),
    *("level", "area_code", "area_name"),
)
_SECOND = (
    *("responder_code", "responder_name", "duty_source", "due_at", "due_limit"),
    *("due_provisional", "deadline", "disposed_at", "closed_at"),
)
_THIRD = (
    *("lon", "lat", "accuracy_m", "given_x", "given_y", "given_crs", "edition"),
    *("candidates", "on_boundary", "snapped", "distance_m", "unlocated_reason"),
    *("unrouted_reason", "marks"),
)
_REJUDGED = (
    *("area_code", "area_name", "candidates", "on_boundary", "snapped", "distance_m"),
    *("responder_code", "responder_name"),
)

# A case, by what it went to its responder, and the area of the chosen level.
_Take = Callable[[Case, str | None], object]


class PeopleColumns:
    """Writes cases as people read them, in one language.

    Deadlines are judged at ``as_of``. Names of persons are written only where personal data
    may be; of a case that nobody has yet, the reason stands in their place.
    """

    def __init__(
        self, conn: Connection, asked: CaseExport, language: Language, as_of: datetime
    ) -> None:
        self._conn, self._asked, self._language, self._as_of = conn, asked, language, as_of
        self._names = CodeNames(conn, language)
        self._fields = [*_FIRST, *_SECOND, *self._personal, *_THIRD]
        self._takes = [self._take(name) for name in self._fields]

    @property
    def _personal(self) -> tuple[str, ...]:
        return PERSONAL_FIELDS if self._asked.personal else ()

    @property
    def headings(self) -> list[str]:
        """Return the headings, in order; no two are the same."""
        known = HEADINGS["cases"]
        headings = {name: known[name].said(self._language) for name in self._fields}
        named = [headings[name] for name in _FIRST]
        named += self._level_headings(set(headings.values()))
        named += [headings[name] for name in self._fields[len(_FIRST) :]]
        if self._asked.edition is not None:
            again = [known[name].said(self._language) for name in _REJUDGED]
            again += self._level_headings({*headings.values(), *again})
            zh = f"第 {self._asked.edition} 版网格下的{{}}"
            en = f"{{}} under edition {self._asked.edition}"
            named += [(zh if self._language == "zh" else en).format(one) for one in again]
        return named

    def _level_headings(self, taken: set[str]) -> list[str]:
        level = self._asked.level
        if level is None:
            return []
        ends = ("编码", "名称") if self._language == "zh" else (" code", " name")
        name = self._names.level(level)
        # A level may be called so that its heading would be that of another column.
        if any(f"{name}{end}" in taken for end in ends):
            name = f"{name} ({level}) "
        return [f"{name}{end}" for end in ends]

    def rows(
        self,
        page: Sequence[Case],
        at_level: Callable[[CaseLocation], str | None],
        rejudged: Sequence[tuple[CaseLocation, str | None]],
    ) -> Iterable[list[object]]:
        """Yield the rows of a page of cases.

        ``at_level`` returns the area of the chosen level. ``rejudged`` has the location and the
        responder of each case under another edition, or is empty.
        """
        sources = duty_sources(self._conn, [one.given.case_no for one in page], self._names)
        first = len(_FIRST)
        for number, case in enumerate(page):
            source = sources.get(case.given.case_no)
            row = [self._said(take(case, source)) for take in self._takes]
            if self._asked.level is not None:
                row[first:first] = self._named_at_level(at_level(case.location))
            if rejudged:
                row += self._again(*rejudged[number], at_level)
            yield row

    def _again(
        self,
        location: CaseLocation,
        responder: str | None,
        at_level: Callable[[CaseLocation], str | None],
    ) -> list[object]:
        row: list[object] = [
            location.area_code,
            self._names.area(location.level, location.area_code),
            ";".join(location.candidates),
            location.on_boundary,
            location.snapped,
            location.distance_m,
            responder,
            self._disposer(responder, None),
        ]
        if self._asked.level is not None:
            row += self._named_at_level(at_level(location))
        return [self._said(value) for value in row]

    def _named_at_level(self, code: str | None) -> list[object]:
        return [code, self._names.area(self._asked.level, code)]

    def _said(self, value: object) -> object:
        if isinstance(value, datetime):
            return written_on_clock(value, self._asked.rules.tz)
        return in_words(value, self._language)

    def _disposer(self, code: str | None, reason: UnroutedReason | None) -> str | None:
        """Return the name of who has a case, or that nobody has it yet and why."""
        if code is None:
            return no_disposer(reason, self._language)
        return self._names.responder(code, persons=self._asked.personal)

    def _deadline(self, case: Case) -> object:
        given = case.given
        if given.due_provisional and self._asked.wanted.without_provisional:
            given = replace(given, due_at=None)
        return standing(given, self._as_of)

    def _marks(self, case: Case) -> str:
        said = (str(in_words(mark, self._language)) for mark in case.marks)
        return ("、" if self._language == "zh" else ", ").join(said)

    def _take(self, name: str) -> _Take:
        """Return how a column is read."""
        if name in PERSONAL_FIELDS:
            return lambda case, _: getattr(case.given, name)
        names = self._names
        looked_up: dict[str, _Take] = {
            "category_name": lambda case, _: names.category(case.given.category),
            "level": lambda case, _: names.level(case.location.level),
            "area_name": lambda case, _: names.area(
                case.location.level, case.location.area_code
            ),
            "responder_name": lambda case, _: self._disposer(
                case.responder_code, case.unrouted_reason
            ),
            "duty_source": lambda _, source: source,
            "deadline": lambda case, _: self._deadline(case),
            "marks": lambda case, _: self._marks(case),
        }
        if name in looked_up:
            return looked_up[name]
        as_stored = CASE_COLUMNS[name]
        return lambda case, _: as_stored(case)
