"""Every real broken layer ends as expected: refused in words, or read with everything told."""

from pathlib import Path

import pytest
import shapely

from gridmgmt.errors import CRSError, FieldError, GridMgmtError
from gridmgmt.exchange.layers.vectors import Layer, read_layer, text_values
from gridmgmt.geometry.crs.crs import resolve
from tests.shared import shared_data

IN_CHINA = (
    "; whatever a file states, it may hold GCJ-02 in China, some 500 m off: say --crs "
    "EPSG:4326 or --crs gcj02 to settle it"
)
RFC = "coordinates taken as EPSG:4326, as GeoJSON (RFC 7946) is"
MEMBER = "coordinates taken as OGC:CRS84, as its crs member says"
PRJ = "coordinates taken as EPSG:4326, as its .prj says"


def bad(name: str) -> Path:
    return shared_data(f"bad_inputs/{name}")


# file, features, encoding, notes in full
USABLE: list[tuple[str, int, str, list[str]]] = [
    ("03_chicago_wards_2003_duplicate_codes.geojson", 53, "utf-8", [RFC]),
    (
        "04_la_nc_2020_3d_z.geojson",
        100,
        "utf-8",
        [MEMBER, "height or measure dropped from 100 feature(s)"],
    ),
    ("05_la_nc_2019_overlaps.geojson", 99, "utf-8", [RFC]),
    ("06_hangzhou_grids_raw_slivers.geojson", 332, "utf-8", [MEMBER + IN_CHINA]),
    (
        "07_shanghai_gbk_dbf_no_cpg",
        17,
        "gb18030",
        [PRJ + IN_CHINA, "text read as GB18030, as its .dbf says (language byte 77)"],
    ),
    (
        "11_renshou_towns_split_key.geojson",
        60,
        "utf-8",
        ["coordinates taken as EPSG:4326, as its crs member says" + IN_CHINA],
    ),
    (
        "13_baltimore_parcels_null_geometry",
        1850,
        "utf-8",
        [PRJ, "no geometry in 3 feature(s): 1848, 1849, 1850"],
    ),
    ("17_hangzhou_districts_gcj02.geojson", 13, "utf-8", [RFC + IN_CHINA]),
]


@pytest.mark.parametrize(("name", "features", "encoding", "notes"), USABLE)
def test_a_usable_file_is_read_and_everything_assumed_is_told(
    name: str, features: int, encoding: str, notes: list[str]
) -> None:
    layer = read_layer(bad(name))
    assert len(layer) == features
    assert layer.encoding == encoding
    assert list(layer.notes) == notes
    assert not shapely.has_z(layer.geom).any()
    assert set(shapely.get_type_id(layer.geom)) <= {-1, 3, 6}


def test_every_file_there_is_has_its_outcome_here() -> None:
    names = {path.name for path in bad("SOURCE.md").parent.iterdir()}
    told = {name for name, *_ in USABLE} | {"09_shenzhen_districts_no_prj", "SOURCE.md"}
    assert names == told


def test_a_missing_prj_is_refused_unless_the_datum_is_said() -> None:
    with pytest.raises(CRSError) as caught:
        read_layer(bad("09_shenzhen_districts_no_prj"))
    told = str(caught.value)
    assert "sz.shp: has no .prj" in told
    assert "--crs" in told
    assert "EPSG:4490, EPSG:4326 or gcj02" in told
    layer = read_layer(bad("09_shenzhen_districts_no_prj"), datum=resolve("4490"))
    assert layer.notes[0] == "coordinates taken as EPSG:4490, as --crs says"
    assert list(text_values(layer, "qh")[:2]) == ["罗湖", "福田"]


def test_duplicate_codes_reach_the_caller_by_feature_number() -> None:
    layer = read_layer(bad("03_chicago_wards_2003_duplicate_codes.geojson"), where="ward='OUT'")
    assert len(layer) == 3
    everything = read_layer(bad("03_chicago_wards_2003_duplicate_codes.geojson"))
    codes = text_values(everything, "ward")
    assert [codes[number - 1] for number in layer.feature] == ["OUT"] * 3


def test_gbk_names_come_out_whole_from_a_chinese_file_name() -> None:
    layer = read_layer(bad("07_shanghai_gbk_dbf_no_cpg/区县界_area.shp"))
    assert layer.name == "区县界_area"
    assert text_values(layer, "NAME")[0] == "宝山区"


def test_forcing_the_wrong_encoding_is_refused_with_the_right_one() -> None:
    with pytest.raises(GridMgmtError) as caught:
        read_layer(bad("07_shanghai_gbk_dbf_no_cpg"), encoding="utf-8")
    told = str(caught.value)
    assert "field NAME of feature 1 is not UTF-8, as --encoding says" in told
    assert "as GB18030: " in told
    assert "say the one that reads right: --encoding gb18030" in told


def test_a_split_key_is_shown_by_the_names_there_are() -> None:
    layer = read_layer(bad("11_renshou_towns_split_key.geojson"))
    assert None in list(text_values(layer, "name"))
    with pytest.raises(FieldError, match="FID, na me, name, Layer"):
        text_values(layer, "town")


def test_gcj02_said_is_converted_and_the_contradiction_told() -> None:
    plain = read_layer(bad("17_hangzhou_districts_gcj02.geojson"))
    said = read_layer(bad("17_hangzhou_districts_gcj02.geojson"), datum=resolve("gcj02"))
    assert said.notes == (
        "the file says EPSG:4326; it was taken as gcj02, as --crs says",
        "GCJ-02 is converted to WGS 84 by the exact inverse of the published formula",
    )
    xiacheng = shapely.unary_union(
        read_layer(
            shared_data("hangzhou_xiacheng/areas.gpkg"), layer="streets", datum=resolve("4326")
        ).geom
    )
    where = list(text_values(plain, "name")).index("下城区")

    def overlap(layer: Layer) -> float:
        return float(layer.geom[where].intersection(xiacheng).area / xiacheng.area)

    assert overlap(plain) < overlap(said)
    assert overlap(said) > 0.97
