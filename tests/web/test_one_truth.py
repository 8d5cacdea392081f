"""Every figure is the count of its list: on every page, in the API and in files.

Whatever was published, withdrawn, placed and reported before, at every level and under each
edition; all areas of a level together with the cases beside them are the city.
"""

import html
import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.period import Period
from gridmgmt.exchange.layers.layer_out import Format
from gridmgmt.services.map_exports.exports import export_map
from gridmgmt.services.map_exports.wanted import MapExport, MapLayer
from gridmgmt.services.statistics import sources
from gridmgmt.services.statistics.sources import count_in_columns
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.services.answering import make_city
from tests.services.case_city import SHANGHAI, give_duties
from tests.services.judging.test_case_leaves import THINGS, Bureau
from tests.services.statistics.asking import stir
from tests.web.conftest import Login
from tests.web.test_api import Program, program

PERIOD = {"from": "2025-06-01", "to": "2026-07-31"}
DAYS = Period(date(2025, 6, 1), date(2026, 7, 31), SHANGHAI)
LINK = re.compile(r'<a [^>]*href="(/cases\?[^"]*)"[^>]*>\s*([\d,]+)\s*</a>')
QUEUE = re.compile(
    r'<a class="queue[^"]*" href="([^"]*)"[^>]*>.*?class="queue-count">([\d,]+)</span>'
)
MISSED = "deadline=missed"
AT_DEFAULT = "SELECT case_no FROM cases WHERE 'default_position' = ANY (marks)"
COUNT = re.compile(r'class="[^"]*case-count[^"]*"[^>]*>[^\d<]*([\d,]+)')


@pytest.fixture(autouse=True)
def no_columns_afterwards() -> Iterator[None]:
    yield
    sources._sources.clear()


class Pages:
    """What a commander and a program are told."""

    def __init__(self, client: FlaskClient, api: Program, at_default: set[str]) -> None:
        self.client, self.api, self.at_default = client, api, at_default

    def data(self, edition: int, level: str) -> dict[str, Any]:
        query = {"edition": edition, "level": level, **PERIOD}
        answer = self.client.get("/map/figures.json", query_string=query)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.get_json()
        return told

    def listed(self, address: str) -> int:
        """Return the count that a list prints, which is what it lists."""
        page = self.client.get(address).text
        rows = len(re.findall(r'<th scope="row"[^>]*>\s*<a [^>]*href="/cases/', page))
        said = COUNT.search(page)
        count = int(said[1].replace(",", "")) if said else 0
        assert rows == min(count, 50), address
        return count

    def check_links(self, address: str, **query: object) -> list[str]:
        """Follow every number of a page that leads to a list; return where they lead."""
        page = self.client.get(address, query_string=query).text
        links = [(html.unescape(there), said) for there, said in LINK.findall(page)]
        for there, said in links:
            assert self.listed(there) == int(said.replace(",", "")), (address, there)
        return [there for there, _ in links]

    def check_queues(self) -> dict[str, int]:
        """Follow every queue of the case desk; each count is that of its list."""
        page = self.client.get("/cases").text
        queues = {html.unescape(there): int(said) for there, said in QUEUE.findall(page)}
        assert {there: self.listed(there) for there in queues} == queues
        return queues

    def numbers(self, **query: object) -> set[str]:
        answer = self.api.get("/cases", limit=200, **PERIOD, **query).get_json()
        assert answer["next"] is None
        return {one["case_no"] for one in answer["cases"]}


