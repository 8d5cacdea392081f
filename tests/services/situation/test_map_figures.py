from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import NO_CASES, CaseScope
from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.domain.cases.case import Case
from gridmgmt.domain.cases.deadline import Deadline, standing
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.errors import NotFoundError
from gridmgmt.geometry.coverage.changes import pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.indicators.rates import COUNT_NAMES, DeadlineCounts, sum_counts
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.areas.scopes import ground_of
from gridmgmt.services.situation.map_areas import map_areas
from gridmgmt.services.situation.map_figures import CasesNotShown, MapFigures, figures
from gridmgmt.store.areas.areas import areas_in, chains, locate_point
from gridmgmt.store.areas.editions import close_withdrawn
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.factories import make_edition, make_level, square, two_streets
from tests.services.case_city import A1, B1, case_file, row, take_in
from tests.services.map_city import ALL, AS_OF, FEBRUARY, make_map_city

EVERY_CASE = 10_000


@pytest.fixture(scope="module")
def city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    """The small city under two editions; nothing here changes it."""
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("map"))
        yield conn


def ask(
    conn: Connection,
    level: str = "cell",
    *,
    edition: int = 2,
    period: Period = ALL,
    category: str | None = None,
    area: tuple[str, str] | None = None,
) -> MapFigures:
    wanted = ReportedFilter(period, CaseChoice(category=category), area_case_scope(conn, area))
    return figures(conn, edition, level, wanted, as_of=AS_OF, area=area)


def by_code(found: MapFigures) -> dict[str, DeadlineCounts]:
    rows = zip(*(found.columns[name] for name in COUNT_NAMES), strict=True)
    return {
        code: DeadlineCounts(*row)
        for code, row in zip(found.codes, rows, strict=True)
        if row[0]
    }


def _areas(level: LevelAreas) -> list[tuple[str, shapely.Geometry]]:
    return list(zip(level.codes, level.geoms, strict=True))


def in_python(cases: list[Case]) -> DeadlineCounts:
    stand = Counter(standing(case.given, AS_OF) for case in cases)
    done = [case.given.disposed_at or case.given.closed_at for case in cases]
    return DeadlineCounts(
        cases=len(cases),
        open=sum(at is None or at > AS_OF for at in done),
        overdue=stand[Deadline.OVERDUE],
        on_time=stand[Deadline.ON_TIME],
        late=stand[Deadline.LATE],
        without_due=stand[Deadline.WITHOUT],
    )


def leaf_under(conn: Connection, case: Case, edition: int) -> str | None:
    """The leaf of a located case, found without what is stored for figures."""
    where = case.location
    cells = [areas_in(conn, number, "cell")["cell"] for number in (edition, where.edition or 0)]
    same = [
        set(zip(c.codes, c.names, c.parent_codes, (g.wkb for g in c.geoms), strict=True))
        for c in cells
    ]
    if where.area_code in {code for code, *_ in same[0] & same[1]}:
        return where.area_code
    assert where.lon is not None
    assert where.lat is not None
    return locate_point(
        conn, where.lon, where.lat, edition=edition, level="cell", candidate_m=1.0, snap_m=30.0
    ).code


@pytest.mark.parametrize("edition", [1, 2])
@pytest.mark.parametrize("level", ["cell", "street"])
@pytest.mark.parametrize(("period", "category"), [(ALL, None), (FEBRUARY, "E1")])
def test_every_number_is_what_counting_one_by_one_gives(
    city: Connection, level: str, edition: int, period: Period, category: str | None
) -> None:
    seen: dict[str, list[Case]] = {}
    for case in list_cases(city, CaseFilter(), limit=EVERY_CASE):
        given, location = case.given, case.location
        if not period.begin <= given.reported_at < period.end:
            continue
        if category not in (None, given.category):
            continue
        if location.area_code is None:
            where = "unlocated"
        else:
            leaf = leaf_under(city, case, edition)
            assert leaf is not None
            where = dict(chains(city, edition, "cell")[leaf])[level]
        seen.setdefault(where, []).append(case)
    found = ask(city, level, edition=edition, period=period, category=category)
    unlocated = len(seen.pop("unlocated", []))
    assert by_code(found) == {code: in_python(cases) for code, cases in seen.items()}
    assert found.elsewhere == CasesNotShown(unlocated, 0, 0, 0)
    assert unlocated > 0


