import csv
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind
from gridmgmt.errors import EditionError, InputError, NotFoundError
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.exchange.layers.layer_out import Format
from gridmgmt.exchange.layers.vectors import read_layer, text_values
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.geometry.crs.crs import WGS84, resolve
from gridmgmt.geometry.measure import area_m2
from gridmgmt.services.drafts import drafts
from gridmgmt.services.exports.exports import Export, Noun
from gridmgmt.services.exports.exports import export as take_away
from gridmgmt.services.exports.files import ExportReport
from gridmgmt.store.areas import editions
from gridmgmt.store.areas.attributes import store_attributes
from tests.factories import make_edition, make_level, square, two_streets

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Midnight in Shanghai, as a bare date means there.
JANUARY = datetime(2026, 1, 1, tzinfo=SHANGHAI)
MARCH = datetime(2026, 3, 1, 9, 30, tzinfo=SHANGHAI)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def export(conn: Connection, wanted: Export, now: datetime = APRIL) -> ExportReport:
    return take_away(conn, wanted, now=now, tz=SHANGHAI)


def areas(level: str, path: Path, fmt: Format, **other: Any) -> Export:
    return Export(Noun.AREAS, path, fmt, "tester", level=level, **other)


def fact(report: ExportReport, key: str) -> str:
    return next(one.value for one in report.facts if one.key == key)


def dictionary(path: Path) -> dict[str, list[str]]:
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("_dictionary.csv")]
        text = archive.read(name).decode("utf-8-sig")
    return {row[0]: row for row in csv.reader(text.splitlines())}


def test_a_level_leaves_with_all_it_means(conn: Connection, tmp_path: Path) -> None:
    given = two_streets()
    number = make_edition(conn, given, effective_from=JANUARY)
    path = tmp_path / "cells.gpkg"
    report = export(conn, areas("cell", path, Format.GPKG))
    assert (report.rows, fact(report, "edition")) == (8, str(number))
    assert fact(report, "effective") == "2026-01-01"
    assert report.losses == ()
    layer = read_layer(path, datum=WGS84)
    assert layer.name == f"cell_edition{number}"
    assert list(layer.fields["level"]) == ["cell"] * 8
    assert list(layer.fields["code"]) == list(given["cell"].codes)
    assert list(layer.fields["parent"]) == list(given["cell"].parent_codes)
    assert list(layer.fields["edition"]) == [number] * 8
    assert list(layer.fields["effective"]) == ["2026-01-01"] * 8
    assert np.array_equal(
        layer.fields["area_m2"].astype(np.float64), area_m2(given["cell"].geoms)
    )
    assert shapely.equals(layer.geom, given["cell"].geoms).all()


def test_without_a_number_it_is_the_edition_in_force(conn: Connection, tmp_path: Path) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_edition(conn, two_streets(), effective_from=MARCH)
    wanted = areas("street", tmp_path / "a.gpkg", Format.GPKG, force=True)
    assert fact(export(conn, wanted, MARCH - timedelta(seconds=1)), "edition") == "1"
    report = export(conn, wanted, MARCH)
    assert fact(report, "edition") == "2"
    assert fact(report, "effective") == "2026-03-01T09:30:00+08:00"
    with pytest.raises(EditionError, match=r"no edition is in force now.*1, 2"):
        export(conn, wanted, JANUARY - timedelta(seconds=1))


def test_an_older_edition_is_given_when_asked_for(conn: Connection, tmp_path: Path) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    one = {"street": make_level("street", {"A": square(0, 0)})}
    make_edition(conn, one, effective_from=MARCH)
    path = tmp_path / "a.gpkg"
    export(conn, areas("street", path, Format.GPKG, edition=1))
    assert list(text_values(read_layer(path), "code")) == ["A", "B"]
    export(conn, areas("street", path, Format.GPKG, edition=2, force=True))
    assert list(text_values(read_layer(path), "code")) == ["A"]


