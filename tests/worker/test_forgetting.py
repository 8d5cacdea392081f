from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from gridmgmt.worker.forgetting import DailyForgetting
from tests.services.answering import make_city
from tests.services.case_city import A1, case_file, give_duties, row, take_in

NOW = datetime.now(UTC)


def with_texts(engine: Engine) -> list[str]:
    query = "SELECT case_no FROM cases WHERE description IS NOT NULL ORDER BY case_no"
    with engine.connect() as conn:
        return list(conn.execute(sa.text(query)).scalars())


def take(engine: Engine, folder: Path, number: str, closed: datetime) -> None:
    at = closed.isoformat()
    one = row(number, A1, reported_at="2019-03-02 09:30", disposed_at=at, closed_at=at)
    with engine.begin() as conn:
        take_in(
            conn, case_file(folder, [{**one, "description": "张三"}], f"{number}.csv"), now=NOW
        )


def test_the_worker_forgets_once_a_day_what_is_due(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
    take(engine, tmp_path, "OLD", NOW - timedelta(days=31))
    take(engine, tmp_path, "NEW", NOW - timedelta(days=29))
    DailyForgetting(engine, settings)(NOW)
    assert with_texts(engine) == ["NEW", "OLD"], "nobody said for how long they are kept"
    daily = DailyForgetting(engine, replace(settings, personal_days=30))
    daily(NOW)
    assert with_texts(engine) == ["NEW"]
    take(engine, tmp_path, "OLDER", NOW - timedelta(days=40))
    daily(NOW + timedelta(hours=23))
    assert with_texts(engine) == ["NEW", "OLDER"]
    daily(NOW + timedelta(days=3))
    assert with_texts(engine) == []
