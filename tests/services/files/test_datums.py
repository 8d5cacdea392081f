from pathlib import Path

import pyproj
import pytest

from gridmgmt.errors import FieldError, InputError
from gridmgmt.services.files.datums import named_datum, remote_datum


def table(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "crs.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_nothing_said_is_no_datum(tmp_path: Path) -> None:
    assert named_datum(None, tmp_path / "nowhere.csv") is None


def test_a_name_of_the_citys_own_table_is_found(tmp_path: Path) -> None:
    own = table(tmp_path, "name,definition\n城市坐标系,EPSG:4549\n")
    datum = named_datum("城市坐标系", own)
    assert datum is not None
    assert (datum.label, datum.crs is not None and datum.crs.to_epsg()) == ("城市坐标系", 4549)


def test_what_everybody_knows_needs_no_table() -> None:
    datum = named_datum("gcj02", None)
    assert datum is not None
    assert datum.kind == "gcj02"


def test_an_unknown_name_is_refused_with_the_names_of_the_table(tmp_path: Path) -> None:
    own = table(tmp_path, "name,definition\n城市坐标系,EPSG:4549\n")
    with pytest.raises(InputError, match="城市坐标系"):
        named_datum("乡村坐标系", own)


def test_a_bad_definition_is_refused_with_the_name_it_stands_behind(tmp_path: Path) -> None:
    own = table(tmp_path, "name,definition\n城市坐标系,+proj=nothing\n")
    with pytest.raises(
        InputError, match=r"'城市坐标系' stands for '\+proj=nothing' in .*crs\.csv"
    ):
        named_datum("城市坐标系", own)


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FieldError, match="no field 'definition'"):
        named_datum("x", table(tmp_path, "name,epsg\nx,4549\n"))


@pytest.mark.parametrize(
    ("text", "label"),
    [("EPSG:4490", "EPSG:4490"), ("4490", "EPSG:4490"), ("gcj02", "gcj02"), (" BD09 ", "bd09")],
)
def test_a_datum_is_named_from_elsewhere_by_its_code(text: str, label: str) -> None:
    datum = remote_datum(text, None)
    assert datum is not None
    assert datum.label == label


def test_a_datum_is_named_from_elsewhere_by_the_deployments_table(tmp_path: Path) -> None:
    table = tmp_path / "crs.csv"
    table.write_text("name,definition\n杭州 1.0,EPSG:4549\n", encoding="utf-8")
    datum = remote_datum("杭州 1.0", table)
    assert datum is not None
    assert datum.is_projected
    with pytest.raises(InputError, match="or one of: 杭州"):
        remote_datum("北京 1.0", table)


@pytest.mark.parametrize("end", [".prj", ".wkt", ""])
def test_no_file_is_opened_for_a_name_from_elsewhere(tmp_path: Path, end: str) -> None:
    path = tmp_path / f"secret{end}"
    path.write_text(pyproj.CRS.from_epsg(4549).to_wkt(), encoding="utf-8")
    for text in (str(path), path.name, f"+init={path}:1", "+proj=longlat +nadgrids=x"):
        with pytest.raises(InputError) as refused:
            remote_datum(text, None)
        assert "CGCS2000" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "x" * 21, "EPSG:99999999", "EPSG:0", "a\nb", "mars"])
def test_what_names_no_datum_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^crs"):
        remote_datum(text, None)
