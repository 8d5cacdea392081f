"""Duties of the sample city: who disposes, assists and oversees where, by which letter."""

from collections.abc import Iterable
from dataclasses import dataclass

from gridmgmt.domain.areas.surroundings import ZoneKind
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.groups import Groups
from gridmgmt.sample.plan import DISTRICT_CODE, CityPlan
from gridmgmt.sample.responders import Staff
from gridmgmt.sample.zones import Zones

ALWAYS = ""
EVERY_CATEGORY = "*"

# By beginnings of category codes. Nobody has E0496 (things that may fall from a height), and
# two have E0593 (shared bicycles): the duty audit must find both.
_SQUAD = (
    "E0101", "E0104", "E0107", "E0130", "E0138", "E0184", "E0187", "E0196", "E02", "E0301",
    "E0302", "E0501", "E0502", "E0504", "E0505", "E0506", "E0510", "E0591", "E0594", "E0595",
    "E0596",
)  # fmt: skip
_NOISE_AND_SMOKE = ("E0128", "E0129")
_CLEANING = (
    "E0110", "E0111", "E0112", "E0114", "E0118", "E0131", "E0135", "E0137", "E0192", "E0407",
)  # fmt: skip
_SMALL = ("E0119", "E0120", "E0136", "E0193")
_OFFICES = {
    "D-LIGHT": ("C0106", "C0137", "C0139"),
    "D-DRAIN": ("C0102", "C0103", "C0104", "C0123", "E0403", "E0406"),
    "D-WATER": ("C0101", "E0401"),
    "D-GREEN": ("C04", "E0117", "E0191"),
    "D-ROAD": ("C0221", "C0284", "E0113", "E0405"),
    "D-GAS": ("C0111",),
    "D-TRAFFIC": ("C0204", "C0212", "C0217", "C0225", "E0593"),
    "D-CLEAN": ("C0301", "C0305"),
    "D-WIRES": ("C0127", "C0128", "C0131", "E0108", "E0408"),
    "D-RIVER": ("C0506", "C0507", "E0125", "E0126"),
    "D-SITE": ("E0303", "E0304", "E0305", "E0306", "E0307", "E0311", "E0312"),
    "D-PUBLIC": ("C0146", "C0150", "C0306", "C0308"),
    "K-BIKES": ("E0593",),
}  # fmt: skip
_STALLS = ("E0501", "E0502", "E0505", "E0506")
_TEARDOWN = ("E0111", "E0304", "E0305", "E0306", "E0307", "E0311", "E0312")


@dataclass(frozen=True)
class SampleDuty:
    """One row of the duties' file, as text; empty where there is nothing."""

    responder_code: str
    role: DutyRole
    target: DutyTarget
    level: str
    target_code: str
    categories: str
    hours: str
    valid_from: str
    valid_to: str
    letter_no: str


class _Book:
    """Duties as they are signed, each letter with a number of its own."""

    def __init__(self, plan: CityPlan, codes: Iterable[str]) -> None:
        self.plan = plan
        self._codes = sorted(codes)
        self._letter = 0
        self.rows: list[SampleDuty] = []

    def letter(self, years_ago: int = 0) -> str:
        self._letter += 1
        return f"示责〔{self.plan.year - years_ago}〕第{self._letter:03d}号"

    def sign(
        self,
        who: str,
        role: DutyRole,
        target: DutyTarget,
        place: tuple[str, str],
        beginnings: tuple[str, ...] | None,
        letter: str,
        *,
        hours: str = ALWAYS,
        valid: tuple[str, str] | None = None,
    ) -> None:
        """Add a duty; ``place`` is (level, code), ``beginnings`` None means every category.

        ``valid`` None: since the city was founded.
        """
        valid = valid or (str(self.plan.founded_on), "")
        listed = EVERY_CATEGORY
        if beginnings is not None:
            listed = ";".join(code for code in self._codes if code.startswith(beginnings))
        self.rows.append(SampleDuty(who, role, target, *place, listed, hours, *valid, letter))


def build_duties(
    plan: CityPlan,
    areas: Areas,
    groups: Groups,
    zones: Zones,
    staff: Staff,
    codes: Iterable[str],
) -> list[SampleDuty]:
    """Sign the letters of a city; ``codes`` are the categories there are."""
    book = _Book(plan, codes)
    _chiefs(book, areas, zones, staff)
    _squads(book, areas)
    _bodies(book, groups)
    _cleaning(book, groups)
    _zones(book, zones)
    _grid_members(book, staff)
    return book.rows


