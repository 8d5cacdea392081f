import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.errors import InputError, SchemaError
from gridmgmt.store.upkeep import downgrades, migrations
from gridmgmt.store.upkeep.downgrades import DowngradeLoss, LossKind


@pytest.fixture
def url(engine: Engine) -> str:
    """The address of a migrated database with a little in it."""
    with engine.begin() as conn:
        conn.execute(
            sa.text(
                "INSERT INTO case_import_runs (file, sha256, options, actor, row_done, counts)"
                " VALUES ('a', 'b', '{}', 'c', 1, '{}'), ('d', 'e', '{}', 'f', 1, '{}')"
            )
        )
        conn.execute(
            sa.text(
                "INSERT INTO categories (code, name, mapped, class_code) VALUES"
                " ('a', 'a', true, '0101'), ('b', 'b', true, NULL)"
            )
        )
        conn.execute(sa.text("UPDATE editions SET label = label"))
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def test_what_a_downgrade_would_lose_is_listed_and_still_there(
    url: str, engine: Engine
) -> None:
    lost = downgrades.losses(url, "0010")
    assert DowngradeLoss(LossKind.TABLE, "case_import_runs", None, 2) in lost
    assert DowngradeLoss(LossKind.TABLE, "case_import_rejects", None, 0) in lost
    assert DowngradeLoss(LossKind.COLUMN, "categories", "class_code", 1) in lost
    deleted = [one for one in lost if one.kind is LossKind.DELETED]
    assert [one.table for one in deleted] == ["role_permissions"]
    assert deleted[0].rows > 0
    assert migrations.current(url) == migrations.head()
    with engine.connect() as conn:
        assert conn.scalar(sa.text("SELECT count(*) FROM case_import_runs")) == 2


def test_rows_that_a_downgrade_changes_are_counted(url: str, engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(
            sa.text(
                "INSERT INTO cases (case_no, category, reported_at, on_boundary, snapped,"
                " unlocated_reason, unrouted_reason, status, trace, last_seq) VALUES"
                " ('c', 'a', now(), false, false, 'no_position', 'bounced', 'triage', '{}', 1)"
            )
        )
        conn.execute(
            sa.text(
                "INSERT INTO case_events (case_no, seq, kind, happened_at, actor, detail)"
                " VALUES ('c', 1, 'reported', now(), 'a', '{}')"
            )
        )
    assert DowngradeLoss(LossKind.CHANGED, "cases", None, 1) in downgrades.losses(url, "0012")


def test_a_downgrade_goes_all_the_way_or_nowhere(url: str, engine: Engine) -> None:
    with engine.begin() as conn:
        # A view that a step on the way cannot drop.
        conn.execute(sa.text("CREATE VIEW own AS SELECT class_code FROM categories"))
    with pytest.raises(sa.exc.DBAPIError, match="depend"):
        downgrades.downgrade(url, "0010")
    assert migrations.current(url) == migrations.head()
    with engine.begin() as conn:
        conn.execute(sa.text("DROP VIEW own"))
    downgrades.downgrade(url, "0010")
    assert migrations.current(url) == "0010"
    migrations.upgrade(url)
    assert migrations.current(url) == migrations.head()


@pytest.mark.parametrize("revision", ["0099", "head", "-1", "base", str(migrations.head())])
def test_only_an_older_schema_can_be_gone_back_to(url: str, revision: str) -> None:
    for ask in (downgrades.losses, downgrades.downgrade):
        with pytest.raises(InputError, match="it can go back to one of: 0001, 0002"):
            ask(url, revision)


def test_a_database_newer_than_the_program_is_left_alone(url: str, engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9001'"))
    with pytest.raises(SchemaError, match="install the newer program"):
        downgrades.downgrade(url, "0010")
    with pytest.raises(SchemaError, match="install the newer program"):
        migrations.upgrade(url)


def test_a_database_without_a_schema_has_nowhere_to_go(empty_database_url: str) -> None:
    with pytest.raises(SchemaError, match="has no schema"):
        downgrades.losses(empty_database_url, "0001")
