"""The panels of the workbench: what was done, what is wrong and mended, who gains cases."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind
from gridmgmt.services.drafts import drafts
from gridmgmt.services.workbench import impact
from gridmgmt.store.areas.attributes import store_attributes
from gridmgmt.store.areas.drafts import get_draft
from tests.factories import make_draft, make_edition, square, two_streets
from tests.services.reroute_city import draft_a2_to_b, fill
from tests.streets import cells_with
from tests.web.conftest import Login
from tests.web.views.areas.test_workbench import MOVE, Bench, at, shapes, stored
from tests.web.views.responsibility.test_duties import text_of
from web.pages import draft_pages


@pytest.fixture
def officer(login: Login) -> FlaskClient:
    client = login("gis_officer")
    client.get("/?lang=en")
    return client


@pytest.fixture
def bench(officer: FlaskClient, engine: Engine) -> Bench:
    with engine.begin() as conn:
        make_edition(conn, two_streets())
        drafts.create(conn, "d", actor="li")
    return at_draft(officer, engine)


def at_draft(client: FlaskClient, engine: Engine) -> Bench:
    with engine.connect() as conn:
        number = get_draft(conn, "d").id
    return Bench(client, f"/drafts/{number}/workbench")


def test_the_log_says_what_was_done_and_what_undo_and_redo_would_do(bench: Bench) -> None:
    empty = bench.get("log.json")
    assert (empty["head"], empty["undo"], empty["redo"]) == (0, None, None)
    assert "Nothing was changed yet" in text_of(empty["html"])
    bench.edit(MOVE)
    bench.edit({"op": "rename", "level": "cell", "code": "B1", "name": "north"}, seen=1)
    told = bench.get("log.json")
    assert (told["head"], told["undo"], told["redo"]) == (2, "renamed an area", None)
    text = text_of(told["html"])
    assert text.index("renamed an area") < text.index("moved a vertex")
    assert "north" in text
    bench.post("undo", seen=2)
    told = bench.get("log.json")
    assert (told["undo"], told["redo"]) == ("moved a vertex", "renamed an area")
    assert text_of(told["html"]).count("undone") == 1


def test_the_form_of_an_area_has_what_is_declared_for_its_level(
    bench: Bench, engine: Engine
) -> None:
    kinds = AttributeKind.TEXT, AttributeKind.NUMBER, AttributeKind.DAY
    with engine.begin() as conn:
        store_attributes(
            conn,
            [
                AreaAttribute(
                    "cell", "use", "用地类别", "Land use", kinds[0], ("住宅", "商业")
                ),
                AreaAttribute("cell", "grade", "管理等级", "Grade", kinds[1]),
                AreaAttribute("cell", "since", "设立日期", "Set up", kinds[2]),
                AreaAttribute("street", "chief", "街道负责人", "Chief"),
            ],
        )
    values = {"op": "set_attributes", "level": "cell", "codes": ["A1"]}
    given = {"use": "商业", "grade": 2, "since": "2026-01-31"}
    assert bench.edit({**values, "values": given}).status_code == 201
    told = bench.get("area/cell/A1.json")
    assert told["head"] == 1
    page = told["html"]
    assert '<option value="商业" selected>' in page
    assert re.search(r'data-attribute="grade" type="number"[^>]* value="2"', page)
    assert re.search(r'data-attribute="since" type="date"[^>]* value="2026-01-31"', page)
    assert "Set up" in page
    assert "Chief" not in page
    assert "data-retire" in page
    above = bench.get("area/street/A.json")["html"]
    assert "Chief" in above
    assert "data-retire" not in above, "areas lie in it"
    assert "can be retired when none does" in text_of(above)
    assert bench.client.get(f"{bench.url}/area/cell/ZZ.json").status_code == 404


def test_of_several_operations_the_refused_one_is_told_with_its_reason_alone(
    bench: Bench,
) -> None:
    rename = {"op": "rename", "level": "cell", "code": "A1", "name": "x"}
    recode = {"op": "recode", "level": "cell", "code": "A1", "to": "A2"}
    told = bench.edit(rename, recode)
    assert told.status_code == 409
    assert told.json["operation"] == 2
    assert "already" in told.json["message"]
    assert "operation" not in told.json["message"]
    assert bench.get("log.json")["head"] == 0


def broken(engine: Engine, officer: FlaskClient) -> Bench:
    """A draft in which A0 lies on part of A2, whose parent is A, too."""
    with engine.begin() as conn:
        make_edition(conn, two_streets())
        make_draft(conn, "d", [cells_with({"A0": square(0.6, 0.1, 0.1, 0.1)})])
    return at_draft(officer, engine)


def test_a_problem_is_shown_and_mended_by_what_was_looked_at(
    engine: Engine, officer: FlaskClient
) -> None:
    bench = broken(engine, officer)
    told = bench.get("problems.json")
    assert told["errors"] == 1
    one = told["problems"][0]
    assert one["severity"] == "error"
    assert one["geometry"]["type"] in ("Polygon", "MultiPolygon")
    lon, lat = one["place"]
    (west, south), (east, north) = at(0.6, 0.1), at(0.7, 0.2)
    assert west < lon < east
    assert south < lat < north
    assert "Overlap" in text_of(told["html"])
    proposal = bench.get("repair/0.json")
    assert proposal["said"] == "removed an overlap"
    before = stored(engine)
    assert shapes(proposal["before"]).items() <= before.items()
    assert stored(engine) == before, "looking changes nothing"
    assert bench.edit(proposal["operation"], seen=proposal["head"]).status_code == 201
    assert shapes(proposal["after"]).items() <= stored(engine).items()
    mended = bench.get("problems.json")
    assert (mended["errors"], mended["warnings"]) == (0, told["warnings"])
    assert "Overlap" not in text_of(mended["html"])


def test_a_problem_without_an_operation_for_it_has_none(bench: Bench) -> None:
    told = bench.get("problems.json")
    assert told["warnings"] == len(told["problems"]) > 0
    assert "data-problem-repair" not in told["html"]
    assert bench.get("repair/0.json")["operation"] is None
    answer = bench.client.get(f"{bench.url}/repair/{len(told['problems'])}.json")
    assert answer.status_code == 404


def test_a_draft_that_is_too_large_is_checked_on_its_own_page(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_pages, "CHECKED_AT_ONCE", -1)
    told = bench.get("problems.json")
    assert "too large" in text_of(told["html"])
    assert told["problems"] == []


@pytest.fixture
def moving(engine: Engine, tmp_path: Path) -> str:
    with engine.begin() as conn:
        fill(conn, tmp_path)
        return f"/drafts/{get_draft(conn, draft_a2_to_b(conn, 'A2')).id}/workbench"


@pytest.mark.parametrize(("role", "sees"), [("gis_officer", False), ("commander", True)])
def test_the_impact_tells_who_gains_and_to_some_where_the_cases_lie(
    login: Login, moving: str, engine: Engine, role: str, sees: bool
) -> None:
    client = login(role)
    client.get("/?lang=en")
    told = Bench(client, moving).get("impact.json")
    text = text_of(told["html"])
    for one in ("MOVED", "−3", "+3", "二中队"):
        assert one in text, one
    assert not re.search(r"(?<!\d) m²", text), "an amount that is nothing is left out"
    with engine.connect() as conn:
        known: dict[str, Any] = {
            row.case_no: [row.x, row.y] if sees else None
            for row in conn.exec_driver_sql(
                "SELECT case_no, ST_X(geom) AS x, ST_Y(geom) AS y FROM cases"
                " WHERE geom IS NOT NULL"
            )
        }
    assert told["moving"] == len(told["cases"]) > 0
    for case in told["cases"]:
        assert case["at"] == known[case["case_no"]]
        assert (case["area"], case["to"]) == ("A2", "二中队")


def test_an_impact_where_nobody_answers_says_so(bench: Bench) -> None:
    assert "No open case would change hands" in text_of(bench.get("impact.json")["html"])
    bench.edit(MOVE)
    assert "no duty covers the areas" in text_of(bench.get("impact.json")["html"])


def test_a_large_impact_leads_to_its_job(
    officer: FlaskClient, moving: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact, "MOST_CASES", 0)
    told = Bench(officer, moving).get("impact.json")
    assert (told["moving"], told["cases"]) == (None, [])
    assert moving.replace("workbench", "impact") in told["html"]


HERE = {"at": [120.15, 30.25], "level": "cell", "codes": ["A1"]}


def test_people_in_one_draft_are_told_of_each_other_until_they_leave(
    login: Login, bench: Bench, engine: Engine
) -> None:
    other = Bench(login("commander"), bench.url)
    assert bench.post("presence", **HERE).json == {"others": []}
    [seen] = (other.post("presence", **{**HERE, "at": None, "codes": []}).json or {})["others"]
    assert seen == {"name": "gis_officer", **HERE}
    [seen] = (bench.post("presence", **HERE).json or {})["others"]
    assert (seen["name"], seen["at"], seen["codes"]) == ("commander", None, [])
    with engine.begin() as conn:
        conn.exec_driver_sql("UPDATE draft_presence SET seen_at = seen_at - interval '16 s'")
    assert bench.post("presence", **HERE).json == {"others": []}


def test_somebody_in_another_draft_is_not_told_of(
    login: Login, bench: Bench, engine: Engine
) -> None:
    with engine.begin() as conn:
        number = drafts.create(conn, "e", actor="li").id
    Bench(login("commander"), f"/drafts/{number}/workbench").post("presence", **HERE)
    assert bench.post("presence", **HERE).json == {"others": []}


def test_a_draft_that_somebody_was_in_can_be_deleted(bench: Bench, engine: Engine) -> None:
    bench.post("presence", **HERE)
    with engine.begin() as conn:
        drafts.delete(conn, "d", actor="li")
    with engine.connect() as conn:
        assert not conn.exec_driver_sql("SELECT * FROM draft_presence").all()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {**HERE, "at": [1]},
        {**HERE, "at": ["1", 2]},
        {**HERE, "at": [float("nan"), 2]},
        {**HERE, "level": None},
        {**HERE, "level": "ce\0ll"},
        {**HERE, "codes": "A1"},
        {**HERE, "codes": [1]},
        {**HERE, "codes": ["A\0"]},
    ],
)
def test_what_says_nothing_of_somebody_is_refused(
    bench: Bench, given: dict[str, object]
) -> None:
    assert bench.post("presence", **given).status_code == 400


def test_a_page_that_only_follows_keeps_no_session_alive(bench: Bench, engine: Engine) -> None:
    long_ago = (
        "UPDATE sessions SET last_seen_at = last_seen_at - interval '10 min'"
        " RETURNING last_seen_at"
    )
    with engine.begin() as conn:
        was = conn.exec_driver_sql(long_ago).scalar_one()
    bench.post("presence", **HERE)
    for path in ("since.json?head=0", "log.json", "problems.json", "impact.json"):
        bench.get(path)
    query = "SELECT last_seen_at FROM sessions"
    with engine.connect() as conn:
        assert conn.exec_driver_sql(query).scalar_one() == was
    bench.edit(MOVE)
    with engine.connect() as conn:
        assert conn.exec_driver_sql(query).scalar_one() > was
