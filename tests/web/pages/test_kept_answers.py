"""Equal questions about figures are answered once, and never with what has changed since."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.situation import map_figures
from gridmgmt.services.situation.breaks_renewal import renew_breaks
from gridmgmt.services.statistics import sources
from gridmgmt.services.statistics.sources import count_in_columns
from tests.factories import make_edition, two_streets
from tests.services.case_city import SHANGHAI
from tests.services.map_city import make_map_city
from tests.web.conftest import Login

FIGURES = "/map/figures.json?edition=2&level=cell&from=2026-01-01&to=2026-03-31"


@pytest.fixture
def map_city(engine: Engine, app: Flask, tmp_path: Path) -> Iterator[Engine]:
    with engine.begin() as conn:
        make_map_city(conn, tmp_path, cases=60)
    count_in_columns(app.extensions["gridmgmt"].engine, tmp_path / "home").refresh()
    yield engine
    sources._sources.clear()


@pytest.fixture
def commander(map_city: Engine, login: Login) -> FlaskClient:
    return login("commander")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The levels whose figures were counted, one for each time."""
    levels: list[str] = []
    count = map_figures.figures

    def counted(conn: Any, edition: int, level: str, *args: Any, **given: Any) -> Any:
        levels.append(level)
        return count(conn, edition, level, *args, **given)

    monkeypatch.setattr(map_figures, "figures", counted)
    return levels


def ask(client: FlaskClient, address: str = FIGURES) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.get_json()
    return told


def test_an_equal_question_is_counted_once(commander: FlaskClient, made: list[str]) -> None:
    first = ask(commander)
    assert ask(commander) == first
    assert made == ["cell"]
    ask(commander, FIGURES.replace("cell", "street"))
    assert made == ["cell", "street"]


def test_those_who_ask_at_the_same_time_wait_for_one_answer(
    commander: FlaskClient, app: Flask, made: list[str]
) -> None:
    kept = commander._cookies.values()  # type: ignore[attr-defined]
    cookie = {"Cookie": "; ".join(f"{one.key}={one.value}" for one in kept)}

    def one(_: int) -> Any:
        return app.test_client(use_cookies=False).get(FIGURES, headers=cookie).get_json()

    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(one, range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert made == ["cell"]


def test_a_changed_case_is_in_the_next_answer(
    commander: FlaskClient, map_city: Engine, made: list[str]
) -> None:
    before = ask(commander)
    with map_city.begin() as conn:
        # A day after the period.
        conn.execute(
            sa.text(
                "UPDATE cases SET reported_at = '2026-05-01' WHERE case_no ="
                " (SELECT min(case_no) FROM cases WHERE area_code IS NOT NULL)"
            )
        )
    after = ask(commander)
    assert sum(after["columns"]["cases"]) == sum(before["columns"]["cases"]) - 1
    assert made == ["cell", "cell"]


def test_a_deadline_that_passes_ends_an_answer(
    commander: FlaskClient, map_city: Engine, made: list[str]
) -> None:
    with map_city.begin() as conn:
        conn.execute(
            sa.text(
                "UPDATE cases SET due_at = clock_timestamp() + interval '2 seconds',"
                " disposed_at = NULL, closed_at = NULL WHERE case_no ="
                " (SELECT min(case_no) FROM cases WHERE area_code IS NOT NULL)"
            )
        )
    before = ask(commander)
    assert ask(commander) == before
    time.sleep(2.2)
    after = ask(commander)
    assert sum(after["columns"]["overdue"]) == sum(before["columns"]["overdue"]) + 1
    assert made == ["cell", "cell"]


def test_a_report_that_passes_ends_an_answer(commander: FlaskClient, map_city: Engine) -> None:
    """Such a case is there when the clock of the machine was set back after its report."""
    with map_city.begin() as conn:
        # Nothing else ends an answer by itself.
        conn.execute(sa.text("UPDATE cases SET due_at = NULL"))
        conn.execute(
            sa.text(
                "UPDATE cases SET reported_at = clock_timestamp() + interval '2 seconds',"
                " disposed_at = NULL, closed_at = NULL WHERE case_no ="
                " (SELECT min(case_no) FROM cases WHERE area_code IS NOT NULL)"
            )
        )
    open_ones = FIGURES.replace("2026-03-31", "2199-12-31") + "&open=1"
    before = ask(commander, open_ones)
    time.sleep(2.2)
    after = ask(commander, open_ones)
    assert sum(after["columns"]["open"]) == sum(before["columns"]["open"]) + 1


def test_an_edition_that_comes_into_force_ends_an_answer(
    commander: FlaskClient, map_city: Engine, made: list[str]
) -> None:
    in_force = FIGURES.replace("edition=2&", "")
    with map_city.begin() as conn:
        soon = datetime.now(UTC) + timedelta(seconds=3)
        make_edition(conn, two_streets(), effective_from=soon)
    assert ask(commander, in_force)["edition"] == 2
    assert ask(commander, in_force)["edition"] == 2
    time.sleep(3.2)
    assert ask(commander, in_force)["edition"] == 3
    assert made == ["cell", "cell"]


def test_an_area_that_changes_ends_an_answer(
    commander: FlaskClient, map_city: Engine, made: list[str]
) -> None:
    ask(commander)
    with map_city.begin() as conn:
        conn.execute(sa.text("UPDATE areas SET name = name || '!' WHERE code = 'A1'"))
    ask(commander)
    assert made == ["cell", "cell"]


def test_classes_made_anew_end_an_answer_and_those_of_another_question_do_not(
    commander: FlaskClient, map_city: Engine, made: list[str]
) -> None:
    with map_city.begin() as conn:
        # January is a full month: its first day has a case.
        conn.execute(
            sa.text(
                "UPDATE cases SET reported_at = '2026-01-01T09:00+08'"
                " WHERE case_no = (SELECT min(case_no) FROM cases)"
            )
        )
    april = FIGURES.replace("01-01", "04-01").replace("03-31", "04-30")
    before = ask(commander, april)
    assert before["classes"]["fixed"] is not None
    assert ask(commander, f"{april}&category=E1")["classes"]["category"] == "E1"
    assert ask(commander, april) == before
    assert made == ["cell", "cell"]
    with map_city.begin() as conn:
        conn.execute(sa.text("UPDATE density_breaks SET breaks = '{1}'"))
        renew_breaks(conn, tz=SHANGHAI, now=datetime.now(UTC))
    assert ask(commander, april)["classes"]["fixed"] == before["classes"]["fixed"]
    assert made == ["cell", "cell", "cell"]


def test_accounts_of_another_sight_get_answers_of_their_own(
    commander: FlaskClient, login: Login, made: list[str]
) -> None:
    whole = ask(commander)
    chief = login("commander", "chief", area=("street", "A"))
    mine = ask(chief)
    assert 0 < sum(mine["columns"]["cases"]) < sum(whole["columns"]["cases"])
    other = login("commander", "another")
    assert ask(other) == whole
    assert made == ["cell", "cell"]
