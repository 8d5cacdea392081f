import json
from pathlib import Path

import pytest

from gridmgmt.cli import run
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.factories import make_edition, two_streets

HEADER = "level,name_zh,name_en,code_pattern,size_m2\n"


def levels_file(tmp_path: Path, *rows: str, header: str = HEADER) -> str:
    path = tmp_path / "levels.csv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


def listed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert run(["level", "list", "--json"], settings) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def with_areas(settings: Settings) -> None:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        make_edition(conn, two_streets())
    engine.dispose()


def test_the_default_levels_are_listed_topmost_first(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["level", "list"], settings) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == [
        "level",
        "name_zh",
        "name_en",
        "code_pattern",
        "size_m2",
        "tolerance_m2",
    ]
    assert [line.split()[0] for line in out[1:]] == [
        "city",
        "district",
        "street",
        "community",
        "cell",
    ]
    assert "单元网格" in out[5]


def test_levels_are_set_from_a_file(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = levels_file(
        tmp_path,
        "bureau,局,Bureau,,",
        "division,区,Division,[0-9]+,",
        "reporting_district,报告区,Reporting district,[0-9]{4},1000000",
    )
    assert run(["level", "set", file, "--commit"], settings) == 0
    told = capsys.readouterr().err
    assert "levels: bureau > division > reporting_district" in told
    assert "removed: city, district, street, community, cell" in told
    assert told.splitlines()[-1] == "committed"
    assert listed(settings, capsys)[2] == {
        "level": "reporting_district",
        "rank": 2,
        "name_zh": "报告区",
        "name_en": "Reporting district",
        "code_pattern": "[0-9]{4}",
        "size_m2": 1_000_000.0,
        "tolerance_m2": None,
    }


def test_what_changes_in_a_level_is_told_with_old_and_new_value(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = HEADER.replace("size_m2", "size_m2,tolerance_m2")
    rows = ["street,镇街,Town,[0-9]+,2500000,", "cell,网格,Cell,,,1.5"]
    file = levels_file(tmp_path, *rows, header=header)
    assert run(["level", "set", file, "--commit"], settings) == 0
    capsys.readouterr()
    rows = ["street,街镇,Town,,2000000,0", "cell,网格,Cell,,,2.5"]
    levels_file(tmp_path, *rows, header=header)
    assert run(["level", "set", file, "--commit"], settings) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "->" in line]
    assert told == [
        "changed: street: name_zh '镇街' -> '街镇'",
        "changed: street: code_pattern '[0-9]+' -> none",
        "changed: street: size_m2 2,500,000 -> 2,000,000",
        "changed: street: tolerance_m2 none -> 0",
        "changed: cell: tolerance_m2 1.5 -> 2.5",
    ]
    tolerances = [one["tolerance_m2"] for one in listed(settings, capsys)]
    assert tolerances == [0, 2.5]


def test_without_commit_the_levels_stay(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["level", "set", levels_file(tmp_path, "ward,选区,Ward,,")], settings) == 0
    assert capsys.readouterr().err.splitlines()[-1].startswith("dry run")
    assert len(listed(settings, capsys)) == 5


def test_a_level_in_use_cannot_be_removed(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_areas(settings)
    file = levels_file(tmp_path, "community,社区,Community,,")
    assert run(["level", "set", file, "--commit"], settings) == 2
    told = capsys.readouterr().err
    assert "'street' cannot go, it is used by 2 row(s) of areas" in told
    assert "'cell' cannot go, it is used by 8 row(s) of areas" in told
    assert len(listed(settings, capsys)) == 5


def test_an_order_that_contradicts_stored_parents_is_refused(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_areas(settings)
    upside_down = levels_file(tmp_path, "cell,单元网格,Cell,,", "street,街道,Street,,")
    assert run(["level", "set", upside_down, "--commit"], settings) == 2
    assert "'cell' cannot move above 'street'" in capsys.readouterr().err
    wider = levels_file(
        tmp_path, "river,河,River,,", "street,街道,Street,,", "x,x,X,,", "cell,单元网格,Cell,,"
    )
    assert run(["level", "set", wider, "--commit"], settings) == 0
    assert [one["level"] for one in listed(settings, capsys)] == [
        "river",
        "street",
        "x",
        "cell",
    ]


@pytest.mark.parametrize(
    ("header", "rows", "code", "told"),
    [
        (HEADER, ["ward,选区,,,"], 3, "row 2: no name_en"),
        (HEADER, ["ward,选区,Ward,,big"], 3, "row 2: size_m2 'big' is no number above 0"),
        (HEADER, ["ward,选区,Ward,,-1"], 3, "row 2: size_m2 '-1' is no number above 0"),
        (
            HEADER.replace("size_m2", "size_m2,tolerance_m2"),
            ["ward,选区,Ward,,,-1"],
            3,
            "row 2: tolerance_m2 '-1' is no number of 0 or more",
        ),
        (
            HEADER.replace("size_m2", "size_m2,tolerance_m2"),
            ["ward,选区,Ward,,,nan"],
            3,
            "row 2: tolerance_m2 'nan' is no number of 0 or more",
        ),
        (HEADER, ["Ward 1,选区,Ward,,"], 3, "row 2: 'Ward 1' is not lower-case"),
        (HEADER, ["ward,选\x01区,W,,"], 3, "row 2: name_zh: has a control character in it"),
        (HEADER, ["ward,选区,Ward,[,"], 3, "row 2: 'ward': pattern '['"),
        (HEADER, ["w,选,W,,", "w,区,W,,"], 3, "row 3: 'w' is named twice"),
        (HEADER, [], 3, "names no level"),
        ("level,name_zh\n", ["ward,选区"], 3, "has no field 'name_en'"),
        ("level\n", ["ward"], 3, "has no field 'name_zh' and no field 'name_en'"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    header: str,
    rows: list[str],
    code: int,
    told: str,
) -> None:
    file = levels_file(tmp_path, *rows, header=header)
    assert run(["level", "set", file, "--commit"], settings) == code
    assert told in capsys.readouterr().err
    assert len(listed(settings, capsys)) == 5


def test_all_that_is_wrong_with_levels_is_told_at_once(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = levels_file(tmp_path, "a,,A,[,", "a,甲,A,,0", ",乙,B,,")
    assert run(["level", "set", file], settings) == 3
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0].strip(" -") for line in told[1:6]] == [
        "row 2",
        "row 2",
        "row 3",
        "row 3",
        "row 4",
    ]


def test_a_file_that_is_not_there_is_named(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["level", "set", str(tmp_path / "nowhere.csv")], settings) == 3
    assert "nowhere.csv" in capsys.readouterr().err
