"""Drafts on pages: opened, filled from files, checked, published, fought over."""

import csv
import html
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas
import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.review import ReviewRule
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.geometry.coverage.changes import pick
from gridmgmt.services.drafts import changes as draft_changes
from gridmgmt.services.drafts import checks, drafts, publishing
from gridmgmt.services.workbench import impact
from gridmgmt.settings import Settings
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import get_draft, list_changes, list_drafts
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.engine import make_engine
from gridmgmt.worker.kinds import KINDS
from gridmgmt.worker.run import run_job
from tests.factories import (
    make_draft,
    make_edition,
    make_level,
    square,
    two_streets,
    write_areas,
)
from tests.layer_forms import FORMS, sent_form, write_form
from tests.services.reroute_city import draft_a2_to_b, fill
from tests.services.workbench.test_rehearsed_publishing import conflicting
from tests.shared import shared_data
from tests.web.conftest import Login, csrf_of
from tests.web.views.responsibility.test_duties import text_of
from web.pages import draft_pages

XIACHENG = "hangzhou_xiacheng/areas.gpkg"


class Officer:
    """A GIS officer at a browser: opens a draft, sends files, presses buttons."""

    def __init__(self, client: FlaskClient, engine: Engine) -> None:
        self.client = client
        self.engine = engine
        self.client.get("/drafts?lang=en")
        self.token = csrf_of(self.client.get("/drafts").text)

    def post(self, address: str, **data: object) -> TestResponse:
        return self.client.post(address, data={"csrf_token": self.token, **data})

    def open(self, label: str) -> int:
        answer = self.post("/drafts", label=label)
        assert answer.status_code == 303, answer.text
        return int(answer.location.rsplit("/", 1)[1])

    def send(self, draft: int, path: Path, **said: str) -> TestResponse:
        """Send a file, a folder as a zip; the answer is the page with the first look."""
        content = io.BytesIO(zipped(path) if path.is_dir() else path.read_bytes())
        name = f"{path.name}.zip" if path.is_dir() else path.name
        # Encoded here: what the client encodes by itself is left open when it is large.
        file = FileStorage(content, filename=name)
        fields = {"csrf_token": self.token, "file": file, **said}
        boundary, body = encode_multipart(fields)
        kind = f"multipart/form-data; boundary={boundary}"
        answer = self.client.post(f"/drafts/{draft}/import", data=body, content_type=kind)
        assert answer.status_code == 303, answer.text
        self.upload = answer.location.partition("?")[0]
        return self.client.get(answer.location)

    def seen(self, page: str) -> str:
        found = re.search(r'name="seen" value="(\d+)"', page)
        assert found
        return found[1]

    def rehearse(self, draft: int, **choices: str) -> TestResponse:
        seen = self.seen(self.client.get(self.upload).text)
        return self.post(self.upload, **{"seen": seen, **choices})

    def save(self, draft: int, **choices: str) -> TestResponse:
        seen = self.seen(self.client.get(self.upload).text)
        return self.post(f"{self.upload}/save", **{"seen": seen, **choices})

    def changes(self, label: str) -> dict[str, int]:
        with self.engine.connect() as conn:
            made = draft_changes.counts(conn, get_draft(conn, label))
        return {one.level: one.changes for one in made}


