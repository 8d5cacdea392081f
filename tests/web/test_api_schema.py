"""The API against its own description: whatever is sent, the answer is a documented one."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from sqlalchemy.engine import Engine
from werkzeug.serving import make_server

from gridmgmt.services.accounts import accounts, tokens
from gridmgmt.settings import Settings
from tests.web.conftest import PASSWORD

DESCRIPTION = "/api/v1/openapi.json"


def asked(secret: str, examples: int) -> SchemathesisConfig:
    """Every kind of data, fit and unfit, the same in every run."""
    return SchemathesisConfig.from_dict(
        {
            "seed": 20261122,
            "workers": 1,
            "headers": {"Authorization": f"Bearer {secret}"},
            "generation": {"mode": "all", "max-examples": examples, "deterministic": True},
            "phases": {"stateful": {"enabled": False}},
            # What fits the description may still name a category or a position there is not.
            "checks": {"positive_data_acceptance": {"enabled": False}},
        }
    )


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a program call as often as it likes."""
    return replace(settings, api_calls=1_000_000)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """A server of its own."""
    server = make_server("127.0.0.1", 0, app)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{DESCRIPTION}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret(city: Engine) -> str:
    now = datetime.now(UTC)
    with city.begin() as conn:
        account = accounts.create(
            conn, "chief", "duty_chief", PASSWORD, must_change=False, actor="a test"
        )
        return tokens.create(conn, account, "a test", days=1, now=now).secret


@pytest.mark.proof
def test_every_answer_is_a_documented_one(address: str, secret: str) -> None:
    schema = schemathesis.openapi.from_url(address, config=asked(secret, examples=30))
    failures, errors = [], []
    answered: dict[str, Counter[int]] = defaultdict(Counter)
    for event in from_schema(schema).execute():
        if isinstance(event, FatalError | NonFatalError):
            errors.append(str(event.info))
        if not isinstance(event, ScenarioFinished):
            continue
        recorder = event.recorder
        for call in recorder.interactions.values():
            assert call.response is not None
            answered[recorder.label][call.response.status_code] += 1
        for checks in recorder.checks.values():
            failures += [
                f"{recorder.label}: {one.failure_info.failure}"
                for one in checks
                if one.failure_info is not None
            ]
    assert errors == []
    assert failures == []
    assert len(answered) == 24
    # No drawn label is that of a draft; what is answered for one is in test_api_drafts.py.
    assert all(
        {200, 201} & set(counts) or "/drafts/" in label for label, counts in answered.items()
    )
    assert min(sum(counts.values()) for counts in answered.values()) > 30
