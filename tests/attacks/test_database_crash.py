"""PostgreSQL is killed while people work: what was acknowledged stays, the pages come back."""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from gridmgmt.services.accounts import accounts, tokens
from gridmgmt.settings import Settings
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.engine import make_engine, transaction
from tests.cli.serving_program import Serving, serving
from tests.services.answering import make_city
from tests.services.case_city import A1, give_duties
from tests.worker.counting import eventually

KILLS = 3
BACK_S = 10.0
REPORTERS = 4


@dataclass
class Reports:
    """Cases that programs report, each acknowledged or not."""

    acknowledged: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def report(self, port: int, token: str, who: int) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            case_no = f"R{who}-{number}"
            status = _post(port, token, case_no)
            self.statuses.append(status)
            if status == 201:
                self.acknowledged.append(case_no)
            else:
                time.sleep(0.05)


def _post(port: int, token: str, case_no: str) -> int:
    case = {
        "case_no": case_no,
        "lon": A1[0],
        "lat": A1[1],
        "reported_at": datetime.now(UTC).isoformat(),
        "category": "E1",
    }
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/cases",
        json.dumps(case).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)
    except OSError:
        return 0


@pytest.fixture
def token(home: Path) -> str:
    engine = make_engine(Cluster(home).url("gridmgmt"))
    try:
        with transaction(engine, commit=True) as conn:
            make_city(conn)
            give_duties(conn)
            password = "eight words of a Thursday"
            program = accounts.create(
                conn, "program", "acceptor", password, must_change=False, actor="a test"
            )
            now = datetime.now(UTC)
            return tokens.create(conn, program, "crash", days=1, now=now).secret
    finally:
        engine.dispose()


def _healthy(served: Serving) -> bool:
    try:
        return served.get("/healthz").status == 200
    except OSError:
        return False


def _seconds_until_reported(port: int, token: str, turn: int) -> float:
    """How long it takes until a new case is taken in again."""
    started = time.monotonic()
    for number in range(10_000):
        if _post(port, token, f"BACK-{turn}-{number}") == 201:
            return time.monotonic() - started
        assert time.monotonic() - started < 60, "nothing is taken in any more"
        time.sleep(0.05)
    raise AssertionError


def _stored(home: Path) -> list[str]:
    engine = make_engine(Cluster(home).url("gridmgmt"))
    try:
        with transaction(engine, commit=False) as conn:
            return list(conn.execute(sa.text("SELECT case_no FROM cases")).scalars())
    finally:
        engine.dispose()


def test_a_cluster_that_was_stopped_stays_down_and_is_taken_up_again(
    home: Path, token: str
) -> None:
    settings = Settings(home=home, actor="tester")
    cluster = Cluster(home)
    with serving(settings, "serve", "--port", "0", "--workers", "1") as served:
        eventually(lambda: _healthy(served))
        assert _post(served.port, token, "BEFORE") == 201
        cluster.down()
        assert _post(served.port, token, "MEANWHILE") == 503
        # Longer than the keeper and a worker that is started again need to look.
        time.sleep(5)
        assert cluster.status().state == "stopped"
        cluster.up()
        started = time.monotonic()
        assert _seconds_until_reported(served.port, token, 0) < BACK_S
        eventually(lambda: _healthy(served), most_s=90)
        print(f"well again after {time.monotonic() - started:.1f} s")  # noqa: T201
        assert served.stop() == 0


def test_no_acknowledged_case_is_lost_and_the_pages_are_back_in_time(
    home: Path, token: str
) -> None:
    settings = Settings(home=home, actor="tester", api_calls=1_000_000)
    reports = Reports()
    took: list[float] = []
    with serving(settings, "serve", "--port", "0", "--workers", "2") as served:
        eventually(lambda: _healthy(served))
        people = [
            threading.Thread(target=reports.report, args=(served.port, token, who))
            for who in range(REPORTERS)
        ]
        for one in people:
            one.start()
        try:
            for _ in range(KILLS):
                time.sleep(3)
                pid = Cluster(home).status().pid
                assert pid is not None
                os.kill(pid, 9)
                took.append(_seconds_until_reported(served.port, token, len(took)))
        finally:
            reports.over.set()
            for one in people:
                one.join()
        eventually(lambda: _healthy(served), most_s=90)
        assert served.stop() == 0
    words = f"{len(reports.acknowledged)} acknowledged, back after {took} s"
    print(words)  # noqa: T201 - the figures, for who runs it with -s
    assert max(took) < BACK_S, words
    assert len(reports.acknowledged) > 20, words
    # Whoever was not served was told so, by an answer and not by a trace.
    assert set(reports.statuses) <= {201, 503}, sorted(set(reports.statuses))
    stored = _stored(home)
    assert set(reports.acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
