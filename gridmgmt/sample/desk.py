"""What lies on the desks of a city in the middle of work: something for every queue.

The cases of the eighteen months are nearly all closed, as in every city. Who opens the pages
wants to see what a morning holds: cases due within the hour, overdue for hours or weeks,
without a place, without a responder, told twice, returned. A few dozen more cases see to that,
whatever the time. Some were returned in the last four weeks, and then given to whom they
belong: along two borders, and for two matters whose letters name the wrong office.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, MomentArray, ObjectArray
from gridmgmt.domain.cases.case import CaseAction
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.case_rows import CASE_COLUMNS, case_rows
from gridmgmt.sample.cases import Cases
from gridmgmt.sample.categories import SampleCategory
from gridmgmt.sample.moments import Outcomes
from gridmgmt.sample.plan import SYNTHETIC, CityPlan
from gridmgmt.sample.plane import to_lonlat

# Categories whose responder is the squad of the street, anywhere and at any hour; all of them
# are due in a day or two, but the first, which is due in two hours.
_SOON = "E0107-1"
_SQUADS = ("E0130-1", "E0138-1", "E0184-1", "E0187-1", "E0196-1")
_NOBODYS = "E0496-1"
_OF_TWO = "E0593-1"
# Matters whose letters name the squad, while another office does the work: the street, the
# category, who does it, and how many cases were returned.
_WRONG_LETTERS = ((2, "E0130-1", "D-DRAIN", 7), (0, "E0301-1", "D-SITE", 5))
# The street whose office the register does not know (build_staff).
_OF_NOBODY = 2
_ACCURACY_M = 90.0
_PHONE, _PATROL = "12345热线", "网格员巡查"
_NOWHERE = np.array([np.nan, np.nan])


@dataclass(frozen=True)
class DeskStep:
    """What somebody did with a case, and when; ``responder`` has the case from then on."""

    case_no: str
    at: np.datetime64
    action: CaseAction
    text: str
    responder: str | None = None


@dataclass(frozen=True)
class Desk:
    """More cases, what was done with them in the order of time, and a default coordinate.

    ``reported`` are cases that people report by the form, as text by field: their deadlines
    follow from the limits of their categories. ``default_lonlat`` is what the geocoder of the
    city gives for addresses it does not find.
    """

    cases: Cases
    steps: tuple[DeskStep, ...]
    reported: tuple[dict[str, str], ...]
    default_lonlat: tuple[float, float]


@dataclass(frozen=True)
class _Row:
    """A case by its hours from now to the deadline, or else since it was reported."""

    category: str
    due_h: float
    xy: FloatArray
    channel: str = _PATROL
    accuracy_m: float = float("nan")
    has_address: bool = True
    reported_h: float | None = None
    has_deadline: bool = True


def build_desk(
    plan: CityPlan, areas: Areas, categories: dict[str, SampleCategory]
) -> Desk | None:
    """Fill the desks of a city as of its present moment; None where its last day is over."""
    if plan.now is None:
        return None
    ground = _Ground(plan, areas)
    waiting, returned = list(_waiting(ground)), list(_returned(ground))
    rows = [*waiting, *(row for row, *_ in returned)]
    cases = _cases(plan, rows, categories)
    steps = [
        step
        for n, (_, left, taker) in enumerate(returned, start=len(waiting))
        for step in _steps(plan, str(cases.case_no[n]), cases.reported_at[n], left, taker)
    ]
    default = to_lonlat(ground.default[None])[0]
    return Desk(
        cases,
        tuple(sorted(steps, key=lambda step: (step.at, step.case_no))),
        tuple(_cells(_cases(plan, list(_by_form(plan, ground)), categories))),
        (float(default[0]), float(default[1])),
    )


class _Ground:
    """Places of the city, in ground metres: in a block, at a border, where streets meet."""

    def __init__(self, plan: CityPlan, areas: Areas) -> None:
        self.rng = plan.rng("desk")
        self.full = plan.cases > 10_000
        self._apart_m = 0.2 * plan.height_m
        self._streets = areas.streets.ground
        built = np.flatnonzero(areas.use == "built")
        self._cells = areas.cells.ground[built]
        codes = list(areas.streets.codes)
        self._street = np.array([codes.index(areas.cells.codes[i][:9]) for i in built])
        self.default = self._inside(self._cells[0])

    def times(self, most: int, fewest: int) -> int:
        """Return how many cases of a kind there are, by the size of the city."""
        return most if self.full else fewest

    def anywhere(self, street: int | None = None) -> FloatArray:
        """Return a position well inside a block, of a street by its number."""
        among = (
            np.arange(len(self._cells))
            if street is None
            else np.flatnonzero(self._street == street)
        )
        return self._inside(self._cells[self.rng.choice(among)])

    def between_streets(self) -> FloatArray:
        """Return the position around which no street has much more than the others."""
        corners = np.unique(shapely.get_coordinates(self._streets), axis=0)
        away = shapely.distance(
            self._streets[:, None], np.asarray(shapely.points(corners))[None]
        )
        nearest = corners[np.argmin(away.max(axis=0))]
        # Where one street ends at a road that runs on, it has only a quarter there.
        aside = np.arange(-60.0, 61.0, 10.0)
        around = nearest + np.stack(np.meshgrid(aside, aside), axis=-1).reshape(-1, 2)
        centres = np.asarray(shapely.points(around))
        discs = np.asarray(shapely.buffer(centres, _ACCURACY_M))
        shares = shapely.area(shapely.intersection(self._streets[:, None], discs[None]))
        return np.asarray(around[np.argmin((shares / shares.sum(axis=0)).max(axis=0))])

    def borders(self, count: int) -> list[tuple[int, int, shapely.Geometry, shapely.Geometry]]:
        """Return the longest edges between blocks of two streets that lie apart.

        Each has the two streets, the shared edge and the block of the first.
        """
        one, other = shapely.STRtree(self._cells).query(self._cells, predicate="intersects")
        across = self._street[one] < self._street[other]
        one, other = one[across], other[across]
        edges = shapely.intersection(self._cells[one], self._cells[other])
        chosen: list[int] = []
        for i in np.argsort(-shapely.length(edges), kind="stable"):
            # Apart, so that a map shows them as two places.
            if all(edges[i].distance(edges[n]) > self._apart_m for n in chosen):
                chosen.append(int(i))
        return [
            (
                int(self._street[one[i]]),
                int(self._street[other[i]]),
                edges[i],
                self._cells[one[i]],
            )
            for i in chosen[:count]
        ]

    def beside(self, edge: shapely.Geometry, block: shapely.Geometry) -> FloatArray:
        """Return a position in a block, 6 to 20 m from an edge of it."""
        strip = shapely.difference(
            shapely.intersection(block, shapely.buffer(edge, 20.0, cap_style="flat")),
            shapely.buffer(edge, 6.0),
        )
        west, south, east, north = shapely.bounds(strip)
        while True:
            xy = self.rng.uniform((west, south), (east, north))
            if shapely.contains_xy(strip, *xy):
                return np.asarray(xy)

    def _inside(self, cell: shapely.Geometry) -> FloatArray:
        return np.asarray(shapely.get_coordinates(shapely.point_on_surface(cell))[0])


def _waiting(ground: _Ground) -> Iterator[_Row]:
    """Cases that wait for somebody, of every kind that the pages tell apart."""
    rng = ground.rng

    def squads() -> str:
        return str(rng.choice(_SQUADS))

    for minutes in np.linspace(6, 55, ground.times(8, 4)):
        yield _Row(_SOON, minutes / 60.0, ground.anywhere())
    for days, most in ((0.3, 5), (2.0, 4), (5.0, 3), (11.0, 2)):
        for _ in range(ground.times(most, 2)):
            yield _Row(squads(), -24.0 * days * rng.uniform(0.8, 1.2), ground.anywhere())
    for _ in range(ground.times(6, 3)):
        yield _Row(squads(), rng.uniform(1.0, 20.0), _NOWHERE, _PHONE)
    for _ in range(2):
        yield _Row(squads(), rng.uniform(1.0, 20.0), _NOWHERE, _PHONE, has_address=False)
        yield _Row(squads(), rng.uniform(1.0, 20.0), np.array([52_000.0, 31_000.0]), _PHONE)
        # A source may send no deadline.
        hours = rng.uniform(2.0, 20.0)
        xy = ground.anywhere()
        yield _Row("E0191-1", np.nan, xy, _PHONE, reported_h=hours, has_deadline=False)
    between = ground.between_streets()
    for _ in range(ground.times(4, 2)):
        yield _Row(_NOBODYS, rng.uniform(0.5, 1.5), ground.anywhere(_OF_NOBODY))
        yield _Row(_OF_TWO, rng.uniform(0.5, 1.5), ground.anywhere())
        xy = between + rng.normal(0.0, 3.0, 2)
        yield _Row(squads(), rng.uniform(1.0, 20.0), xy, accuracy_m=_ACCURACY_M)
    for _ in range(ground.times(4, 2)):
        category, due_h, xy = squads(), rng.uniform(3.0, 20.0), ground.anywhere()
        yield _Row(category, due_h, xy, _PHONE)
        yield _Row(category, due_h + 0.5, xy + rng.normal(0.0, 6.0, 2), "市民随手拍")
    for _ in range(ground.times(5, 3)):
        yield _Row(squads(), rng.uniform(1.0, 20.0), ground.default, _PHONE)


def _cells(cases: Cases) -> Iterator[dict[str, str]]:
    told = {"category", "reported_at", "lon", "lat", "channel", "description", "address"}
    for row in case_rows(cases):
        fields = zip(CASE_COLUMNS, row, strict=True)
        yield {name: text for name, text in fields if name in told}


def _by_form(plan: CityPlan, ground: _Ground) -> Iterator[_Row]:
    """Cases reported by form: two are overdue, and today has some even soon after midnight."""
    for hours in (30.0, 55.0):
        yield _Row("E0130-1", np.nan, ground.anywhere(), _PHONE, reported_h=hours)
    today_h = float((plan.end - plan.last_day) / np.timedelta64(1, "h"))
    for share, category in zip((0.2, 0.5, 0.8), _SQUADS, strict=False):
        hours = max(share * min(today_h, 0.25), 1.0 / 3600.0)
        yield _Row(category, np.nan, ground.anywhere(), _PHONE, reported_h=hours)


def _returned(ground: _Ground) -> Iterator[tuple[_Row, int, str | None]]:
    """Cases that their responder returned: the case, its squad's street, who took it then."""
    rng = ground.rng

    def ago(category: str, xy: FloatArray) -> _Row:
        return _Row(category, np.nan, xy, reported_h=24.0 * rng.uniform(2.0, 27.0))

    for one, other, edge, block in ground.borders(2):
        for n in range(ground.times(9, 5)):
            # Not everything at a border is about the border.
            taker = f"SQ{other + 1:02d}" if n else "D-INSPECT"
            yield ago(str(rng.choice(_SQUADS)), ground.beside(edge, block)), one, taker
    for street, category, taker, cases in _WRONG_LETTERS:
        for _ in range(cases):
            yield ago(category, ground.anywhere(street)), street, taker
    for _ in range(ground.times(12, 4)):
        street = int(rng.integers(0, 3))
        taker = str(rng.choice(["D-ROAD", "D-GREEN", "K-CLEAN2", "D-PUBLIC", "K-MARKET"]))
        yield ago(str(rng.choice(_SQUADS)), ground.anywhere(street)), street, taker
    for _ in range(ground.times(5, 3)):
        street = int(rng.integers(0, 3))
        row = _Row("E0130-1", rng.uniform(14.0, 20.0), ground.anywhere(street))
        yield row, street, None


