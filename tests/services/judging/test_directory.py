"""Names that are kept are those that the transaction sees."""

import pytest
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember
from gridmgmt.services.cases.lists import area_choices
from gridmgmt.services.judging.directory import directory, standing_duties
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.duties import list_duties
from gridmgmt.store.responsibility.groups import list_members, put_groups, put_members
from gridmgmt.store.responsibility.responders import list_responders
from gridmgmt.store.schema import categories, responders
from tests.services.answering import make_city
from tests.services.case_city import give_duties


def check(conn: Connection) -> None:
    known = directory(conn)
    stored = list_responders(conn)
    assert dict(known.responder_names) == {one.code: one.name for one in stored}
    assert list(known.responders) == [one.code for one in stored]
    assert {one.phone for one in known.responders.values()} <= {None}
    kinds = list_categories(conn)
    assert list(known.categories.values()) == kinds
    assert dict(known.category_names) == {one.code: one.name for one in kinds}


def test_the_directory_is_what_each_transaction_sees(engine: Engine) -> None:
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
        conn.execute(responders.update().values(phone="13900000000"))
        check(conn)
    with engine.connect() as earlier, engine.connect() as later:
        earlier.execution_options(isolation_level="REPEATABLE READ")
        check(earlier)
        later.execute(responders.update().values(name="another"))
        later.execute(categories.update().values(name="another"))
        check(later)
        check(earlier)
        later.rollback()
        check(later)
        later.execute(responders.update().values(name="new"))
        later.commit()
        check(later)
        # Still the names of its snapshot.
        check(earlier)
        assert "new" not in directory(earlier).responder_names.values()


def test_nothing_of_the_directory_can_be_changed(conn: Connection) -> None:
    with pytest.raises(TypeError):
        directory(conn).responder_names["x"] = "y"  # type: ignore[index]


def test_areas_to_choose_from_are_those_of_the_newest_edition(conn: Connection) -> None:
    assert list(area_choices(conn)) == []
    make_city(conn)
    chosen = area_choices(conn)
    assert {code for level, code, _ in chosen if level == "street"} == {"A", "B"}
    within = {one[1] for one in area_choices(conn, top=("street", "A"))}
    assert "B" not in within
    assert "A" in within


def test_duties_and_places_are_what_each_transaction_sees(engine: Engine) -> None:
    with engine.begin() as conn:
        make_city(conn)
        assert list(standing_duties(conn).duties) == []
        assert dict(directory(conn).place_names) == {}
        assert list(directory(conn).levels) == list_levels(conn) != []
    with engine.connect() as earlier, engine.connect() as later:
        earlier.execution_options(isolation_level="REPEATABLE READ")
        assert list(standing_duties(earlier).duties) == []
        give_duties(later)
        put_groups(later, [Group("G", GroupKind.BEAT, "甲")])
        put_members(later, [GroupMember("G", "cell", "A2")])
        assert list(standing_duties(later).duties) == list_duties(later) != []
        assert list(standing_duties(later).members) == list_members(later) != []
        assert dict(directory(later).place_names) == {("group", "G"): "甲"}
        later.commit()
        assert list(standing_duties(later).duties) == list_duties(later) != []
        # Still none in its snapshot.
        assert list(standing_duties(earlier).duties) == []
        assert dict(directory(earlier).place_names) == {}
