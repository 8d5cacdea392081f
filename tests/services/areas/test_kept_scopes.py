"""What is kept of the area of an account is what each transaction sees."""

from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.accounts.case_scope import ALL_CASES
from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember
from gridmgmt.services.areas.scopes import area_scope, ground_of, within_area
from gridmgmt.services.responsibility.responder_lists import responder_choices
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.responsibility.groups import put_groups, put_members
from tests.factories import make_edition, make_level, two_streets
from tests.services.answering import make_city
from tests.services.case_city import give_duties

A = ("street", "A")


def leaves(conn: Connection) -> set[str]:
    newest = newest_edition(conn)
    assert newest is not None
    there = {code for number, code in within_area(conn, *A) if number == newest.number}
    assert there == set(ground_of(conn, newest.number, A).codes)
    scope = area_scope(conn, newest.number, *A)
    assert there == {code for level, code in scope.within if level == "cell"}
    return there


def groups(conn: Connection) -> set[str]:
    newest = newest_edition(conn)
    assert newest is not None
    return set(area_scope(conn, newest.number, *A).groups)


def offered(conn: Connection) -> set[str]:
    return {one.code for one in responder_choices(conn, within=A, case_scope=ALL_CASES)}


def test_an_area_is_what_each_transaction_sees(engine: Engine) -> None:
    all_four = {"A1", "A2", "A3", "A4"}
    with engine.begin() as conn:
        make_city(conn)
        assert (leaves(conn), groups(conn), offered(conn)) == (
            all_four,
            set(),
            {"OA", "CA", "H"},
        )
    with engine.connect() as earlier, engine.connect() as later:
        earlier.execution_options(isolation_level="REPEATABLE READ")
        assert (leaves(earlier), groups(earlier)) == (all_four, set())
        assert offered(earlier) == {"OA", "CA", "H"}
        give_duties(later)
        put_groups(later, [Group("G", GroupKind.BEAT, "甲")])
        put_members(later, [GroupMember("G", "cell", "A2")])
        assert (groups(later), offered(later)) == ({"G"}, {"OA", "CA", "H", "S1"})
        later.rollback()
        assert (groups(later), offered(later)) == (set(), {"OA", "CA", "H"})
        give_duties(later)
        put_groups(later, [Group("G", GroupKind.BEAT, "甲")])
        put_members(later, [GroupMember("G", "cell", "A2")])
        later.commit()
        assert (groups(later), offered(later)) == ({"G"}, {"OA", "CA", "H", "S1"})
        assert (groups(earlier), offered(earlier)) == (set(), {"OA", "CA", "H"})


def test_the_leaves_of_an_area_are_those_of_the_editions(engine: Engine) -> None:
    with engine.begin() as conn:
        make_city(conn)
        assert leaves(conn) == {"A1", "A2", "A3", "A4"}
    levels = two_streets()
    cells = levels["cell"]
    kept = [n for n, code in enumerate(cells.codes) if code != "A4"]
    with engine.begin() as conn:
        fewer = make_level(
            "cell",
            {cells.codes[n]: cells.geoms[n] for n in kept},
            parents={cells.codes[n]: cells.codes[n][0] for n in kept},
        )
        make_edition(conn, {"street": levels["street"], "cell": fewer})
        assert leaves(conn) == {"A1", "A2", "A3"}
    with engine.connect() as conn:
        assert leaves(conn) == {"A1", "A2", "A3"}
