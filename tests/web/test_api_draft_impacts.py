"""The impact of a draft through the API, at once and by a job."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from gridmgmt.domain.moments import on_clock
from gridmgmt.services.workbench import impact
from gridmgmt.services.workbench.impact_cases import ImpactAsked
from gridmgmt.settings import Settings
from gridmgmt.worker.kinds import KINDS
from gridmgmt.worker.run import run_job
from tests.services.reroute_city import draft_a2_to_b, fill
from tests.web.test_api import Program, program

IMPACT = "/drafts/A2 划归 B/impact"


@pytest.fixture
def officer(app: Flask, engine: Engine, tmp_path: Path) -> Program:
    with engine.begin() as conn:
        fill(conn, tmp_path)
        draft_a2_to_b(conn, "A2 划归 B")
    return program(app, engine, "gis_officer", "zhou")


def test_an_impact_is_told_case_by_case(officer: Program) -> None:
    told = officer.get(IMPACT).get_json()
    assert told["moving"] == len(told["cases"]) > 2
    assert {(one["from_responder"], one["to_responder"]) for one in told["cases"]} == {
        ("OA", "S2")
    }
    [squad] = [one for one in told["responders"] if one["responder"] == "S2"]
    assert squad["open_cases"] == {"lost": 0.0, "gained": float(told["moving"])}
    first = officer.get(IMPACT, limit="1").get_json()["cases"]
    assert first == told["cases"][:1]
    rest = officer.get(IMPACT, after=first[0]["case_no"]).get_json()
    assert (rest["cases"], rest["moving"]) == (told["cases"][1:], told["moving"])
    assert officer.get("/drafts/x/impact").status_code == 404


def test_programs_get_what_the_command_line_prints(
    officer: Program, engine: Engine, settings: Settings
) -> None:
    told = officer.get(IMPACT).get_json()
    asked = ImpactAsked(settings.judging_rules, datetime.fromisoformat(told["now"]))
    with engine.connect() as conn:
        printed = impact.DraftImpact(conn, "A2 划归 B", asked).measured().to_json()
    for name in ("now", "since"):
        printed[name] = on_clock(datetime.fromisoformat(printed[name]), settings.tz).isoformat()
    assert told == json.loads(json.dumps(printed))


def test_a_large_draft_is_measured_by_a_job(
    officer: Program, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = officer.get(IMPACT).get_json()
    for most in ("MOST_CASES", "MOST_LEAVES"):
        with monkeypatch.context() as patch:
            patch.setattr(impact, most, 0)
            refused = officer.get(IMPACT)
        assert refused.status_code == 409
        assert "let a job measure" in refused.get_json()["message"]
    begun = officer.post(f"{IMPACT}/jobs", None)
    assert begun.status_code == 201
    job = begun.get_json()
    assert (job["status"], job["impact"]) == ("queued", None)
    run_job(engine, KINDS, job["number"], settings)
    done = officer.get(f"{IMPACT}/jobs/{job['number']}").get_json()
    assert (done["status"], done["error"]) == ("succeeded", None)
    moments = ("now", "since")
    assert {k: v for k, v in done["impact"].items() if k not in moments} == {
        k: v for k, v in at_once.items() if k not in moments
    }
    # Page by page, until no case is left.
    listed: list[object] = []
    last: dict[str, str] = {}
    while page := officer.get(f"{IMPACT}/jobs/{job['number']}", limit="1", **last).get_json()[
        "impact"
    ]["cases"]:
        listed += page
        last = {"after": page[-1]["case_no"]}
        assert len(listed) <= at_once["moving"]
    assert listed == at_once["cases"]
    assert officer.get(f"{IMPACT}/jobs/999").status_code == 404


def test_a_job_is_seen_by_who_began_it(officer: Program, app: Flask, engine: Engine) -> None:
    number = officer.post(f"{IMPACT}/jobs", None).get_json()["number"]
    other = program(app, engine, "gis_officer", "qian")
    assert other.get(f"{IMPACT}/jobs/{number}").status_code == 404
