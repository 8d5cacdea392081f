"""A planted name is in everything that is kept of a case, and afterwards in nothing."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.services.case_imports.imports import CaseImport, import_in_chunks
from gridmgmt.services.cases import actions, placing
from gridmgmt.services.cases import forgetting as case_forgetting
from gridmgmt.services.cases.actions import Acting
from gridmgmt.services.cases.forgetting import Forgetting
from gridmgmt.services.files import downloads, jobs, uploads
from gridmgmt.services.files.room import FileRoom
from gridmgmt.store.cases import forgetting
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    DEFAULTS,
    SHANGHAI,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)

NAME = "司马种植甲"
NOW = datetime.now(UTC)
RULES = JudgingRules(SHANGHAI)


def rows(number: str, **other: str) -> list[dict[str, str]]:
    return [
        row(
            number,
            A1,
            due_at="2026-03-03 09:30",
            description=f"{NAME}说有坑",
            address=f"{NAME}家门口",
            **other,
        )
    ]


def work_on(conn: Connection, number: str) -> None:
    """Take a case through everything that a person may write a text for, to its end."""
    at = datetime(2026, 3, 4, tzinfo=UTC)
    acts = [
        lambda a: placing.place(conn, a, lonlat=A1, rules=RULES, text=f"{NAME}指的"),
        lambda a: actions.assign(conn, a, responder_code="S2", reason=f"{NAME}要求"),
        lambda a: actions.bounce(conn, a, reason=f"{NAME}不归我"),
        lambda a: actions.assign(conn, a, responder_code="S1", reason=f"给{NAME}"),
        lambda a: actions.dispose(conn, a, at=at, text=f"{NAME}满意"),
        lambda a: actions.close(conn, a, at=at, text=f"{NAME}来电"),
    ]
    for act in acts:
        case = stored(conn, number)
        act(Acting(number, case.last_seq, "wang", now=datetime(2026, 3, 5, tzinfo=UTC)))


def job(conn: Connection, kind: str, arguments: dict[str, object], **ended: object) -> int:
    """A job that has ended."""
    made = jobs.enqueue(conn, kind, arguments, title="cases.csv", actor="wang")
    values = {
        "status": "succeeded",
        "started_at": NOW - timedelta(hours=2),
        "finished_at": NOW - timedelta(hours=1),
        **ended,
    }
    table = sa.table("jobs", *(sa.column(name) for name in ("id", *values)))
    written = {
        name: sa.literal(value, JSONB) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    conn.execute(table.update().where(table.c.id == made).values(written))
    return made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def planted(engine: Engine, tmp_path: Path, home: Path) -> Engine:
    """A city where the name stands in all there is of an old case and its neighbours."""
    room = FileRoom(home)
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
        take_in(conn, case_file(tmp_path, rows("C1")))
        changed = [{**rows("C1")[0], "description": f"{NAME}又说"}]
        take_in(conn, case_file(tmp_path, changed), update_known=True)
        work_on(conn, "C1")
        file = tmp_path.joinpath("cases.csv").read_bytes()
        sent = uploads.keep(room, io.BytesIO(file), "cases.csv", actor="wang", of_cases=True)
        sent.result("rejected.csv").write_text(f"row,reason\n1,{NAME}\n", "utf-8")
        rejected_row = {"row": 2, "reason": f"{NAME!r} is no day"}
        reasons = [{**rejected_row, "rows": 1}]
        rejected = {"rejected": [rejected_row], "rejected_reasons": reasons, "rows": 3}
        job(conn, "case_import", {"upload": sent.id}, result=rejected)
        job(conn, "case_import", {"upload": sent.id}, status="failed", error=f"{NAME}?")
        question = {"question": {"wanted": {}, "search": NAME, "area": None, "edition": None}}
        with downloads.making(room, "wang", NOW) as (download, folder):
            (folder / "cases_20260301.csv").write_text(NAME, "utf-8")
            downloads.finish(home, download, "wang", {"rows": 1})
        job(conn, "case_export", question, result={"download": download, "rows": 1})
    leave_unfinished(engine, tmp_path)
    # So that the planner keeps the commonest values, too.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE")
    assert set(found(engine)) >= {
        "public.cases.description",
        "public.cases.address",
        "public.case_events.detail",
        "public.case_import_rejects.row_values",
        "public.jobs.arguments",
        "public.jobs.result",
        "public.jobs.error",
    }
    assert len(found_in_home(home)) == 3
    return engine


def leave_unfinished(engine: Engine, folder: Path) -> None:
    """Stop an import that rejected a row about the old case."""
    known = rows("C1", channel="x")
    path = case_file(folder, [*known, row("C7"), row("C8")], "unfinished.csv")
    asked = CaseImport(path, **{**DEFAULTS, "rows_at_once": 1})
    with engine.connect() as conn:
        steps = import_in_chunks(conn, asked)
        for report in steps:
            conn.commit()
            if report.rejected:
                break
        steps.close()


def found(engine: Engine) -> list[str]:
    """Name every column of every table in which the name stands, statistics included."""
    columns = sa.text(
        "SELECT n.nspname, c.relname, a.attname FROM pg_attribute AS a"
        " JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'm', 'p')"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname <> 'pg_toast'"
    )
    hits = []
    with engine.connect() as conn:
        for schema, table, column in conn.execute(columns).all():
            # As text, JSON may be escaped and bytes are hexadecimal.
            forms = (NAME, json.dumps(NAME)[1:-1].replace("\\", "\\\\"), NAME.encode().hex())
            asked = f'SELECT EXISTS (SELECT FROM "{schema}"."{table}" WHERE ' + " OR ".join(
                f"CAST(\"{column}\" AS text) LIKE '%{form}%'" for form in forms
            )
            if conn.exec_driver_sql(asked.replace("%", "%%") + ")", ()).scalar_one():
                hits.append(f"{schema}.{table}.{column}")
    return hits


def found_in_home(home: Path) -> list[Path]:
    return [
        path
        for path in home.rglob("*")
        if path.is_file() and NAME.encode() in path.read_bytes()
    ]


def asked(home: Path, **other: object) -> Forgetting:
    return replace(Forgetting(NOW - timedelta(days=1), "a test", home), **other)  # type: ignore[arg-type]


def forget(engine: Engine, home: Path, **other: object) -> case_forgetting.Forgotten:
    @contextmanager
    def begin() -> Iterator[Connection]:
        with engine.begin() as conn:
            yield conn

    done = case_forgetting.forget(begin, asked(home, **other))
    forgetting.clear_old_rows(engine, rewrite=False)
    return done


def test_afterwards_the_name_is_nowhere(planted: Engine, home: Path) -> None:
    with planted.connect() as conn:
        expected = case_forgetting.preview(conn, asked(home))
    done = forget(planted, home)
    assert done == replace(expected, rejected_rows=1)
    assert (done.cases, done.jobs, done.files) == (1, 3, 2)
    assert done.events == 7
    assert found(planted) == []
    assert found_in_home(home) == []
    assert forget(planted, home).is_nothing


def test_what_the_case_was_about_stays(planted: Engine, home: Path) -> None:
    with planted.connect() as conn:
        before = stored(conn, "C1")
        told = conn.execute(sa.text("SELECT trace FROM cases WHERE case_no = 'C1'")).scalar()
        steps = conn.execute(sa.text("SELECT kind, happened_at, actor FROM case_events")).all()
    forget(planted, home)
    with planted.connect() as conn:
        after = stored(conn, "C1")
        assert after.forgotten_at is not None
        assert replace(after, given=before.given, forgotten_at=None) == before, (
            "only personal data went"
        )
        assert (after.given.description, after.given.address) == (None, None)
        assert after.given.x == before.given.x
        assert told == conn.scalar(sa.text("SELECT trace FROM cases WHERE case_no = 'C1'"))
        assert (
            steps
            == conn.execute(sa.text("SELECT kind, happened_at, actor FROM case_events")).all()
        )


def test_the_audit_log_says_how_many_and_until_when(planted: Engine, home: Path) -> None:
    forget(planted, home)
    query = sa.text("SELECT actor, detail FROM audit_log WHERE action = 'forget_cases'")
    with planted.connect() as conn:
        ((actor, detail),) = conn.execute(query).all()
    assert actor == "a test"
    until = (NOW - timedelta(days=1)).isoformat()
    assert detail == {"cases": 1, "events": 7, "closed_before": until}


@pytest.mark.parametrize("update", [False, True])
def test_the_old_file_does_not_bring_it_back(
    planted: Engine, home: Path, tmp_path: Path, update: bool
) -> None:
    forget(planted, home)
    ends = {"disposed_at": "2026-03-04 08:00", "closed_at": "2026-03-04 08:00"}
    with planted.begin() as conn:
        report = take_in(
            conn, case_file(tmp_path, rows("C1", **ends), "old.csv"), update_known=update
        )
        assert (report.rejected, report.unchanged, report.forgotten) == ([], 1, 1)
        assert "personal data were deleted" in " ".join(report.notes_said())
        other = rows("C1", **ends, channel="12345")
        report = take_in(conn, case_file(tmp_path, other, "old.csv"), update_known=True)
        assert (report.updated, report.forgotten) == (1, 1)
        assert stored(conn, "C1").given.channel == "12345"
    assert found(planted) == []


def test_a_case_closed_lately_or_not_at_all_keeps_everything(
    planted: Engine, home: Path
) -> None:
    done = forget(planted, home, closed_before=datetime(2026, 3, 4, tzinfo=UTC))
    assert (done.cases, done.events) == (0, 0)
    assert "public.cases.description" in found(planted)


def test_a_file_that_a_job_waits_for_and_files_of_today_stay(
    planted: Engine, home: Path
) -> None:
    room = FileRoom(home)
    sent = uploads.keep(room, io.BytesIO(b"x"), "b.csv", actor="li", of_cases=True)
    layer = uploads.keep(room, io.BytesIO(b"x"), "layer.gpkg", actor="li")
    with planted.begin() as conn:
        jobs.enqueue(conn, "case_import", {"upload": sent.id}, title="b", actor="li")
    forget(planted, home, kept_before=NOW - timedelta(days=1))
    assert len(found_in_home(home)) == 3
    forget(planted, home, kept_before=datetime.now(UTC))
    assert found_in_home(home) == []
    assert sent.path.exists()
    assert layer.path.exists()


def test_many_cases_are_forgotten_some_at_a_time(
    planted: Engine, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_forgetting, "CASES_AT_ONCE", 2)
    ends = {"disposed_at": "2026-03-04 08:00", "closed_at": "2026-03-04 08:00"}
    with planted.begin() as conn:
        more = [rows(f"D{n}", **ends)[0] for n in range(5)]
        take_in(conn, case_file(tmp_path, more, "more.csv"))
    assert forget(planted, home).cases == 6
    query = "SELECT detail ->> 'cases' FROM audit_log WHERE action = 'forget_cases' ORDER BY id"
    with planted.connect() as conn:
        assert list(conn.execute(sa.text(query)).scalars()) == ["2", "2", "2"]