def make_history(engine: Engine, folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
        bureau = Bureau(conn, folder, chance)
        bureau.take_in()
    for thing in ["publish", *chance.choices(THINGS, k=5), "take_in", "report"]:
        with engine.begin() as conn:
            bureau.conn = conn
            getattr(bureau, thing)()
    with engine.begin() as conn:
        stir(conn, chance)


@pytest.mark.parametrize(
    ("counted_in", "seed"),
    [("columns", 3), ("SQL", 159), pytest.param("columns", 14, marks=pytest.mark.proof)],
)
def test_every_figure_is_the_count_of_its_list_under_each_edition(
    engine: Engine, app: Flask, login: Login, tmp_path: Path, counted_in: str, seed: int
) -> None:
    make_history(engine, tmp_path, seed)
    if counted_in == "columns":
        source = count_in_columns(app.extensions["gridmgmt"].engine, tmp_path / "home")
        source.refresh()
    with engine.connect() as conn:
        at_default = set(conn.execute(sa.text(AT_DEFAULT)).scalars())
        city = conn.execute(sa.text("SELECT count(*) FROM cases")).scalar_one()
        editions = [one.number for one in list_editions(conn)]
    api = program(app, engine, "duty_chief", "program")
    pages = Pages(login("commander"), api, at_default)
    assert pages.listed("/cases") == city
    for edition in editions:
        for level in ("street", "cell"):
            check_level(engine, pages, edition, level, city, tmp_path)
    links = pages.check_links("/", **PERIOD)
    # The period and each street that is ranked, in one list each.
    assert len([one for one in links if MISSED in one]) > 2
    queues = pages.check_queues()
    # Every case that waits is in exactly one of the three queues that wait for a dispatcher.
    waiting = pages.listed("/cases?status=triage")
    assert sum(list(queues.values())[:3]) == waiting > 0
    assert len(queues) == 5
    if counted_in == "columns":
        assert set(source.answered) == {"columns"}


def check_level(
    engine: Engine, pages: Pages, edition: int, level: str, city: int, folder: Path
) -> None:
    told = pages.data(edition, level)
    with engine.connect() as conn:
        codes = list(areas_in(conn, edition, level)[level].codes)
    columns = {name: dict(zip(codes, told["columns"][name], strict=True)) for name in COUNTS}
    beside = told["elsewhere"]
    lost = pages.listed(f"/cases?unlocated_in={edition}&from={DAYS.first}&to={DAYS.last}")
    default = beside["default_position"]
    # The list of what no area holds has the cases at default positions, too.
    assert beside["unlocated_here"] <= lost
    everywhere = sum(columns["cases"].values()) + beside["unlocated_here"]
    assert everywhere + beside["unlocated"] + beside["no_area"] + default == city
    files = exported(engine, edition, level, folder)
    for code in codes:
        check_area(pages, edition, (level, code), {n: of[code] for n, of in columns.items()})
        for name in COUNTS:
            assert int(files[name][code]) == columns[name][code], (edition, code, name)


COUNTS = ("cases", "open", "overdue", "on_time", "late")


def check_area(
    pages: Pages, edition: int, area: tuple[str, str], counts: dict[str, int]
) -> None:
    level, code = area
    query = {"area": f"{level}:{code}", "edition": edition}
    usual = pages.numbers(**query) - pages.at_default
    assert counts["cases"] == len(usual), (edition, area)
    path = f"/areas/{level}/{code}/figures"
    told = pages.api.get(path, edition=edition, **PERIOD).get_json()["figures"]
    assert {name: told[name] for name in COUNTS} == counts
    links = pages.check_links(f"/map/areas/{level}/{code}", edition=edition, **PERIOD)
    assert links or not counts["cases"]
    missed = counts["late"] + counts["overdue"]
    assert any(MISSED in one for one in links) is (missed > 0)


def exported(engine: Engine, edition: int, level: str, folder: Path) -> dict[str, Any]:
    path = folder / f"{edition}-{level}.gpkg"
    now = datetime.now(UTC)
    with engine.connect() as conn:
        export_map(
            conn,
            MapExport(
                layer=MapLayer.FIGURES,
                path=path,
                fmt=Format.GPKG,
                reported=ReportedFilter(DAYS, as_of=now),
                edition=edition,
                as_of=now,
                level=level,
            ),
            now=now,
        )
    frame = geopandas.read_file(path).set_index("code")
    return {name: frame[name].to_dict() for name in COUNTS}