def test_editions_and_levels_that_are_not_there_are_told(
    conn: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "a.gpkg"
    with pytest.raises(EditionError, match="no edition has been published yet"):
        export(conn, areas("street", path, Format.GPKG))
    make_edition(conn, two_streets(), effective_from=JANUARY)
    with pytest.raises(NotFoundError, match="edition 9"):
        export(conn, areas("street", path, Format.GPKG, edition=9))
    with pytest.raises(NotFoundError, match="no level 'ward'"):
        export(conn, areas("ward", path, Format.GPKG))
    with pytest.raises(InputError, match="no areas of level 'city'; it has: street, cell"):
        export(conn, areas("city", path, Format.GPKG))
    make_edition(conn, two_streets(), effective_from=MARCH)
    editions.close_withdrawn(conn, 2)
    with pytest.raises(EditionError, match="edition 2 was withdrawn"):
        export(conn, areas("street", path, Format.GPKG, edition=2))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_shapefile_carries_rare_characters_and_explains_itself(
    conn: Connection, tmp_path: Path, encoding: str
) -> None:
    names = {"A": "𠀀㐀街道", "B": "东新街道"}
    streets = make_level("street", {"A": square(0, 0), "B": square(1, 0)}, names=names)
    make_edition(conn, {"street": streets}, effective_from=JANUARY)
    path = tmp_path / "a.zip"
    wanted = areas("street", path, Format.SHP, datum=resolve("EPSG:4490"), encoding=encoding)
    report = export(conn, wanted)
    assert report.losses == ()
    assert report.notes == ("CGCS2000 is treated as coincident with WGS 84 (sub-metre)",)
    layer = read_layer(path)
    assert list(text_values(layer, "name")) == ["𠀀㐀街道", "东新街道"]
    assert layer.datum.label == "EPSG:4490"
    assert shapely.equals(as_multipolygons(layer.geom), streets.geoms).all()
    lines = dictionary(path)
    assert set(layer.fields) <= set(lines)
    assert lines["parent"][1:3] == ["Parent code", "上级编码"]
    assert lines["area_m2"][4] == "m2"
    assert lines["#edition"][5] == "1"
    assert lines["#effective"][5] == "2026-01-01"
    assert lines["#crs"][5] == "EPSG:4490 (China Geodetic Coordinate System 2000)"
    assert lines["#encoding"][5] == encoding.upper()
    assert lines["#rows"][5] == "2"
    assert lines["#made"][5] == "2026-04-01T08:00:00+08:00"


def test_what_a_shapefile_cuts_is_reported_by_code(conn: Connection, tmp_path: Path) -> None:
    streets = make_level("street", {"A": square(0, 0)}, names={"A": "网" * 100})
    make_edition(conn, {"street": streets}, effective_from=JANUARY)
    report = export(conn, areas("street", tmp_path / "a.zip", Format.SHP))
    assert [str(loss) for loss in report.losses] == [
        "A name: cut at 254 bytes, 16 characters lost"
    ]


def test_gcj02_is_said_loudly_in_words_and_in_the_dictionary(
    conn: Connection, tmp_path: Path
) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    path = tmp_path / "a.zip"
    report = export(conn, areas("cell", path, Format.SHP, datum=resolve("gcj02")))
    assert "ATTENTION: the coordinates are gcj02" in report.notes[0]
    assert "no CRS describes gcj02" in report.losses[0].what
    assert "gcj02: NOT a CRS" in dictionary(path)["#crs"][5]


def test_what_does_not_go_together_is_refused_before_any_work(
    conn: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "a.geojson"
    refused = [
        (InputError, "end the name with .zip", areas("cell", path, Format.SHP)),
        (
            InputError,
            "'gbk' is not one of",
            areas("cell", tmp_path / "a.gpkg", Format.GPKG, encoding="gbk"),
        ),
        (InputError, "does not end in .gpkg", areas("cell", path, Format.GPKG)),
        (
            InputError,
            "always UTF-8",
            areas("cell", path, Format.GEOJSON, encoding="gb18030"),
        ),
        (
            InputError,
            "WGS 84, not EPSG:4490",
            areas("cell", path, Format.GEOJSON, datum=resolve("4490")),
        ),
    ]
    for kind, said, wanted in refused:
        with pytest.raises(kind, match=said):
            export(conn, wanted)


def test_a_file_that_is_there_is_replaced_only_by_force(
    conn: Connection, tmp_path: Path
) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    path = tmp_path / "a.geojson"
    path.write_text("precious")
    with pytest.raises(InputError, match="add --force"):
        export(conn, areas("cell", path, Format.GEOJSON))
    assert path.read_text() == "precious"
    export(conn, areas("cell", path, Format.GEOJSON, force=True))
    assert len(read_layer(path)) == 8


def test_attributes_of_areas_are_exported_with_their_line_of_the_dictionary(
    conn: Connection, tmp_path: Path
) -> None:
    levels = two_streets()
    levels["cell"].attributes[0] = {"land_use_class": "居住", "grade": 2.0}
    make_edition(conn, levels)
    names = ("land_use_class", "用地类别", "Land use"), ("land_use_class_2", "备用", "Spare")
    spare = [AreaAttribute("cell", *one) for one in names]
    grade = AreaAttribute("cell", "grade", "管理等级", "Grade", AttributeKind.NUMBER)
    store_attributes(conn, [*spare, grade])
    path = tmp_path / "cells.zip"
    export(conn, areas("cell", path, Format.SHP))
    lines = dictionary(path)
    assert lines["land_use_c"][1:3] == ["Land use", "用地类别"]
    assert "land_use_class" in " ".join(lines["land_use_c"])
    assert {"land_use01", "grade"} <= set(lines)
    read = gpd.read_file(path).sort_values("code")
    assert read["land_use_c"].tolist()[0] == "居住"
    assert read["land_use_c"].isna().sum() == len(read) - 1
    assert read["grade"].tolist()[0] == 2
    # The short names are read back as what they stand for.
    drafts.create(conn, "d", actor="a")
    file = AreaFile(path, "code", "name", "parent")
    done = drafts.import_areas(conn, "d", "cell", file, actor="a")
    assert (done.added, done.altered, done.dropped) == (0, 0, 0)