_WHY = (
    "不在本中队辖区，请核实界线",
    "不属本单位职责",
    "责任书未列此类事项",
    "现场核实应由其他单位处理",
)


def _steps(
    plan: CityPlan, case_no: str, reported_at: np.datetime64, street: int, taker: str | None
) -> Iterator[DeskStep]:
    """Return a case; if somebody took it, they disposed of it, and it was closed."""
    rng = np.random.default_rng([plan.seed, int(case_no[-4:])])
    why = f"【合成数据】{_WHY[int(rng.integers(0, len(_WHY)))]}。"
    at = reported_at
    said: list[tuple[CaseAction, str, str | None]] = [(CaseAction.BOUNCE, why, None)]
    if taker is not None:
        said.append((CaseAction.ASSIGN, "【合成数据】经核实改派。", taker))
        said.append((CaseAction.DISPOSE, "【合成数据】已到现场处理。", None))
        said.append((CaseAction.CLOSE, "【合成数据】核查通过。", None))
    for action, text, responder in said:
        at = at + np.timedelta64(int(rng.uniform(600, 6_000)), "s")
        yield DeskStep(case_no, at, action, text, responder)


def _cases(plan: CityPlan, rows: list[_Row], categories: dict[str, SampleCategory]) -> Cases:
    """Make cases of rows: a deadline is report plus limit, as with all others."""
    limit_h = np.array([categories[row.category].limit_h for row in rows])
    due_h = np.array([row.due_h for row in rows])
    given = np.array([np.nan if row.reported_h is None else row.reported_h for row in rows])
    reported_h = np.where(np.isnan(given), limit_h - due_h, given)
    lonlat = np.round(to_lonlat(np.array([row.xy for row in rows])), 7)
    nothing = np.full(len(rows), np.datetime64("NaT", "s"))
    reported_at = _before(plan, reported_h)
    has_deadline = np.array([row.has_deadline for row in rows])
    due_at = np.where(has_deadline, _after(reported_at, limit_h), nothing)
    address = [
        f"示例路{n + 1}号{SYNTHETIC}" if row.has_address else "" for n, row in enumerate(rows)
    ]
    told = [
        f"【合成数据】{row.channel}反映{categories[row.category].minor_class}"
        f"（{categories[row.category].filing_condition}）。"
        for row in rows
    ]
    return Cases(
        case_no=_texts([f"SYN-DESK-{n:04d}" for n in range(1, len(rows) + 1)]),
        category=_texts([row.category for row in rows]),
        reported_at=reported_at,
        lon=lonlat[:, 0],
        lat=lonlat[:, 1],
        outcome=Outcomes(due_at, nothing, nothing),
        channel=_texts([row.channel for row in rows]),
        description=_texts(told),
        address=_texts(address),
        accuracy_m=np.array([row.accuracy_m for row in rows]),
    )


def _before(plan: CityPlan, hours: FloatArray) -> MomentArray:
    return np.asarray(plan.end - np.rint(hours * 3600.0).astype("timedelta64[s]"))


def _after(at: MomentArray, hours: FloatArray) -> MomentArray:
    return np.asarray(at + np.rint(hours * 3600.0).astype("timedelta64[s]"))


def _texts(values: list[str]) -> ObjectArray:
    return np.array(values, dtype=object)
