"""A direct import while a draft is published: one after the other, and nothing is lost."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection, Engine

from gridmgmt.errors import DraftConflictError
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.services.responsibility.duties import list_duties
from gridmgmt.services.responsibility.duty_changes import StatedChange
from gridmgmt.services.responsibility.duty_previews import change_duties
from gridmgmt.services.workbench import editing
from gridmgmt.store.responsibility.zones import list_zones
from tests.services.answering import make_city
from tests.services.draft_records.test_duties_in_drafts import A1, bring
from tests.services.draft_records.test_rows_in_drafts import bring_zone
from tests.services.reroute_city import RULES
from tests.waiting import one_after_the_other

PAST = datetime(2026, 3, 1, tzinfo=UTC)
FUTURE = datetime(2099, 3, 1, tzinfo=UTC)


@pytest.fixture
def drafted(engine: Engine, tmp_path: Path) -> Engine:
    with engine.begin() as conn:
        make_city(conn)
        bring_zone(conn, tmp_path)
        (tmp_path / "layer.gpkg").unlink()
        bring(conn, tmp_path, A1)
        drafts.create(conn, "d", actor="li")
        (duty,) = list_duties(conn)
        some: list[editing.AnyOperation] = [rows.EndZone("Z1"), rows.EndDuty(duty.id)]
        editing.edit(conn, "d", some, border_m=0.05, actor="li")
    return engine


def publication(conn: Connection) -> object:
    return publish(conn, "d", FUTURE, actor="li")


def test_a_publication_sees_the_import_it_waited_for(drafted: Engine, tmp_path: Path) -> None:
    told = one_after_the_other(
        drafted, lambda conn: bring_zone(conn, tmp_path, "东河道", "zhao"), publication
    )
    assert isinstance(told, DraftConflictError)
    assert "zone 河道 Z1: changed by zhao (import)" in str(told)
    with drafted.connect() as conn:
        (zone,), _ = list_zones(conn)
        assert (zone.name, zone.valid_to) == ("东河道", None)
        assert [one.valid_to for one in list_duties(conn)] == [None]


def test_an_import_waits_for_the_publication_and_follows_it(
    drafted: Engine, tmp_path: Path
) -> None:
    longer = A1.replace(",,L1", ",2099-12-31,L1")
    told = one_after_the_other(
        drafted, publication, lambda conn: bring(conn, tmp_path, longer, actor="zhao")
    )
    assert told is None
    with drafted.connect() as conn:
        # Both counted, in this order: the import is the later statement.
        assert [str(one.valid_to) for one in list_duties(conn)] == ["2099-12-31"]
        assert [str(one.valid_to) for one in list_zones(conn)[0]] == ["2099-02-28"]


def test_the_page_of_duties_meets_a_publication(drafted: Engine) -> None:
    with drafted.connect() as conn:
        (duty,) = list_duties(conn)

    def change(conn: Connection) -> object:
        stated = StatedChange(ends=(duty.id,), from_day="2099-06-01", why="换岗")
        return change_duties(conn, stated, rules=RULES, today=PAST.date(), actor="sun")

    told = one_after_the_other(drafted, change, publication)
    assert isinstance(told, DraftConflictError)
    assert "changed by sun (page of duties)" in str(told)


def test_a_withdrawal_meets_an_import(drafted: Engine, tmp_path: Path) -> None:
    with drafted.begin() as conn:
        publication(conn)
    told = one_after_the_other(
        drafted,
        lambda conn: bring_zone(conn, tmp_path, "东河道", "zhao"),
        lambda conn: withdraw(conn, 2, actor="li"),
    )
    assert told is None
    with drafted.connect() as conn:
        (zone,), _ = list_zones(conn)
        # The import stated no last day: it stays, the duty is as before.
        assert (zone.name, zone.valid_to) == ("东河道", None)
        assert [one.valid_to for one in list_duties(conn)] == [None]
