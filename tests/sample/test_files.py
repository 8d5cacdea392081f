import gzip
from pathlib import Path

import openpyxl
import pyogrio
import pytest

from gridmgmt.sample import files
from gridmgmt.sample.city import City


@pytest.fixture(scope="module")
def written(small: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    files.write_city(small, folder)
    return folder


def test_every_file_is_written_and_told_of(small: City, tmp_path: Path) -> None:
    told: list[str] = []
    files.write_city(small, tmp_path, told.append)
    assert sorted(told) == sorted(path.name for path in tmp_path.iterdir())


def test_the_same_city_gives_the_same_bytes(small: City, written: Path, tmp_path: Path) -> None:
    files.write_city(small, tmp_path)
    for path in sorted(written.iterdir()):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_the_areas_are_four_layers_in_one_geopackage(small: City, written: Path) -> None:
    path = written / files.AREAS
    counts = {
        name: pyogrio.read_info(path, layer=name) for name, _ in pyogrio.list_layers(path)
    }
    assert list(counts) == ["district", "streets", "communities", "cells"]
    assert counts["cells"]["features"] == len(small.areas.cells.codes)
    assert counts["cells"]["crs"] == "EPSG:4326"
    assert counts["cells"]["fields"].tolist() == ["code", "name", "parent_code"]


def test_other_layers_keep_their_chinese_names(written: Path) -> None:
    zones = pyogrio.read_dataframe(written / files.ZONES)
    assert zones["name"].str.contains("合成").all()
    assert set(zones["kind"]) == {"river", "campus", "vendor", "demolition"}
    roads = pyogrio.read_dataframe(written / files.ROAD_SEGMENTS)
    assert list(roads.columns) == ["code", "name", "tolerance_m", "geometry"]
    torn = pyogrio.read_dataframe(written / files.DEMOLITIONS)
    assert torn["households_count"].dtype.kind == "i"


def test_duties_are_a_workbook_of_text(small: City, written: Path) -> None:
    sheet = openpyxl.load_workbook(written / files.DUTIES, read_only=True).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:4] == ("responder_code", "role", "target", "level")
    assert len(rows) == len(small.duties) + 1
    assert isinstance(rows[-1][4], str)


def test_cases_are_text_with_the_bad_rows_last(small: City, written: Path) -> None:
    lines = gzip.decompress((written / files.CASES).read_bytes()).decode().splitlines()
    assert lines[0].startswith("case_no,category,reported_at,lon,lat,due_at")
    assert len(lines) == 1 + len(small.cases.case_no) + 7
    assert "SYN-BAD-000001" in lines[-7]


def test_the_files_say_that_they_are_synthetic(written: Path) -> None:
    assert all(
        p.name.startswith("synthetic_") or p.name == "README.txt" for p in written.iterdir()
    )
    assert "SYNTHETIC" in (written / "README.txt").read_text("utf-8")