def _chiefs(book: _Book, areas: Areas, zones: Zones, staff: Staff) -> None:
    area, oversee = DutyTarget.AREA, DutyRole.OVERSEE
    grave = ("E04", "C0111")
    book.sign("CH00", oversee, area, ("district", DISTRICT_CODE), grave, book.letter())
    for i, street in enumerate(areas.streets.codes, start=1):
        book.sign(f"CH{i:02d}", oversee, area, ("street", street), None, book.letter())
    river = f"CH{len(areas.streets.codes) + 1:02d}"
    letter = book.letter()
    for i in zones.of_kind(ZoneKind.RIVER):
        book.sign(river, oversee, DutyTarget.ZONE, ("", zones.codes[i]), None, letter)
    for chief, segments in staff.chief_segments.items():
        letter = book.letter()
        for code in segments:
            book.sign(chief, oversee, DutyTarget.ROAD_SEGMENT, ("", code), None, letter)


def _squads(book: _Book, areas: Areas) -> None:
    """Assign street order to each street's squad, and all noise at night to one squad."""
    area, dispose = DutyTarget.AREA, DutyRole.DISPOSE
    for i, street in enumerate(areas.streets.codes, start=1):
        squad, place = f"SQ{i:02d}", ("street", street)
        letter = book.letter()
        book.sign(squad, dispose, area, place, _SQUAD, letter)
        day = "06:00-22:00"
        book.sign(squad, dispose, area, place, _NOISE_AND_SMOKE, letter, hours=day)
    district = ("district", DISTRICT_CODE)
    night, letter = "22:00-06:00", book.letter()
    book.sign("SQ02", dispose, area, district, _NOISE_AND_SMOKE, letter, hours=night)
    # The duties of the year before have ended and must not count.
    last = book.plan.year - 1
    past = (f"{last}-01-01", f"{last}-12-31")
    book.sign("SQ03", dispose, area, district, _SQUAD, book.letter(1), valid=past)


def _bodies(book: _Book, groups: Groups) -> None:
    district = ("district", DISTRICT_CODE)
    for code, beginnings in _OFFICES.items():
        book.sign(code, DutyRole.DISPOSE, DutyTarget.AREA, district, beginnings, book.letter())
    letter = book.letter()
    for group in groups.inspections:
        inspected = ("E0101", "E03")
        book.sign(
            "D-INSPECT", DutyRole.OVERSEE, DutyTarget.GROUP, ("", group), inspected, letter
        )


def _cleaning(book: _Book, groups: Groups) -> None:
    """Assign beats to four companies; the letter of the last beat expired unnoticed."""
    for i, beat in enumerate(groups.beats):
        company = f"K-CLEAN{i % 4 + 1}"
        is_last = i == len(groups.beats) - 1
        expired = book.plan.days_before_end(214) if is_last else ""
        valid = (str(book.plan.founded_on), expired)
        place, letter = ("", beat), book.letter()
        book.sign(
            company, DutyRole.DISPOSE, DutyTarget.GROUP, place, _CLEANING, letter, valid=valid
        )


def _zones(book: _Book, zones: Zones) -> None:
    who = {
        ZoneKind.VENDOR: ("K-MARKET", DutyRole.DISPOSE, _STALLS, "05:00-21:00"),
        ZoneKind.DEMOLITION: ("K-TEARDOWN", DutyRole.DISPOSE, _TEARDOWN, ALWAYS),
        ZoneKind.CAMPUS: ("K-CAMPUS", DutyRole.ASSIST, None, ALWAYS),
        ZoneKind.RIVER: ("K-CLEAN1", DutyRole.ASSIST, ("E0125",), ALWAYS),
    }
    for kind, (code, role, beginnings, hours) in who.items():
        letter = book.letter()
        for i in zones.of_kind(kind):
            place = ("", zones.codes[i])
            book.sign(code, role, DutyTarget.ZONE, place, beginnings, letter, hours=hours)


def _grid_members(book: _Book, staff: Staff) -> None:
    for member, cells in staff.member_cells.items():
        letter = book.letter()
        for cell in cells:
            place = ("cell", cell)
            book.sign(member, DutyRole.DISPOSE, DutyTarget.AREA, place, _SMALL, letter)
            help_with = ("E0107", "E0110", "E0510", "E0505")
            book.sign(member, DutyRole.ASSIST, DutyTarget.AREA, place, help_with, letter)
