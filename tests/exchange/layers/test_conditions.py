"""Conditions on features compare fields; they are no way into the file system."""

from pathlib import Path

import geopandas as gpd
import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.conditions import MOST_CHARACTERS, check_condition
from gridmgmt.exchange.layers.vectors import read_layer
from tests.exchange.layers.test_vectors import written
from tests.factories import square

FIT = (
    "ward <> 'OUT'",
    "address NOT LIKE 'NA (%'",
    "name = '东新街道; --'",
    "编码 IN ('1', '2') AND NOT (面积 <= -1.5e3 OR \"select\" IS NULL)",
    "CAST(ward AS integer) BETWEEN 1 AND 10",
    "name = 'O''Hare' || ''",
)
UNFIT = (
    "1 = 1; VACUUM INTO '{file}'",
    "1 = 1 ; ATTACH '{file}' AS other",
    "code IN (SELECT sql FROM sqlite_master)",
    "(WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c) SELECT 1 FROM c) = 1",
    "length(zeroblob(900000000)) > 0",
    '"length"(code) > 0',
    "code -- = 'A'",
    "code /* */ = 'A'",
    "code REGEXP '(a+)+b'",
    "code = `A`",
    "code = [A]",
    "code = 'A",
    "code = '" + "A" * MOST_CHARACTERS + "'",
)


@pytest.mark.parametrize("where", FIT)
def test_comparisons_are_conditions(where: str) -> None:
    check_condition("a file", where)


@pytest.mark.parametrize("where", UNFIT)
def test_what_is_more_than_a_comparison_is_refused(where: str) -> None:
    with pytest.raises(LayerError, match="--where cannot hold"):
        check_condition("a file", where)


@pytest.mark.parametrize("where", UNFIT[:2])
def test_a_condition_writes_and_opens_no_file(tmp_path: Path, where: str) -> None:
    file = tmp_path / "stolen.db"
    with pytest.raises(LayerError, match="cannot hold ';'"):
        read_layer(written(tmp_path / "a.gpkg"), where=where.format(file=file))
    assert not file.exists()


def kinds() -> gpd.GeoDataFrame:
    fields = {"code": ["A", "B"], "类型": ["面", "线"]}
    return gpd.GeoDataFrame(fields, geometry=[square(120, 30), square(121, 30)], crs=4326)


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".shp"])
@pytest.mark.parametrize("where", ["类型 = '面'", "\"类型\" = '面'", "NOT(类型<>'面')"])
def test_chinese_names_of_fields_need_no_quotes(
    tmp_path: Path, suffix: str, where: str
) -> None:
    path = written(tmp_path / f"a{suffix}", kinds())
    assert list(read_layer(path, where=where).fields["code"]) == ["A"]


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".shp"])
@pytest.mark.parametrize("where", ["没有 = '面'", "\"没有\" <> '面'", "\"none\" = 'none'"])
def test_a_field_that_does_not_exist_is_an_error(
    tmp_path: Path, suffix: str, where: str
) -> None:
    path = written(tmp_path / f"a{suffix}", kinds())
    with pytest.raises(LayerError, match="the fields are: code, 类型"):
        read_layer(path, where=where)
