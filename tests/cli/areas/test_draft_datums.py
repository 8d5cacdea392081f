"""What a file of areas says of its datum, held against the areas that are stored."""

from pathlib import Path

import geopandas as gpd
import pytest

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.crs.crs import geometries_from_lonlat, resolve
from tests.cli.areas.test_draft import FIELDS, LEVELS, Bureau, bureau, with_edition
from tests.factories import make_level, square, write_areas

__all__ = ["bureau", "with_edition"]

DOUBT = "it may hold GCJ-02 in China"


def shifted(areas: LevelAreas, datum: str = "gcj02") -> LevelAreas:
    geoms = geometries_from_lonlat(areas.geoms, resolve(datum))
    return LevelAreas(areas.level, areas.codes, areas.names, areas.parent_codes, geoms)


@pytest.mark.parametrize("more", [(), ("--merge",)])
@pytest.mark.parametrize(
    ("said", "given", "remedy"),
    [
        (("--crs", "gcj02"), LEVELS["cell"], "say --crs EPSG:4326;"),
        (("--crs", "bd09"), LEVELS["cell"], "say --crs EPSG:4326;"),
        (("--crs", "EPSG:4490"), shifted(LEVELS["cell"]), "say --crs gcj02;"),
        ((), shifted(LEVELS["cell"]), "say --crs gcj02;"),
    ],
)
def test_areas_that_coincide_only_by_another_datum_are_refused(
    with_edition: Bureau,
    tmp_path: Path,
    said: tuple[str, ...],
    given: LevelAreas,
    remedy: str,
    more: tuple[str, ...],
) -> None:
    file = write_areas(tmp_path / "cells.geojson", given)
    told = ("draft", "import", "d", file, "--level", "cell", *FIELDS, *said, *more, "--commit")
    before = with_edition.held
    assert with_edition(*told) == 2
    assert remedy in with_edition.err
    assert "of the stored areas of level cell" in with_edition.err
    # All of them do, for that one reason.
    assert "outline(s) lie mostly outside" not in with_edition.err
    assert with_edition.held == before
    # Who knows that the stored areas are wrong says so.
    assert with_edition(*told, "--crs-is-right") == 0
    assert "8 altered" in with_edition.err


def test_where_the_stored_areas_settle_the_datum_nothing_is_doubted(
    with_edition: Bureau, tmp_path: Path
) -> None:
    file = write_areas(tmp_path / "cells.geojson", LEVELS["cell"])
    assert with_edition("draft", "import", "d", file, "--level", "cell", *FIELDS) == 0
    assert DOUBT not in with_edition.err
    assert "coordinates taken as EPSG:4326" in with_edition.err
    elsewhere = make_level("cell", {"A1": square(0.1, 0.3, 0.5, 0.5)})
    write_areas(tmp_path / "moved.geojson", elsewhere)
    given = ("draft", "import", "d", tmp_path / "moved.geojson", "--level", "cell", "--merge")
    assert with_edition(*given, *FIELDS) == 0
    assert DOUBT in with_edition.err


def test_a_file_of_draft_export_is_never_doubted_and_told_once(
    with_edition: Bureau, tmp_path: Path
) -> None:
    file = tmp_path / "d.gpkg"
    assert with_edition("draft", "export", "d", "-o", file) == 0
    cells = gpd.read_file(file, layer="cell")
    cells.loc[0, "name"] = "edited"
    cells.to_file(file, layer="cell", driver="GPKG")
    assert with_edition("draft", "import", "d", file) == 0
    assert DOUBT not in with_edition.err
    assert with_edition.err.count("coordinates taken as") == 1
    assert "1 import: cell" in with_edition.out


@pytest.mark.parametrize(
    "beside",
    [
        *(("--crs", "gcj02"), ("--level", "cell"), ("--where", "code = 'A1'"), ("--merge",)),
        *(("--attribute", "grade=name"), ("--crs-is-right",)),
    ],
)
def test_options_of_other_files_are_not_ignored_beside_a_file_of_draft_export(
    with_edition: Bureau, tmp_path: Path, beside: tuple[str, ...]
) -> None:
    file = tmp_path / "d.gpkg"
    assert with_edition("draft", "export", "d", "-o", file) == 0
    assert with_edition("draft", "import", "d", file, *beside) == 2
    assert f"leave {beside[0]} out" in with_edition.err