def zipped(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return content.getvalue()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Without review, which has its own tests (test_draft_reviews)."""
    return replace(settings, review=ReviewRule.NEVER)


@pytest.fixture
def officer(login: Login, engine: Engine) -> Officer:
    return Officer(login("gis_officer"), engine)


@pytest.fixture
def second(login: Login, engine: Engine) -> Officer:
    return Officer(login("gis_officer", username="other"), engine)


def layer(folder: Path, level: str, name: str = "layer.geojson") -> Path:
    return write_areas(folder / name, two_streets()[level])


STREETS = {"level": "street", "code": "code", "name": "name"}
CELLS = {"level": "cell", "code": "code", "name": "name", "parent": "parent"}


def test_a_draft_is_opened_listed_and_a_taken_label_is_said(officer: Officer) -> None:
    draft = officer.open("2026-12")
    assert "This draft changes nothing yet" in officer.client.get(f"/drafts/{draft}").text
    assert "2026-12" in officer.client.get("/drafts").text
    assert "there is a draft" in officer.post("/drafts", label="2026-12").text
    assert "a draft needs a label" in officer.post("/drafts", label=" ").text


def test_a_layer_is_looked_at_then_tried_then_saved(officer: Officer, tmp_path: Path) -> None:
    draft = officer.open("d")
    page = officer.send(draft, layer(tmp_path, "street"))
    assert "Layer layer: 2 features" in page.text
    assert '<option value="code" selected>' in page.text
    shapes = officer.client.get(f"{officer.upload}/features.json").get_json()
    assert len(shapes["features"]) == 2
    tried = officer.rehearse(draft, **STREETS)
    assert tried.status_code == 200
    assert "Save into the draft" in tried.text
    assert officer.changes("d") == {}
    saved = officer.save(draft, **STREETS)
    assert saved.status_code == 303
    assert officer.changes("d") == {"street": 2}
    page = officer.client.get(f"/drafts/{draft}")
    assert "imported" in page.text
    assert "layer.geojson" in page.text
    assert "layer.geojson:layer, feature 1" in page.text
    zh = officer.client.get(f"/drafts/{draft}?lang=zh").text
    assert "layer.geojson:layer 要素 1" in zh
    after = officer.client.get(f"/drafts/{draft}/after.json?level=street").get_json()
    assert [one["id"] for one in after["features"]] == ["A", "B"]


def test_another_layer_of_the_same_file_needs_no_second_upload(
    officer: Officer, tmp_path: Path
) -> None:
    draft = officer.open("d")
    levels = two_streets()
    for name in ("streets", "cells"):
        write_areas(tmp_path / f"{name}.geojson", levels[name.removesuffix("s")])
        frame = geopandas.read_file(tmp_path / f"{name}.geojson")
        frame.to_file(tmp_path / "city.gpkg", layer=name, driver="GPKG")
    officer.send(draft, tmp_path / "city.gpkg")
    saved = officer.save(draft, layer="streets", **STREETS)
    page = officer.client.get(saved.location).text
    assert f'href="{officer.upload}"' in page
    saved = officer.save(draft, layer="cells", **CELLS)
    assert officer.changes("d") == {"street": 2, "cell": len(levels["cell"].codes)}
    officer.send(draft, layer(tmp_path, "street"))
    saved = officer.save(draft, **STREETS)
    assert "another layer" not in officer.client.get(saved.location).text


def test_looking_again_puts_no_token_into_the_address(officer: Officer, tmp_path: Path) -> None:
    page = officer.send(officer.open("d"), layer(tmp_path, "street")).text
    (form,) = re.findall(
        rf'<form method="post" action="{officer.upload}">.*?</form>', page, re.S
    )
    assert not re.search(r'<input[^>]*name="csrf_token"', form)
    assert re.search(r'<button[^>]*type="submit" name="csrf_token"', form)


@pytest.mark.parametrize("form", FORMS)
def test_a_layer_may_come_in_every_form(officer: Officer, tmp_path: Path, form: str) -> None:
    streets = two_streets()["street"]
    data = geopandas.GeoDataFrame(
        {"code": streets.codes, "name": streets.names}, geometry=streets.geoms, crs="EPSG:4326"
    )
    path = sent_form(write_form(tmp_path, form, data))
    draft = officer.open("d")
    offered = officer.client.get(f"/drafts/{draft}/import").text
    assert f"{path.suffix or '.zip'}," in offered or f'{path.suffix}"' in offered
    chosen = STREETS if form != "dxf" else {**STREETS, "code": "Layer", "name": "Layer"}
    page = officer.send(draft, path, crs="EPSG:4326")
    assert ": 2 features" in page.text
    assert officer.save(draft, crs="EPSG:4326", **chosen).status_code == 303
    assert officer.changes("d") == {"street": 2}


def test_another_layer_of_the_file_brings_its_own_level_and_fields(officer: Officer) -> None:
    draft = officer.open("d")
    page = officer.send(draft, shared_data(XIACHENG))
    assert '<option value="street_code" selected>' in page.text
    before = {"looked_at": "streets", "level": "street", "code": "street_code"}
    page = officer.client.get(officer.upload, query_string={**before, "layer": "communities"})
    for chosen in ("community", "community_code"):
        assert f'<option value="{chosen}" selected>' in page.text
    again = {**before, "looked_at": "communities", "layer": "communities"}
    page = officer.client.get(officer.upload, query_string=again)
    assert '<option value="street" selected>' in page.text, "what was chosen for it stays"


def test_a_large_layer_is_tried_without_the_check(
    officer: Officer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_pages, "REHEARSED_WITH_CHECK", 1)
    monkeypatch.setattr(draft_pages, "CHECKED_AT_ONCE", 1)
    draft = officer.open("d")
    officer.send(draft, layer(tmp_path, "street"))
    assert "too large to be checked in passing" in officer.rehearse(draft, **STREETS).text
    officer.save(draft, **STREETS)
    assert "Too many areas to check" in officer.client.get(f"/drafts/{draft}/check").text


def test_overlaps_below_the_tolerance_are_counted_in_one_line(
    officer: Officer, tmp_path: Path
) -> None:
    row = make_level("street", {f"S{n:02}": square(n, 0, 1.000001, 0.01) for n in range(30)})
    draft = officer.open("d")
    officer.send(draft, write_areas(tmp_path / "row.geojson", row))
    officer.save(draft, **STREETS)
    page = officer.client.get(f"/drafts/{draft}/check").text
    assert "29 overlaps below the tolerance, the largest 0.0107 m²" in page
    assert "S00 , S01" not in text_of(page)
    found = re.search(r'href="([^"]*kind=overlap[^"]*)">Show them', page)
    assert found
    page = officer.client.get(html.unescape(found[1])).text
    assert "S00 , S01" in text_of(page)
    assert "overlaps below the tolerance" not in page
    zh = officer.client.get(f"/drafts/{draft}/check?lang=zh").text
    assert "29 处小于容差的重叠，最大 0.0107 m²" in zh


def test_a_city_goes_from_files_to_an_edition_without_the_command_line(
    officer: Officer,
) -> None:
    """The real district: three layers of one GeoPackage, its hair overlaps as warnings."""
    draft = officer.open("2018-01")
    page = officer.send(draft, shared_data(XIACHENG))
    for name in ("streets", "communities", "grids", "communities_raw", "grids_raw"):
        assert f'<option value="{name}"' in page.text
    layers = {
        "streets": {"level": "street", "code": "street_code", "name": "street"},
        "communities": {
            "level": "community",
            "code": "community_code",
            "name": "community",
            "parent": "street_code",
        },
        "grids": {
            "level": "cell",
            "code": "grid_code",
            "name": "grid_name",
            "parent": "community_code",
        },
    }
    for name, choices in layers.items():
        assert officer.rehearse(draft, layer=name, **choices).status_code == 200
        assert officer.save(draft, layer=name, **choices).status_code == 303
    assert officer.changes("2018-01") == {"street": 8, "community": 75, "cell": 297}
    page = officer.client.get(f"/drafts/{draft}/check?kind=overlap").text
    assert "0.173 m²" in page
    assert 'data-map-feature="' in page
    found = officer.client.get(f"/drafts/{draft}/problems.json?level=street&kind=overlap")
    assert len(found.get_json()["features"]) == 6
    publish = f"/drafts/{draft}/publish"
    seen = officer.seen(officer.client.get(publish).text)
    tried = officer.post(publish, effective_from="2018-01-01", tolerance_m2="1", seen=seen)
    assert "The draft becomes edition 1" in tried.text
    with officer.engine.connect() as conn:
        assert list_editions(conn) == []
    done = officer.post(
        f"{publish}/commit", effective_from="2018-01-01", tolerance_m2="1", seen=seen
    )
    assert done.location == "/editions/1"
    with officer.engine.connect() as conn:
        assert {level: len(a.codes) for level, a in areas_in(conn, 1).items()} == {
            "street": 8,
            "community": 75,
            "cell": 297,
        }
    assert "297" in officer.client.get("/editions/1").text
    assert officer.client.get("/areas/cell/SQ-3-6").status_code == 200


@pytest.mark.proof
def test_the_wards_of_chicago_are_refused_for_their_overlaps_until_tolerated(
    officer: Officer,
) -> None:
    draft = officer.open("2003")
    officer.send(draft, shared_data("chicago311/areas.gpkg"))
    wards = {"layer": "wards_2003_2015", "level": "district", "code": "ward", "name": "ward"}
    refused = officer.rehearse(draft, **wards)
    assert refused.status_code == 422
    assert "code OUT stands in 3 features: 5, 21, 50" in refused.text
    assert "“Only features for which”" in refused.text
    assert officer.changes("2003") == {}
    named = {**wards, "where": "ward <> 'OUT'"}
    assert "problems that block publishing" in officer.rehearse(draft, **named).text
    assert officer.save(draft, **named).status_code == 303
    publish = f"/drafts/{draft}/publish"
    seen = officer.seen(officer.client.get(publish).text)
    blocked = officer.post(publish, effective_from="2003-05-01", tolerance_m2="1", seen=seen)
    assert "Problems that block it: 3" in blocked.text
    allowed = {"effective_from": "2003-05-01", "tolerance_m2": "7000", "seen": seen}
    assert "becomes edition 1" in officer.post(publish, **allowed).text
    assert officer.post(f"{publish}/commit", **allowed).location == "/editions/1"
    later = officer.open("2015")
    officer.send(later, shared_data("chicago311/areas.gpkg"))
    officer.save(later, **{**wards, "layer": "wards_2015_2023"})
    seen = officer.seen(officer.client.get(f"/drafts/{later}/publish").text)
    given = {"effective_from": "2015-05-18", "tolerance_m2": "1", "seen": seen}
    assert officer.post(f"/drafts/{later}/publish/commit", **given).location == "/editions/2"
    assert "62.15 %" in officer.client.get("/editions/1/diff/2").text


@pytest.mark.parametrize(
    ("file", "said", "choices", "told"),
    [
        (
            "03_chicago_wards_2003_duplicate_codes.geojson",
            {},
            {"code": "ward", "name": "ward"},
            "code OUT stands in 3 features",
        ),
        (
            "04_la_nc_2020_3d_z.geojson",
            {},
            {"code": "nc_id", "name": "Name"},
            "feature 99 has no code",
        ),
        (
            "07_shanghai_gbk_dbf_no_cpg",
            {"encoding": "utf-8"},
            {"code": "ADMINCODE", "name": "NAME"},
            "is not UTF-8",
        ),
        (
            "09_shenzhen_districts_no_prj",
            {},
            {"code": "qh", "name": "qh"},
            "has no .prj",
        ),
        (
            "11_renshou_towns_split_key.geojson",
            {},
            {"code": "FID", "name": "name"},
            "has no name in field",
        ),
        (
            "13_baltimore_parcels_null_geometry",
            {},
            {"code": "address", "name": "nghbrhd"},
            "has no geometry",
        ),
    ],
)
def test_a_bad_file_ends_in_clear_words_with_nothing_half_loaded(
    officer: Officer,
    settings: Settings,
    file: str,
    said: dict[str, str],
    choices: dict[str, str],
    told: str,
) -> None:
    draft = officer.open("d")
    officer.send(draft, shared_data(f"bad_inputs/{file}"), **said)
    for answer in (
        officer.rehearse(draft, level="street", **said, **choices),
        officer.save(draft, level="street", **said, **choices),
    ):
        assert answer.status_code == 422
        assert told in answer.text
        assert "nothing was saved" in answer.text
        assert str(settings.home) not in answer.text
    assert officer.changes("d") == {}


def test_a_file_that_is_no_layer_is_said_and_can_be_replaced(
    officer: Officer, tmp_path: Path
) -> None:
    draft = officer.open("d")
    nonsense = tmp_path / "areas.geojson"
    nonsense.write_text("hello", encoding="utf-8")
    page = officer.send(draft, nonsense)
    assert page.status_code == 200
    assert "is not what its suffix .geojson says" in page.text
    assert officer.client.get(f"{officer.upload}/features.json").status_code == 422
    empty = officer.post(f"/drafts/{draft}/import", file=(io.BytesIO(), "a.zip"))
    assert "the file is empty" in empty.text
    assert "choose a file first" in officer.post(f"/drafts/{draft}/import").text


def proposed(page: TestResponse) -> str:
    found = re.search(r'name="extent" value="(\w+)" checked', page.text)
    assert found
    return found[1]


def test_the_proposal_follows_the_file_and_dropping_many_needs_their_number(
    officer: Officer, tmp_path: Path
) -> None:
    with officer.engine.begin() as conn:
        make_edition(conn, two_streets())
    draft = officer.open("d")
    few = make_level("cell", {"A1": square(0, 0)}, parents={"A1": "A"})
    whole = officer.send(draft, layer(tmp_path, "cell", "cell.geojson"))
    assert proposed(whole) == "level"
    page = officer.send(draft, write_areas(tmp_path / "cell_one.geojson", few))
    assert proposed(page) == "merge"
    assert 'name="drop"' not in officer.rehearse(draft, **CELLS, extent="merge").text
    tried = officer.rehearse(draft, **CELLS, extent="level")
    assert "7 of the 8 areas of the draft are not in the file" in tried.text
    for typed in ({}, {"drop": "6"}, {"drop": "many"}):
        refused = officer.save(draft, **CELLS, extent="level", **typed)
        assert refused.status_code in {400, 422}
        assert "this is not the number of areas that would be dropped" in refused.text
        assert proposed(refused) == "level"
        assert not any(officer.changes("d").values())
    saved = officer.save(draft, **CELLS, extent="level", drop="7")
    assert saved.status_code == 303
    # Now the draft has one cell: a file with one states all of them.
    again = officer.send(draft, write_areas(tmp_path / "cell_again.geojson", few))
    assert proposed(again) == "level"


def test_what_is_left_out_or_wrong_in_the_form_is_said(
    officer: Officer, tmp_path: Path
) -> None:
    draft = officer.open("d")
    officer.send(draft, layer(tmp_path, "street"))
    for wrong, told in (
        ({"code": ""}, "choose the field with the codes"),
        ({"crs": "/etc/passwd"}, "is not known here"),
        ({"extent": "within"}, "name the area whose children the file states"),
        ({"code": "nothing"}, "has no field"),
        ({"where": "nonsense ="}, "cannot be used"),
    ):
        answer = officer.rehearse(draft, **{**STREETS, **wrong})
        assert answer.status_code in {400, 422}, wrong
        assert told in answer.text
    assert officer.rehearse(draft, **{**STREETS, "level": "moon"}).status_code == 404
    assert officer.client.get(f"/drafts/{draft}/import/{'0' * 32}").status_code == 404
    assert officer.changes("d") == {}


def test_a_doubt_about_the_datum_is_shown_before_anything_is_saved(
    officer: Officer,
) -> None:
    draft = officer.open("d")
    officer.send(draft, shared_data(XIACHENG))
    streets = {"layer": "streets", "level": "street", "code": "street_code", "name": "street"}
    officer.save(draft, **streets)
    page = officer.send(draft, shared_data("bad_inputs/17_hangzhou_districts_gcj02.geojson"))
    assert "it may hold GCJ-02 in China" in page.text
    districts = {"level": "district", "code": "adcode", "name": "name"}
    assert "65% as is, 90% after" in officer.rehearse(draft, **districts).text
    stated = officer.rehearse(draft, crs="gcj02", **districts)
    assert "after GCJ-02 to WGS 84" not in stated.text


def test_one_officers_work_is_not_overwritten_unseen_by_another(
    officer: Officer, second: Officer, tmp_path: Path
) -> None:
    draft = officer.open("d")
    officer.send(draft, layer(tmp_path, "street"))
    second.send(draft, layer(tmp_path, "street", "other.geojson"))
    seen = officer.seen(officer.client.get(officer.upload).text)
    assert second.save(draft, **STREETS).status_code == 303
    late = officer.post(f"{officer.upload}/save", seen=seen, **STREETS)
    assert late.status_code == 409
    assert "was changed since you looked at it" in late.text
    assert "other" in late.text
    old = officer.post(f"/drafts/{draft}/delete", seen=seen)
    assert old.status_code == 409
    # The page that said so shows the new state, which can be built on.
    again = officer.post(f"{officer.upload}/save", seen=officer.seen(late.text), **STREETS)
    assert again.status_code == 303


def test_what_a_draft_says_of_a_level_is_taken_back_and_the_draft_deleted(
    officer: Officer, tmp_path: Path
) -> None:
    draft = officer.open("d")
    officer.send(draft, layer(tmp_path, "street"))
    officer.save(draft, **STREETS)
    seen = officer.seen(officer.client.get(f"/drafts/{draft}").text)
    back = officer.post(f"/drafts/{draft}/take-back", level="street", seen=seen)
    assert back.status_code == 303
    assert officer.changes("d") == {}
    seen = officer.seen(officer.client.get(f"/drafts/{draft}").text or back.text)
    assert officer.post(f"/drafts/{draft}/delete", seen=seen).status_code == 303
    with officer.engine.connect() as conn:
        assert list_drafts(conn) == []
    assert officer.client.get(f"/drafts/{draft}").status_code == 404


def test_publishing_tells_conflicts_and_dates_before_it_does_anything(
    officer: Officer,
) -> None:
    with officer.engine.begin() as conn:
        make_edition(conn, two_streets(), effective_from=datetime(2026, 1, 1, tzinfo=UTC))
        named = [
            make_level("street", {"A": square(0, 0), "B": square(1, 0)}, names={"A": name})
            for name in ("甲", "乙")
        ]
        make_draft(conn, "first", named[:1])
        make_draft(conn, "second", named[1:])
        early = get_draft(conn, "first").id
        late = get_draft(conn, "second").id
    publish = f"/drafts/{early}/publish"
    seen = officer.seen(officer.client.get(publish).text)
    for wrong in ("2025-01-01", "soon"):
        answer = officer.post(publish, effective_from=wrong, tolerance_m2="1", seen=seen)
        assert answer.status_code in {400, 409}
        assert 'role="alert"' in answer.text
    given = {"effective_from": "2026-06-01", "tolerance_m2": "1", "seen": seen}
    assert officer.post(f"{publish}/commit", **given).status_code == 303
    tried = officer.post(
        f"/drafts/{late}/publish", effective_from="2026-07-01", tolerance_m2="1", seen="0"
    )
    assert "It cannot be published" in tried.text
    assert "street A: the name was &#39;A&#39;, this draft has &#39;乙&#39;" in tried.text
    assert "(edition 2 (first))" in tried.text
    assert officer.client.get(f"/drafts/{late}").text.count("alert-warning") == 1
    with officer.engine.connect() as conn:
        assert len(list_editions(conn)) == 2


@pytest.mark.parametrize(("take", "name"), [("mine", "late"), ("theirs", "early")])
def test_a_side_is_taken_where_a_draft_conflicts_with_what_was_published(
    officer: Officer, take: str, name: str
) -> None:
    with officer.engine.begin() as conn:
        conflicting(conn, 2)
        draft = get_draft(conn, "late")
    publish = f"/drafts/{draft.id}/publish"
    given = {"effective_from": "2026-07-01", "tolerance_m2": "1"}
    tried = officer.post(publish, seen="0", **given).text
    assert "Choose what stands at these places" in tried
    rebase = f"/drafts/{draft.id}/rebase"
    # Of a page that is out of date nothing is taken.
    assert officer.post(rebase, take=take, seen="0").status_code == 409
    taken = officer.post(rebase, take=take, seen=officer.seen(tried))
    assert taken.status_code == 303
    assert "rests on edition 2 now" in officer.client.get(taken.location).text
    with officer.engine.connect() as conn:
        draft = get_draft(conn, "late")
        assert draft.base_edition == 2
        stated = {one.name for one in list_changes(conn, draft.id)}
    assert stated == ({name} if take == "mine" else set())


def rows_of(answer: TestResponse) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_many_conflicts_are_shown_by_kind_and_whole_in_a_table(officer: Officer) -> None:
    with officer.engine.begin() as conn:
        conflicting(conn, 30)
        draft = get_draft(conn, "late").id
    publish = f"/drafts/{draft}/publish"
    seen = officer.seen(officer.client.get(publish).text)
    given = {"effective_from": "2026-07-01", "tolerance_m2": "1", "seen": seen}
    tried = officer.post(publish, **given).text
    assert tried.count("the other change &#39;early&#39;") == 3
    assert "… and 27 more" in tried
    link = f"/drafts/{draft}/conflicts.csv"
    assert f'href="{link}"' in tried
    rows = rows_of(officer.client.get(link))
    kind, told = rows[1]
    assert kind.startswith("street …: the name was …, this draft has …, the other change …")
    assert told.startswith("street S00: the name was 'S00', this draft has 'late'")
    assert len(rows) == 1 + 30
    # Whoever presses the button of a page that is out of date reads some of each, too.
    refused = officer.post(f"{publish}/commit", **given)
    assert refused.status_code == 409
    assert refused.text.count("the other change &#39;early&#39;") == 3


def test_many_problems_are_shown_by_kind_where_a_draft_is_published_and_filled(
    officer: Officer, tmp_path: Path
) -> None:
    row = make_level("street", {f"S{n:02}": square(n, 0, 1.5, 0.01) for n in range(30)})
    draft = officer.open("d")
    officer.send(draft, write_areas(tmp_path / "row.geojson", row))
    tried = officer.rehearse(draft, **STREETS).text
    assert tried.count("Give the shared ground to one of them.") == 3
    assert "… and 26 more" in tried
    officer.save(draft, **STREETS)
    publish = f"/drafts/{draft}/publish"
    seen = officer.seen(officer.client.get(publish).text)
    given = {"effective_from": "2026-07-01", "tolerance_m2": "2", "seen": seen}
    tried = officer.post(publish, **given).text
    assert "Problems that block it: 29" in tried
    assert tried.count("Give the shared ground to one of them.") == 3
    assert "… and 26 more" in tried
    shown = html.unescape(re.findall(r'href="([^"]*)">Show them', tried)[0])
    page = officer.client.get(shown).text
    assert page.count("Give the shared ground to one of them.") == 29
    link = html.unescape(re.findall(r'href="([^"]*problems[.]csv[^"]*)"', tried)[0])
    assert len(rows_of(officer.client.get(link))) == 1 + 29


def test_a_large_draft_is_published_by_the_worker(
    officer: Officer, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(draft_pages, "PUBLISHED_AT_ONCE", 1)
    with officer.engine.begin() as conn:
        make_draft(conn, "large", two_streets().values())
        draft = get_draft(conn, "large").id
    publish = f"/drafts/{draft}/publish"
    seen = officer.seen(officer.client.get(publish).text)
    given = {"effective_from": "2026-06-01", "tolerance_m2": "1", "seen": seen}
    for address, told in ((publish, "The draft becomes edition 1"), (f"{publish}/commit", "")):
        queued = officer.post(address, **given)
        job = int(queued.location.rsplit("/", 1)[1])
        assert officer.client.get(queued.location).status_code == 200
        assert settings.database_url is not None
        engine = make_engine(settings.database_url)
        run_job(engine, KINDS, job, settings)
        engine.dispose()
        report = officer.client.get(f"/drafts/publications/{job}")
        assert told in report.text
    assert report.location == "/editions/1"
    assert officer.client.get("/drafts/publications/999").status_code == 404


def test_the_preview_tells_who_would_lose_and_gain_open_cases(
    officer: Officer, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    with officer.engine.begin() as conn:
        fill(conn, tmp_path)
        draft = get_draft(conn, draft_a2_to_b(conn, "A2")).id
    publish = f"/drafts/{draft}/publish"
    given = {"effective_from": "2026-06-01", "tolerance_m2": "1"}
    small = officer.post(publish, **given).text
    # Where many cases are judged again, the worker counts, whatever the draft's size.
    monkeypatch.setattr(impact, "MOST_CASES", 0)
    queued = officer.post(publish, **given)
    job = int(queued.location.rsplit("/", 1)[1])
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    run_job(engine, KINDS, job, settings)
    engine.dispose()
    large = officer.client.get(f"/drafts/publications/{job}").text
    for page in (small, large):
        rows = re.findall(r'<tr><th scope="row"[^>]*>(.*?)</tr>', page)
        told = {text_of(row) for row in rows}
        assert any("OA" in row and "−3" in row for row in told), told
        assert any("S2" in row and "+3" in row for row in told), told


def test_what_is_altered_is_named_before_and_after_saving(
    officer: Officer, tmp_path: Path
) -> None:
    cells = two_streets()["cell"]
    with officer.engine.begin() as conn:
        make_edition(conn, two_streets())
    names = ["新名", *cells.names[1:]]
    write_areas(tmp_path / "cells.geojson", replace(cells, names=objects(names)))
    draft = officer.open("names")
    officer.send(draft, tmp_path / "cells.geojson")
    given = {"level": "cell", "code": "code", "name": "name", "parent": "parent"}
    tried = text_of(officer.rehearse(draft, **given).text)
    renamed = f"name: {cells.names[0]} → 新名"
    assert renamed in tried
    assert "redrawn" not in tried
    saved = officer.client.get(officer.save(draft, **given).location).text
    assert renamed in text_of(saved)
    assert "8 areas in the file: 0 added, 1 altered, 7 unchanged" in text_of(saved)


def test_a_check_is_not_done_twice_and_not_kept_too_long(
    officer: Officer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    done = checks.check

    def count(*args: Any, **kwargs: Any) -> object:
        counted.append("a check")
        return done(*args, **kwargs)

    monkeypatch.setattr(checks, "check", count)
    draft = officer.open("d")
    officer.send(draft, layer(tmp_path, "street"))
    officer.save(draft, **STREETS)
    for address in ("check", "problems.json", "check?q=A"):
        assert officer.client.get(f"/drafts/{draft}/{address}").status_code == 200
    assert len(counted) == 1
    cells = write_areas(tmp_path / "cells.geojson", two_streets()["cell"])
    with officer.engine.begin() as conn:
        file = AreaFile(cells, "code", "name", "parent")
        drafts.import_areas(conn, "d", "cell", file, actor="on the command line")
    officer.client.get(f"/drafts/{draft}/check")
    assert len(counted) == 2


def test_an_account_limited_to_an_area_works_on_no_draft(login: Login, city: Engine) -> None:
    client = login("gis_officer", area=("street", "A"))
    for address in ("/drafts", "/drafts/1", "/drafts/1/check", "/drafts/1/publish"):
        assert client.get(address).status_code == 403
    assert login("planner").get("/drafts").status_code == 403


def test_a_published_draft_is_shown_and_not_changed(officer: Officer, tmp_path: Path) -> None:
    with officer.engine.begin() as conn:
        make_draft(conn, "done", two_streets().values())
        publishing.publish(conn, "done", datetime(2026, 1, 1, tzinfo=UTC), actor="a test")
        draft = get_draft(conn, "done").id
    page = officer.client.get(f"/drafts/{draft}").text
    assert "/editions/1" in page
    assert "Upload a layer" not in page
    officer.send(draft, layer(tmp_path, "street"))
    assert officer.save(draft, **STREETS).status_code == 409
    assert officer.client.get(f"/drafts/{draft}/publish").status_code == 200


def test_the_names_of_areas_stand_beside_their_codes(officer: Officer, tmp_path: Path) -> None:
    levels = two_streets()
    streets, cells = levels["street"], levels["cell"]
    levels["street"] = replace(streets, names=objects(["东街道", "西街道"]))
    with officer.engine.begin() as conn:
        make_edition(conn, levels)
    draft = officer.open("moved")
    # Cell A2 goes to the other street.
    parents = objects(["B" if code == "A2" else code[0] for code in cells.codes])
    write_areas(tmp_path / "cells.geojson", replace(cells, parent_codes=parents))
    officer.send(draft, tmp_path / "cells.geojson")
    tried = text_of(officer.rehearse(draft, **CELLS).text)
    assert "lies in: 东街道 (A) → 西街道 (B)" in tried
    officer.save(draft, **CELLS)
    page = text_of(officer.client.get(f"/drafts/{draft}").text)
    assert "lies in: 东街道 (A) → 西街道 (B)" in page
    checked = text_of(officer.client.get(f"/drafts/{draft}/check").text)
    assert "东街道 A" in checked


def test_a_first_draft_without_communities_names_the_streets_of_its_gaps(
    officer: Officer, tmp_path: Path
) -> None:
    levels = two_streets()
    streets, cells = levels["street"], levels["cell"]
    write_areas(
        tmp_path / "streets.geojson", replace(streets, names=objects(["东街道", "西街道"]))
    )
    write_areas(tmp_path / "cells.geojson", pick(cells, [*cells.codes[1:]]))
    draft = officer.open("first")
    officer.send(draft, tmp_path / "streets.geojson")
    officer.save(draft, **STREETS)
    officer.send(draft, tmp_path / "cells.geojson")
    officer.save(draft, **CELLS)
    assert "Grid cell in 东街道 A" in text_of(officer.client.get(f"/drafts/{draft}/check").text)
    assert "东街道 A" in text_of(officer.client.get(f"/drafts/{draft}?level=cell").text)
