"""Editing a draft through the API: by several programs, refused where they meet."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.services.accounts import accounts, tokens
from gridmgmt.services.drafts import drafts
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.schema import role_permissions
from tests.factories import make_edition
from tests.geometry.editing.cities import city as drawn_city
from tests.geometry.editing.cities import city_levels
from tests.geometry.editing.test_edits import FOUR, corner
from tests.web.conftest import PASSWORD
from tests.web.test_api import Program

EDITS = "/drafts/2026 修编/edits"


@pytest.fixture
def officers(app: Flask, engine: Engine) -> tuple[Program, Program]:
    """Two officers with tokens, and a draft on top of a drawn city."""
    with engine.begin() as conn:
        make_edition(conn, {areas.level: areas for areas in city_levels()})
        drafts.create(conn, "2026 修编", actor="a")
        made = [
            tokens.create(
                conn,
                accounts.create(
                    conn, name, "gis_officer", PASSWORD, must_change=False, actor="t"
                ),
                "a test",
                days=1,
                now=datetime.now(UTC),
            ).secret
            for name in ("li", "wang")
        ]
    first, second = (Program(app.test_client(), secret) for secret in made)
    return first, second


def move(codes: tuple[str, ...] = FOUR, east: float = 1e-4, level: str = "cell") -> Any:
    lon, lat = corner(drawn_city(), codes)
    return {"op": "move_vertex", "level": level, "at": [lon, lat], "to": [lon + east, lat]}


def edit(program: Program, *operations: Any, **more: object) -> Any:
    return program.post(EDITS, {"operations": list(operations), **more})


def test_a_draft_is_edited_undone_and_redone(
    officers: tuple[Program, Program], engine: Engine
) -> None:
    first, second = officers
    done = edit(first, move(), reason="按会议纪要")
    assert done.status_code == 201
    [one] = done.get_json()["edits"]
    assert (one["number"], one["operation"], len(one["areas"])) == (1, "move_vertex", 10)
    assert {area["level"] for area in one["areas"]} == {"street", "community", "cell"}
    for level in ("street", "community", "cell"):
        # What some gain others lose.
        moved_m2 = [area["moved_m2"] for area in one["areas"] if area["level"] == level]
        assert max(moved_m2) > 1
        assert sum(moved_m2) == pytest.approx(0, abs=0.01)
    assert {(area["existed"], area["exists"]) for area in one["areas"]} == {(True, True)}
    merge = {"op": "merge", "level": "cell", "codes": ["S0C0N01"], "into": "S0C0N00"}
    [merged] = edit(second, merge).get_json()["edits"]
    assert {area["code"]: (area["existed"], area["exists"]) for area in merged["areas"]} == {
        "S0C0N00": (True, True),
        "S0C0N01": (True, False),
    }
    assert second.post(f"{EDITS}/undo", None).get_json()["made_by"] == "wang"
    undone = second.post(f"{EDITS}/undo", None)
    assert (undone.status_code, undone.get_json()["made_by"]) == (200, "li")
    assert second.post(f"{EDITS}/undo", None).status_code == 409
    assert first.post(f"{EDITS}/redo", None).status_code == 200
    told = first.get(EDITS).get_json()
    assert [one["operation"] for one in told["edits"]] == [
        "move_vertex",
        "merge",
        *("undo", "undo", "redo"),
    ]
    assert told["edits"][0]["reason"] == "按会议纪要"
    assert (told["done"], told["undone"]) == ([1], [2])
    with engine.connect() as conn:
        assert len(read_changes(conn, get_draft(conn, "2026 修编").id)["cell"]) == 4


def test_what_is_wrong_is_told_and_nothing_is_done(officers: tuple[Program, Program]) -> None:
    first, _ = officers
    faulty = edit(first, {"op": "rename", "level": "cell"}, {"op": "x"}, move())
    assert faulty.status_code == 400
    assert "operation 1: code is missing" in faulty.text
    assert "operation 2: op 'x' is none of" in faulty.text
    absent = edit(first, move(), {"op": "rename", "level": "cell", "code": "S9", "name": "x"})
    assert absent.status_code == 409
    assert "no cell S9" in absent.get_json()["message"]
    for body in (
        {},
        {"operations": []},
        {"operations": ["x"]},
        {"operations": [move()], "no": 1},
    ):
        assert first.post(EDITS, body).status_code == 422
    assert first.get(EDITS).get_json()["edits"] == []
    assert first.post("/drafts/none/edits", {"operations": [move()]}).status_code == 404
    assert first.get("/drafts/none/edits").status_code == 404


def test_the_same_border_drawn_by_two_is_a_conflict(officers: tuple[Program, Program]) -> None:
    first, second = officers
    assert edit(first, move(), seen=0).status_code == 201
    lon, lat = corner(drawn_city(), FOUR)
    # The second officer redraws the border beside the vertex that the first has moved.
    end = corner(drawn_city(), ("S0C0N01", "S1C0N00", "S0C0N11", "S1C0N10"))
    line = {"op": "reshape", "level": "cell", "line": [[lon + 1e-4, lat], list(end)]}
    met = edit(second, line, seen=0)
    assert met.status_code == 409
    assert "changed there meanwhile: edit 1, move_vertex by li" in met.get_json()["message"]
    assert edit(second, line, seen=1).status_code == 201


def test_a_part_of_an_edit_was_seen_by_nobody(officers: tuple[Program, Program]) -> None:
    first, second = officers
    edit(first, move())
    name = {"op": "rename", "level": "cell", "code": FOUR[0], "name": "一"}
    assert edit(second, name, seen=0.5).status_code == 422
    assert edit(second, name, seen=1.0).status_code == 201


def test_lists_within_lists_are_told(officers: tuple[Program, Program]) -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    geometry = {"type": "Polygon", "coordinates": deep}
    zone = {"op": "set_zone", "code": "Z", "name": "a", "kind": "river", "geometry": geometry}
    told = edit(officers[0], zone)
    assert told.status_code == 400
    assert "operation 1: lists within lists without end" in told.get_json()["message"]


def test_other_borders_of_the_same_areas_are_none(officers: tuple[Program, Program]) -> None:
    first, second = officers
    assert edit(first, move(), seen=0).status_code == 201
    # The four corners of a cell are of one area, but of different borders.
    other = ("S0C0N00", "S0C0N01", "S0C0N10", "S0C0N11")
    assert edit(second, move(other, 5e-5), seen=0).status_code == 201
    name = {"op": "rename", "level": "cell", "code": "S0C0N11", "name": "一"}
    assert edit(first, name, seen=1).status_code == 201
    assert edit(second, {**name, "name": "二"}, seen=2).status_code == 409
    # Its border may be drawn all the same.
    third = ("S0C0N01", "S1C0N00", "S0C0N11", "S1C0N10")
    assert edit(second, move(third, 5e-5), seen=2).status_code == 201
    assert edit(second, {**name, "name": "二"}, seen=4).status_code == 201
    assert edit(second, move(), seen=99).status_code == 400


def test_what_was_undone_since_is_seen_too(officers: tuple[Program, Program]) -> None:
    first, second = officers
    edit(first, move())
    first.post(f"{EDITS}/undo", None)
    # Whoever saw edit 1 draws from where the vertex lay then: it is there no more.
    lon, lat = corner(drawn_city(), FOUR)
    moved = {"op": "move_vertex", "level": "cell", "at": [lon + 1e-4, lat], "to": [lon, lat]}
    assert edit(second, moved, seen=1).status_code == 409
    assert edit(second, move(), seen=1).status_code == 409
    assert edit(second, move(), seen=2).status_code == 201


def test_duties_are_edited_and_met_by_others(
    officers: tuple[Program, Program], engine: Engine
) -> None:
    first, second = officers
    with engine.begin() as conn:
        put_responders(conn, [Responder("S1", ResponderKind.SQUAD, "一中队")])
    duty = {
        "op": "set_duty",
        "responder_code": "S1",
        "role": "dispose",
        "target": "area",
        "level": "cell",
        "target_code": FOUR[0],
        "categories": "*",
    }
    done = edit(first, duty)
    assert done.status_code == 201
    [one] = done.get_json()["edits"]
    assert (one["operation"], one["areas"]) == ("set_duty", [])
    assert (one["row"]["kind"], one["row"]["before"]) == ("duty", None)
    assert one["row"]["after"]["valid_from"] == "publication"
    late = edit(second, {**duty, "valid_to": "2027-12-31"}, seen=0)
    assert late.status_code == 409
    assert "was changed there meanwhile: edit 1, set_duty by li" in late.text
    assert edit(second, {**duty, "valid_to": "2027-12-31"}, seen=1).status_code == 201
    faulty = edit(first, {**duty, "responder_code": "S9"}, {"op": "end_duty", "duty": 7})
    assert faulty.status_code == 409
    assert "there is no responder" in faulty.text
    assert "there is no duty 7" in faulty.text
    assert second.post(f"{EDITS}/undo", None).status_code == 200
    told = first.get(EDITS).get_json()
    assert [one["operation"] for one in told["edits"]] == ["set_duty", "set_duty", "undo"]


@pytest.mark.parametrize(
    ("taken", "refused", "allowed"),
    [
        ("edit_duties", "end_duty", "end_zone"),
        ("import_layers", "end_zone", "end_duty"),
    ],
)
def test_a_draft_gives_nobody_what_they_may_not_change_beside_it(
    officers: tuple[Program, Program], engine: Engine, taken: str, refused: str, allowed: str
) -> None:
    first, _ = officers
    given = {
        "end_duty": {"op": "end_duty", "duty": 7},
        "end_zone": {"op": "end_zone", "code": "Z7"},
    }
    with engine.begin() as conn:
        conn.execute(
            role_permissions.delete().where(
                role_permissions.c.role == "gis_officer",
                role_permissions.c.permission == taken,
            )
        )
    assert edit(first, move(), given[refused]).status_code == 403
    # There is no such row, which is another matter.
    assert edit(first, given[allowed]).status_code == 409
    assert edit(first, move()).status_code == 201