@pytest.mark.parametrize("edition", [1, 2])
def test_cells_add_up_to_streets_and_these_to_the_city(city: Connection, edition: int) -> None:
    cells, streets = (
        by_code(ask(city, level, edition=edition)) for level in ("cell", "street")
    )
    for street, counted in streets.items():
        parts = [one for code, one in cells.items() if code.startswith(street)]
        assert sum_counts(parts) == counted
    elsewhere = ask(city, "street", edition=edition).elsewhere
    total = sum(one.cases for one in streets.values())
    period = CaseFilter(since=ALL.begin, until=ALL.end)
    assert total + elsewhere.unlocated + elsewhere.unlocated_here == len(
        list_cases(city, period, limit=EVERY_CASE)
    )
    assert elsewhere.no_area == 0


@pytest.mark.parametrize(("level", "code"), [("cell", "A1"), ("cell", "B2"), ("street", "A")])
@pytest.mark.parametrize("edition", [1, 2])
def test_every_number_is_the_length_of_the_list_behind_it(
    city: Connection, level: str, code: str, edition: int
) -> None:
    found = by_code(ask(city, level, edition=edition, period=FEBRUARY, category="E1"))
    listed = {
        "ground": ground_of(city, edition, (level, code)),
        "since": FEBRUARY.begin,
        "until": FEBRUARY.end,
        "category": "E1",
    }

    def count(**more: object) -> int:
        wanted = CaseFilter(**listed, **more)  # type: ignore[arg-type]
        return len(list_cases(city, wanted, limit=EVERY_CASE))

    def count_by(deadline: Deadline) -> int:
        return count(deadline=deadline, as_of=AS_OF)

    assert found.get(code, DeadlineCounts()) == DeadlineCounts(
        cases=count(),
        open=count_by(Deadline.OVERDUE) + count_by(Deadline.PENDING) + _open_without(count),
        overdue=count_by(Deadline.OVERDUE),
        on_time=count_by(Deadline.ON_TIME),
        late=count_by(Deadline.LATE),
        without_due=count_by(Deadline.WITHOUT),
    )


def _open_without(count: object) -> int:
    assert callable(count)
    return int(count(open=True, deadline=Deadline.WITHOUT, as_of=AS_OF))


def test_what_happens_after_the_frozen_instant_has_not_happened_yet(city: Connection) -> None:
    wanted = ReportedFilter(ALL)
    early = figures(city, 2, "street", wanted, as_of=FEBRUARY.begin)
    late = figures(city, 2, "street", wanted, as_of=ALL.end)
    assert sum(early.columns["cases"]) == sum(late.columns["cases"])
    assert sum(early.columns["open"]) > sum(late.columns["open"])
    assert sum(early.columns["on_time"]) < sum(late.columns["on_time"])


def test_an_account_limited_to_an_area_gets_that_area_and_no_other_cases(
    city: Connection,
) -> None:
    everything, limited = ask(city), ask(city, area=("street", "A"))
    assert limited.codes == [code for code in everything.codes if code.startswith("A")]
    whole = by_code(everything)
    assert by_code(limited) == {code: whole[code] for code in limited.codes if code in whole}
    assert limited.elsewhere.unlocated == 0
    assert (limited.is_limited, everything.is_limited) == (True, False)
    # What it lies in is there as an outline, with the figures of its own part only.
    cell = ask(city, "street", area=("cell", "B3"))
    assert cell.codes == ["B"]
    assert by_code(cell)["B"] == whole["B3"]


def test_a_responder_counts_its_own_cases(city: Connection) -> None:
    wanted = ReportedFilter(ALL, case_scope=CaseScope(responder_code="S2"))
    found = figures(city, 2, "street", wanted, as_of=AS_OF)
    own = CaseFilter(responder_code="S2", since=ALL.begin, until=ALL.end)
    shown = sum(found.columns["cases"]) + found.elsewhere.unlocated_here
    assert shown == len(list_cases(city, own, limit=EVERY_CASE)) > 0


def test_who_sees_nothing_counts_nothing(city: Connection) -> None:
    found = figures(city, 2, "cell", ReportedFilter(ALL, case_scope=NO_CASES), as_of=AS_OF)
    assert sum(found.columns["cases"]) + found.elsewhere.unlocated == 0
    assert area_case_scope(city, ("street", "gone")) == NO_CASES
    nowhere = figures(
        city, 2, "cell", ReportedFilter(ALL), as_of=AS_OF, area=("street", "gone")
    )
    assert nowhere.codes == []


