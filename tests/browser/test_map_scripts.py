"""What the map's scripts compute, asked in a browser with nothing around it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Page

from gridmgmt.geometry.drawing.compact import CompactShapes, decode, encode

pytestmark = pytest.mark.proof

STATIC = Path(__file__).parents[2] / "web" / "static"
SCRIPTS = (
    "frame",
    "state",
    "shapes",
    "classes",
    "surface",
    "footprints",
    "square",
    "chosen",
    "timeline",
)
MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.add_script_tag(path=STATIC / "vendor" / "leaflet" / "leaflet.js")
    for name in SCRIPTS:
        page.add_script_tag(path=STATIC / "js" / "map" / f"{name}.js")
    yield page
    page.close()


def answer(found: CompactShapes) -> dict[str, Any]:
    codes = [f"C{n}" for n in range(len(found.polygons))]
    return {
        "level": "cell",
        "codes": codes,
        "names": codes,
        "parents": codes,
        "unit": found.unit,
        "origin": found.origin,
        "polygons": found.polygons,
    }


AREAS = [
    shapely.box(112.85, 30.41, 112.86, 30.42),
    shapely.box(112.86, 30.41, 112.87, 30.42).difference(
        shapely.box(112.863, 30.413, 112.866, 30.416)
    ),
    shapely.union_all(
        [
            shapely.box(112.85, 30.43, 112.855, 30.435),
            shapely.box(112.86, 30.43, 112.865, 30.435),
        ]
    ),
]


def test_outlines_are_read_as_they_were_written(scripts: Page) -> None:
    found = encode(AREAS, 1e-6)
    read = scripts.evaluate(
        "told => new gridmgmtMaps.Shapes(told, L.CRS.EPSG3857).rings.map((area) =>"
        " area.map((ring) => Array.from(ring)))",
        answer(found),
    )
    for rings, geom in zip(read, decode(found), strict=True):
        points = np.concatenate([np.reshape(ring, (-1, 2)) for ring in rings])
        np.testing.assert_allclose(points, shapely.get_coordinates(geom), atol=1e-9)


@pytest.mark.parametrize(
    ("lon", "lat", "place"),
    [
        (112.855, 30.415, 0),
        (112.869, 30.415, 1),
        (112.8645, 30.4145, -1),  # in the hole
        (112.8625, 30.4325, 2),  # in the second part
        (112.8575, 30.4325, -1),  # between the parts
        (113.0, 30.4, -1),
    ],
)
def test_the_area_under_the_pointer_is_found(
    scripts: Page, lon: float, lat: float, place: int
) -> None:
    found = scripts.evaluate(
        "([told, lon, lat]) => new gridmgmtMaps.Shapes(told, L.CRS.EPSG3857).find(lon, lat)",
        [answer(encode(AREAS, 1e-6)), lon, lat],
    )
    assert found == place


@pytest.mark.parametrize("crs", ["EPSG3857", "EPSG4326"])
def test_positions_are_projected_as_leaflet_does(scripts: Page, crs: str) -> None:
    ours, leaflets = scripts.evaluate(
        """(name) => {
          const crs = L.CRS[name];
          const { x, y } = gridmgmtMaps.projection(crs);
          const places = [[112.86, 30.42], [-71.2, -33.5], [0, 0], [179.9, 70]];
          const theirs = ([lon, lat]) => crs.latLngToPoint(L.latLng(lat, lon), 16);
          const pairs = places.map(theirs).map((at) => [at.x, at.y]);
          return [places.map(([lon, lat]) => [x(lon), y(lat)]), pairs];
        }""",
        crs,
    )
    np.testing.assert_allclose(ours, leaflets, atol=1e-3)


@pytest.mark.parametrize(
    ("share", "uncertain", "place", "hatched"),
    [
        (0.0, 0, 0, 0),
        (0.59, 0, 0, 0),
        (0.6, 0, 1, 0),
        (0.8, 0, 2, 0),
        (0.9, 1, 3, 1),  # coloured all the same, with lines across
        (0.95, 0, 4, 0),
        (None, 1, 5, 0),  # nothing should have been disposed of: no rate, not 100 %
    ],
)
def test_rates_are_coloured_as_the_server_says_and_none_is_apart(
    scripts: Page, share: float | None, uncertain: int, place: int, hatched: int
) -> None:
    columns = {"cases": [9], "shrunk_rate": [share], "is_uncertain": [uncertain]}
    found = scripts.evaluate(
        """(columns) => {
          const { classes, hatched, sizes, uncertain } = gridmgmtMaps.rateClasses(columns);
          return [classes[0], hatched[0], sizes[classes[0]], uncertain];
        }""",
        columns,
    )
    assert found == [place, hatched, 1, hatched]


def test_areas_without_cases_have_a_class_of_their_own(scripts: Page) -> None:
    counts = [0] * 50 + list(range(1, 41))
    # A case a hectare is a hundred a square kilometre.
    columns = {"cases": counts, "cases_per_km2": [100 * count for count in counts]}
    breaks = [500, 1500, 3000]
    found = scripts.evaluate(
        """([columns, breaks]) => {
          const { classes, sizes, palette } = gridmgmtMaps.areaClasses(columns, breaks);
          return { classes: Array.from(classes), sizes, colours: palette.length };
        }""",
        [columns, breaks],
    )
    nothing = found["colours"] - 1
    assert found["classes"][:50] == [nothing] * 50
    assert nothing not in found["classes"][50:]
    assert found["sizes"][nothing] == 50
    assert sum(found["sizes"]) == len(counts)
    # Legend and map agree: a class holds what lies between its breaks.
    for count, place in zip(counts[50:], found["classes"][50:], strict=True):
        assert sum(100 * count >= one for one in breaks) == place


def test_classes_stay_those_of_the_city_until_somebody_fits_them(scripts: Page) -> None:
    chosen = scripts.evaluate(
        """() => {
          const classes = { fixed: [1, 2], fitted: [5] };
          const none = { fixed: null, fitted: [5] };
          return [[classes, false], [classes, true], [none, false]].map(([one, fit]) =>
            gridmgmtMaps.chosenBreaks(one, fit));
        }"""
    )
    assert chosen == [[1, 2], [5], [5]]


# A surface of 4 by 5 pixels of a hundredth of a degree, with one dense pixel.
SURFACE = {
    "west": 120.0,
    "south": 30.0,
    "east": 120.05,
    "north": 30.04,
    "rows": 4,
    "cols": 5,
    "values": [0] * 12 + [90, -1, -1] + [0] * 5,
    "scale": 0.5,
}


def test_the_surface_has_its_values_in_the_middle_of_pixels_and_bends_between(
    scripts: Page,
) -> None:
    found = scripts.evaluate(
        """(told) => {
          const surface = gridmgmtMaps.surface(told);
          const at = [[120.025, 30.015], [120.025, 30.02], [120.025, 30.025], [119.99, 30.015],
            [120.035, 30.015]];
          return at.map(([lon, lat]) => surface.at(lon, lat));
        }""",
        SURFACE,
    )
    assert found[0] == pytest.approx(45)
    assert found[1] == pytest.approx(45 * 9 / 16)
    assert found[2] == pytest.approx(0, abs=1e-4)
    assert found[3:] == [None, None]


def test_the_surface_is_drawn_by_class_at_any_zoom(scripts: Page) -> None:
    pixels = scripts.evaluate(
        """(told) => {
          const surface = gridmgmtMaps.surface(told);
          const along = (from, to, count) =>
            Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1));
          const breaks = [10, 20, 40];
          const palette = gridmgmtMaps.surfacePalette(breaks).map(gridmgmtMaps.channels);
          return [9, 400].map((count) => {
            const image = surface.picture(along(0, 2, count), [2], breaks, palette);
            const row = image.getContext("2d").getImageData(0, 0, count, 1).data;
            return along(0, count - 1, count).map((at) =>
              Array.from(row.slice(4 * at, 4 * at + 4)));
          });
        }""",
        SURFACE,
    )
    coarse, fine = pixels
    assert (coarse[0][3], fine[0][3]) == (0, 0)
    assert coarse[-1] == fine[-1] == [0x3D, 0x04, 0x28, 255]
    colours = [tuple(one) for one in fine]
    # From nothing through each class once: no stairs and no stripes, however near.
    changes = sum(one != other for one, other in zip(colours[1:], colours, strict=False))
    assert changes == len(set(colours)) - 1 == 3


def test_the_address_brings_the_same_state_back(scripts: Page) -> None:
    read = scripts.evaluate(
        """() => {
          const defaults = { layer: "density", edition: 2, level: "cell", by: "street",
            sort: "cases", from: "2026-01-01", to: "2026-01-30", category: "", step: "week" };
          const choices = { layers: ["density", "hot"], editions: [1, 2],
            categories: ["", "E&1"] };
          const state = { ...defaults, layer: "hot", only: "2-0", edition: 1, category: "E&1",
            sort: "-rate", to: "2026-02-28", demolitions: true, table: false,
            fit: true, bandwidth: "200",
            ...gridmgmtMaps.readChosen(new URLSearchParams("open=1&hour=8,9&channel=12345")),
            area: "cell:甲 1:2", at: [30.41234, 112.86543, 15.25] };
          let kept = "";
          const history = window.history.replaceState;
          window.history.replaceState = (data, title, url) => { kept = url; };
          gridmgmtMaps.writeState(state, defaults);
          window.history.replaceState = history;
          const back = gridmgmtMaps.readState(kept.slice(kept.indexOf("?")), defaults, choices);
          return [state, back];
        }"""
    )
    assert read[0] == read[1]


@pytest.mark.parametrize(
    "search",
    [
        "?from=2026-13-31&to=yesterday&layer=heat&edition=99&category=nothing&at=1,2&step=year",
        "?from=2026-02-31&to=2026-01-30",
        "?at=a,b,c&edition=&area=",
        "",
    ],
)
def test_an_address_that_makes_no_sense_shows_the_usual(scripts: Page, search: str) -> None:
    found = scripts.evaluate(
        """(search) => gridmgmtMaps.readState(search,
          { layer: "density", edition: 2, from: "2026-01-01", to: "2026-01-30", category: "",
            step: "week" },
          { layers: ["density"], editions: [2], categories: [""] })""",
        search,
    )
    assert (found["layer"], found["edition"], found["step"]) == ("density", 2, "week")
    assert (found["from"], found["to"], found["category"]) == ("2026-01-01", "2026-01-30", "")
    assert found["at"] is None
    assert found["area"] is None


def test_days_are_counted_over_the_ends_of_months_and_years(scripts: Page) -> None:
    found = scripts.evaluate(
        """() => [gridmgmtMaps.addDays("2027-12-31", 1), gridmgmtMaps.addDays("2028-03-01", -1),
          gridmgmtMaps.daysBetween("2026-10-02", "2026-10-31")]"""
    )
    assert found == ["2028-01-01", "2028-02-29", 30]


def test_what_comes_from_data_is_shown_as_text(scripts: Page) -> None:
    shown = scripts.evaluate(
        "(text) => { const box = gridmgmtMaps.label(text); return [box.textContent,"
        " box.querySelectorAll('img').length]; }",
        MARKUP,
    )
    assert shown == [MARKUP, 0]


def test_a_structure_known_by_a_point_can_be_pointed_at(scripts: Page) -> None:
    told = {
        **answer(encode([AREAS[0], None], 1e-6)),
        "points": [None, [15_000, 20_000]],
        "standing": [False, True],
        "modes": [None, None],
        "days": ["2026-01-01", None],
        "claimed_m2": [10.0, None],
        "measured_m2": [9.0, None],
    }
    found = scripts.evaluate(
        """(told) => {
          const shapes = gridmgmtMaps.readFootprints(told, L.CRS.EPSG3857);
          const near = (lng, lat) => shapes.near({ lng, lat }, 0.0005);
          return [near(112.8652, 30.43), near(112.855, 30.415), near(112.9, 30.5)];
        }""",
        told,
    )
    assert found == [1, 0, -1]


WEEKS = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"]
MONTHS = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]


@pytest.mark.parametrize(
    ("starts", "step", "at", "now", "then"),
    [
        # Whole steps stay whole steps, however long their months are.
        (MONTHS, "month", 3, ("2026-01-01", "2026-02-28"), ("2026-03-01", "2026-04-30")),
        (WEEKS, "week", 2, ("2026-01-05", "2026-01-11"), ("2026-01-19", "2026-01-25")),
        # Other periods keep their days.
        (WEEKS, "week", 3, ("2025-12-24", "2026-01-22"), ("2026-01-03", "2026-02-01")),
        # Also at the beginning, where there are not as many steps.
        (WEEKS, "week", 0, ("2026-01-05", "2026-01-18"), ("2025-12-29", "2026-01-11")),
    ],
)
def test_a_period_moves_on_with_its_length(
    scripts: Page,
    starts: list[str],
    step: str,
    at: int,
    now: tuple[str, str],
    then: tuple[str, str],
) -> None:
    found = scripts.evaluate(
        """([starts, step, at, from, to]) =>
          gridmgmtMaps.periodEndingAt({ starts, step }, at, { from, to })""",
        [starts, step, at, *now],
    )
    assert (found["from"], found["to"]) == then


def test_the_axis_has_as_many_labels_as_fit(scripts: Page) -> None:
    days = [f"2026-01-{n:02}" for n in range(1, 32)]
    long = [f"{year}-{month:02}-01" for year in range(2019, 2027) for month in range(1, 13)]
    for starts in (days, long, days[:1], []):
        for most in (0, 1, 3, 8, 40):
            ticks = scripts.evaluate(
                "([starts, most]) => gridmgmtMaps.axisTicks(starts, most)", [starts, most]
            )
            assert len(ticks) <= most
            assert all(one["text"] in starts[one["at"]] for one in ticks)
    years = scripts.evaluate(
        "([starts, most]) => gridmgmtMaps.axisTicks(starts, most)", [long, 8]
    )
    assert [one["text"] for one in years] == [f"{year}-01" for year in range(2019, 2027)]
