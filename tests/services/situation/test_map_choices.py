from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.services.situation.map_choices import map_choices
from gridmgmt.store.responsibility.categories import put_categories
from tests.services.answering import make_city
from tests.services.case_city import SHANGHAI, case_file, row, take_in

AFTER = datetime(2026, 6, 1, tzinfo=UTC)


def test_without_an_edition_there_is_nothing_to_choose(conn: Connection) -> None:
    assert map_choices(conn, now=AFTER, tz=SHANGHAI) is None


def test_an_edition_brings_its_levels_from_the_topmost_down(conn: Connection) -> None:
    number = make_city(conn)
    choices = map_choices(conn, now=AFTER, tz=SHANGHAI)
    assert choices is not None
    assert choices.chosen.number == number
    (edition,) = choices.editions
    counts = [(level.level, level.areas) for level in edition.levels]
    assert counts[0][0] == "street"
    assert counts[-1] == ("cell", 8)


def test_the_newest_day_is_that_of_the_last_case_and_never_tomorrow(
    conn: Connection, tmp_path: Path
) -> None:
    make_city(conn)
    before = map_choices(conn, now=AFTER, tz=SHANGHAI)
    assert before is not None
    assert (before.oldest, before.newest) == (date(2026, 6, 1), date(2026, 6, 1))
    rows = [
        row("C1", reported_at="2026-03-02 23:30"),
        row("C2", reported_at="2026-03-05 00:10"),
    ]
    assert take_in(conn, case_file(tmp_path, rows)).new == 2
    for now, newest in (
        (AFTER, date(2026, 3, 5)),
        (datetime(2026, 3, 3, tzinfo=UTC), date(2026, 3, 3)),
    ):
        found = map_choices(conn, now=now, tz=SHANGHAI)
        assert found is not None
        assert found.newest == newest
        assert found.oldest == date(2026, 3, 2)


def test_categories_stand_under_their_class_and_those_without_one_last(
    conn: Connection,
) -> None:
    make_city(conn)
    put_categories(conn, [Category("A9", "井盖", major_class="公用设施")])
    choices = map_choices(conn, now=AFTER, tz=SHANGHAI)
    assert choices is not None
    codes = {name: [kind.code for kind in kinds] for name, kinds in choices.classes.items()}
    assert list(codes) == ["公用设施", ""]
    assert codes[""] == ["E1", "E2", "X9"]