def test_a_level_or_edition_that_is_not_there_is_refused(city: Connection) -> None:
    with pytest.raises(NotFoundError, match="no level 'community'; choose one of: street"):
        ask(city, "community")
    with pytest.raises(NotFoundError, match="no edition 9"):
        ask(city, edition=9)


def test_a_withdrawn_edition_is_not_there(conn: Connection, tmp_path: Path) -> None:
    make_map_city(conn, tmp_path, cases=3)
    close_withdrawn(conn, 2)
    with pytest.raises(NotFoundError, match="no edition 2"):
        map_areas(conn, 2, area=None)


def test_cases_lie_where_an_edition_with_other_leaves_has_them(
    conn: Connection, tmp_path: Path
) -> None:
    make_map_city(conn, tmp_path, cases=40)
    # Streets alone: those are the leaves now, and A1 is the code of a street.
    make_edition(
        conn,
        {"street": make_level("street", {"A1": square(0, 0), "B": square(1, 0)})},
        effective_from=ALL.end,
    )
    before = figures(conn, 2, "street", ReportedFilter(ALL), as_of=AS_OF)
    found = figures(conn, 3, "street", ReportedFilter(ALL), as_of=AS_OF)
    assert before.codes == ["A", "B"]
    assert found.codes == ["A1", "B"]
    assert found.columns == before.columns
    assert found.elsewhere == before.elsewhere
    assert found.elsewhere.unlocated > 0


def test_a_located_case_outside_all_areas_of_an_edition_is_counted_beside(
    conn: Connection, tmp_path: Path
) -> None:
    make_map_city(conn, tmp_path, cases=40)
    levels = two_streets()
    gone = {code: geom for code, geom in _areas(levels["cell"]) if code[0] == "A"}
    make_edition(
        conn,
        {
            "street": pick(levels["street"], ["A"]),
            "cell": make_level("cell", gone, parents=dict.fromkeys(gone, "A")),
        },
        effective_from=ALL.end,
    )
    everything = figures(conn, 2, "street", ReportedFilter(ALL), as_of=AS_OF)
    found = figures(conn, 3, "street", ReportedFilter(ALL), as_of=AS_OF)
    (in_a, in_b), (left,) = everything.columns["cases"], found.columns["cases"]
    # A few near the border snap to A.
    assert in_a <= left < in_a + in_b
    assert found.elsewhere.unlocated == everything.elsewhere.unlocated
    assert left + found.elsewhere.unlocated_here == in_a + in_b
    lost = CaseFilter(in_no_area_of=3)
    assert len(list_cases(conn, lost, limit=EVERY_CASE)) == found.elsewhere.unlocated_here > 0


def test_cases_in_cells_without_a_street_are_told_apart(
    conn: Connection, tmp_path: Path
) -> None:
    put_categories(conn, [Category("E1", "占道")])
    levels = two_streets()
    cells = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    parents = {code: "A" for code in cells if code.startswith("A")}
    make_edition(conn, {**levels, "cell": make_level("cell", cells, parents=parents)})
    take_in(conn, case_file(tmp_path, [row("C1", A1), row("C2", B1), row("C3", None)]))
    streets = figures(conn, 1, "street", ReportedFilter(ALL), as_of=AS_OF)
    assert streets.columns["cases"] == [1, 0]
    assert streets.elsewhere == CasesNotShown(1, 0, 1, 0)
    cells_shown = figures(conn, 1, "cell", ReportedFilter(ALL), as_of=AS_OF)
    assert sum(cells_shown.columns["cases"]) == 2


@pytest.mark.parametrize("area", [None, ("street", "A"), ("street", "B"), ("cell", "A5")])
def test_what_an_account_sees_is_a_tree(city: Connection, area: tuple[str, str] | None) -> None:
    areas = map_areas(city, 2, area=area)
    for above, here in zip(areas.levels[:-1], areas.levels[1:], strict=True):
        for one in areas.by_level[here].values():
            assert one.parent_code in areas.by_level[above]
    for level in areas.levels:
        assert set(areas.leaves_at(level)) == set(areas.codes("cell"))
        assert set(areas.leaves_at(level).values()) == set(areas.codes(level))
