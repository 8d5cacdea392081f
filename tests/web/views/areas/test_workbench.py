"""The workbench of a draft: areas are fetched as they are, edited, undone, and followed."""

from datetime import datetime
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.geometry.drawing.compact import CompactShapes, decode
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_state import areas_of
from gridmgmt.geometry.editing.outline import degrees, shape_of
from gridmgmt.geometry.measure import area_m2
from gridmgmt.services.drafts import drafts
from gridmgmt.services.workbench import editing, open_drafts, shown_areas
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.store.areas.drafts import get_draft
from tests.factories import make_edition, two_streets
from tests.streets import SOUTH, STEP, WEST
from tests.web.conftest import Login, csrf_of


def at(column: float, row: float) -> list[float]:
    """Return a place by the steps of the two streets."""
    return [round(WEST + column * STEP, 8), round(SOUTH + row * STEP, 8)]


def view(west: float, south: float, east: float, north: float) -> str:
    (w, s), (e, n) = at(west, south), at(east, north)
    return f"west={w}&south={s}&east={e}&north={n}"


EVERYWHERE = view(-1, -1, 3, 2)
MOVE = {"op": "move_vertex", "level": "cell", "at": at(0.5, 0.5), "to": at(0.55, 0.45)}


class Bench:
    """Somebody at the workbench of the draft "d"."""

    def __init__(self, client: FlaskClient, url: str) -> None:
        self.client = client
        self.url = url
        self.token = csrf_of(client.get(url).text)

    def get(self, path: str) -> Any:
        answer = self.client.get(f"{self.url}/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, **given: object) -> TestResponse:
        headers = {"X-CSRFToken": self.token, "Accept": "application/json"}
        return self.client.post(f"{self.url}/{path}", json=given, headers=headers)

    def edit(self, *operations: dict[str, Any], seen: int = 0) -> TestResponse:
        return self.post("edits", operations=operations, seen=seen)


@pytest.fixture
def url(engine: Engine) -> str:
    with engine.begin() as conn:
        make_edition(conn, two_streets())
        draft = drafts.create(conn, "d", actor="li")
    return f"/drafts/{draft.id}/workbench"


@pytest.fixture
def bench(login: Login, url: str) -> Bench:
    client = login("gis_officer")
    client.get("/?lang=en")
    return Bench(client, url)


def shapes(answer: Any) -> dict[str, shapely.MultiPolygon]:
    """Decode areas as a script does, from whole steps."""
    found = {}
    for area in answer["areas"]:
        parts = []
        for polygon in area["rings"]:
            rings = []
            for flat in polygon:
                x, y = (
                    [*accumulate(flat[n::2], initial=answer["origin"][n])][1:] for n in (0, 1)
                )
                rings.append(np.array([x, y], dtype=np.int64).T)
            parts.append(tuple(rings))
        found[area["code"]] = shape_of(tuple(parts))
    return found


def drawn(answer: Any) -> list[shapely.MultiPolygon]:
    """Decode the areas of an overview."""
    shapes = CompactShapes(tuple(answer["origin"]), answer["unit"], answer["polygons"])
    return list(decode(shapes))


def stored(engine: Engine, level: str = "cell") -> dict[str, Any]:
    with engine.connect() as conn:
        state = opened(conn, get_draft(conn, "d")).state
        areas = areas_of({level: state.level_areas(level)})
        return {one.code: one.shape for one in areas}


def test_areas_of_a_view_are_those_of_the_draft_to_the_last_bit(
    bench: Bench, engine: Engine
) -> None:
    seen = bench.get(f"exact/cell.json?{EVERYWHERE}")
    known = stored(engine)
    assert {code: one.wkb for code, one in shapes(seen).items()} == {
        code: one.wkb for code, one in known.items()
    }
    told = {one["code"]: (one["m2"], one["parent"]) for one in seen["areas"]}
    assert told["A1"] == (round(float(area_m2([known["A1"]])[0]), 2), "A")
    assert seen["head"] == 0


def test_a_view_has_the_areas_it_meets_and_no_other(bench: Bench) -> None:
    seen = bench.get(f"exact/cell.json?{view(0.1, 0.1, 0.2, 0.2)}")
    assert list(shapes(seen)) == ["A1"]


def test_a_view_of_too_much_is_seen_from_far(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_areas, "_MOST_VERTICES", 8)
    assert bench.get(f"exact/cell.json?{EVERYWHERE}")["far"] is True
    near = bench.get(f"exact/cell.json?{view(0.1, 0.1, 0.2, 0.2)}")
    assert "far" not in near


def test_the_overview_has_all_areas_with_names_and_parents(bench: Bench) -> None:
    seen = bench.get("overview/cell.json")
    assert seen["codes"] == sorted(two_streets()["cell"].codes)
    assert dict(zip(seen["codes"], seen["parents"], strict=True))["B3"] == "B"
    assert len(seen["polygons"]) == len(seen["codes"])


def test_the_overview_follows_an_edit(bench: Bench) -> None:
    before = bench.get("overview/cell.json")
    bench.edit(MOVE)
    after = bench.get("overview/cell.json")
    differs = {
        code
        for code, one, other in zip(
            before["codes"], before["polygons"], after["polygons"], strict=True
        )
        if one != other
    }
    assert differs == {"A1", "A2", "A3", "A4"}
    assert after["head"] == 1


def test_a_process_that_reads_the_draft_anew_shows_what_others_show(bench: Bench) -> None:
    bench.edit(MOVE)
    bench.edit({"op": "merge", "level": "cell", "codes": ["B1", "B2"], "into": "B1"}, seen=1)
    bench.edit({"op": "rename", "level": "cell", "code": "B3", "name": "north"}, seen=2)
    bench.edit({"op": "reassign", "level": "cell", "codes": ["A2"], "to": "B"}, seen=3)
    followed = bench.get("overview/cell.json")
    open_drafts._drafts.clear()
    anew = bench.get("overview/cell.json")
    # One has vertices on straight borders that the other left out.
    for one, other in zip(drawn(anew), drawn(followed), strict=True):
        assert shapely.equals(one, other)
    del anew["polygons"]
    assert anew.items() <= followed.items()
    assert "B2" not in followed["codes"]
    at_b3, at_a2 = map(followed["codes"].index, ("B3", "A2"))
    assert (followed["names"][at_b3], followed["parents"][at_a2]) == ("north", "B")


def test_an_edit_answers_with_all_that_it_moved(bench: Bench, engine: Engine) -> None:
    answer = bench.edit(MOVE)
    assert answer.status_code == 201
    told = answer.json or {}
    cells = shapes(told["areas"]["cell"])
    known = stored(engine)
    assert {code: one.wkb for code, one in cells.items()} == {
        code: known[code].wkb for code in ("A1", "A2", "A3", "A4")
    }
    assert told["head"] == 1
    assert [one["said"] for one in told["entries"]] == ["moved a vertex"]


def test_an_area_that_is_gone_is_told_as_gone(bench: Bench) -> None:
    merge = {"op": "merge", "level": "cell", "codes": ["A1", "A2"], "into": "A1"}
    told = bench.edit(merge).json or {}
    assert told["areas"]["cell"]["gone"] == ["A2"]
    assert list(shapes(told["areas"]["cell"])) == ["A1"]


def test_what_was_edited_is_undone_and_redone(bench: Bench, engine: Engine) -> None:
    before = stored(engine)
    bench.edit(MOVE)
    after = stored(engine)
    undone = bench.post("undo", seen=1)
    assert undone.status_code == 200
    assert stored(engine) == before
    assert undone.json is not None
    assert shapes(undone.json["areas"]["cell"])["A1"] == before["A1"]
    assert [one["of"] for one in undone.json["entries"]] == [1]
    bench.post("redo", seen=2)
    assert stored(engine) == after
    assert bench.post("redo", seen=3).status_code == 409


@pytest.mark.parametrize("way", ["undo", "redo"])
def test_what_was_not_seen_is_not_undone(bench: Bench, engine: Engine, way: str) -> None:
    bench.edit(MOVE)
    if way == "redo":
        bench.post("undo", seen=1)
    head = bench.get("since.json?head=0")["head"]
    before = stored(engine)
    bench.client.get("/?lang=zh")
    refused = bench.post(way, seen=head - 1)
    assert refused.status_code == 409
    assert refused.json is not None
    assert f"第 {head} 步编辑，编辑人 gis_officer" in refused.json["message"]
    assert stored(engine) == before
    # An answer that was lost, and the same asked again: it is done once.
    assert bench.post(way, seen=head).status_code == 200
    assert bench.post(way, seen=head).status_code == 409
    assert bench.get("since.json?head=0")["head"] == head + 1


def test_entries_tell_whose_they_are(bench: Bench, engine: Engine) -> None:
    bench.edit(MOVE)
    with engine.begin() as conn:
        editing.edit(conn, "d", [ops.Rename("cell", "B1", "北")], border_m=0.05, actor="wang")
    told = bench.get("since.json?head=0")["entries"]
    assert [(one["operation"], one["mine"]) for one in told] == [
        ("move_vertex", True),
        ("rename", False),
    ]


def test_others_edits_are_followed(bench: Bench, engine: Engine) -> None:
    with engine.begin() as conn:
        editing.edit(conn, "d", [ops.Rename("cell", "B1", "北")], border_m=0.05, actor="wang")
    told = bench.get("since.json?head=0")
    assert told["head"] == 1
    [area] = told["areas"]["cell"]["areas"]
    assert (area["code"], area["name"]) == ("B1", "北")
    assert told["entries"][0]["by"] == "wang"
    assert datetime.fromisoformat(told["entries"][0]["at"]) is not None
    assert bench.get("since.json?head=1") == {"head": 1, "areas": {}, "entries": []}


def test_an_edit_of_what_others_moved_meanwhile_is_a_conflict(
    bench: Bench, engine: Engine
) -> None:
    bench.edit(MOVE)
    other = {**MOVE, "at": MOVE["to"], "to": at(0.6, 0.4)}
    refused = bench.edit(other, seen=0)
    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["conflict"]["entry"] == 1
    assert bench.edit(other, seen=1).status_code == 201


def test_a_refused_edit_says_why_in_the_readers_language(bench: Bench, engine: Engine) -> None:
    before = stored(engine)
    across = {**MOVE, "to": at(2.5, 1.5)}
    bench.client.get("/?lang=zh")
    refused = bench.edit(across)
    assert refused.status_code == 409
    assert refused.json is not None
    assert not refused.json["message"].isascii()
    assert stored(engine) == before
    assert bench.get("since.json?head=0")["head"] == 0


@pytest.mark.parametrize(
    "given",
    [
        {"operations": [MOVE]},
        {"operations": [MOVE], "seen": "0"},
        {"operations": [MOVE], "seen": True},
        {"operations": [MOVE], "seen": 7},
        {"operations": [], "seen": 0},
        {"operations": {}, "seen": 0},
        {"operations": [7], "seen": 0},
        {"operations": [{"op": "no_such"}], "seen": 0},
        {"operations": [{**MOVE, "at": [500, 0]}], "seen": 0},
    ],
)
def test_what_is_no_edit_is_refused(bench: Bench, given: dict[str, object]) -> None:
    assert bench.post("edits", **given).status_code in (400, 422)
    assert bench.get("since.json?head=0")["head"] == 0


def test_a_body_that_is_no_object_is_refused(bench: Bench) -> None:
    headers = {"X-CSRFToken": bench.token, "Accept": "application/json"}
    for body in (b"", b"[]", b"{", b"7"):
        answer = bench.client.post(
            f"{bench.url}/edits", data=body, content_type="application/json", headers=headers
        )
        assert answer.status_code == 400, body


def test_without_the_token_of_the_page_nothing_is_edited(bench: Bench) -> None:
    bench.token = ""
    assert bench.edit(MOVE).status_code == 400
    assert bench.get("since.json?head=0")["head"] == 0


def test_a_level_that_is_not_there_is_not_found(bench: Bench) -> None:
    for path in (f"exact/no.json?{EVERYWHERE}", "overview/no.json"):
        assert bench.client.get(f"{bench.url}/{path}").status_code == 404


def test_who_reviews_looks_and_does_not_edit(login: Login, bench: Bench, url: str) -> None:
    reviewer = Bench(login("commander"), url)
    assert len(reviewer.get(f"exact/cell.json?{EVERYWHERE}")["areas"]) == 8
    assert '"may_edit": false' in reviewer.client.get(url).text
    assert '"may_edit": true' in bench.client.get(url).text
    assert reviewer.edit(MOVE).status_code == 403
    assert reviewer.post("undo", seen=0).status_code == 403


def test_whole_steps_are_degrees_times_a_hundred_million(bench: Bench) -> None:
    seen = bench.get(f"exact/cell.json?{EVERYWHERE}")
    assert seen["unit"] == 1e-8
    corner = degrees(np.array(seen["origin"]))
    assert corner.tolist() == at(0, 0)
