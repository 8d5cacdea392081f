import re
from pathlib import Path

import pytest

from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.cli.cases.test_case import Bureau
from tests.factories import make_edition, make_level, square
from tests.services.case_city import case_file, row

# West of Greenwich, so that the coordinate that is typed begins with a minus.
WEST = (-118.25, 34.05)
TYPED = "-118.25,34.05"


@pytest.fixture
def bureau(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bureau:
    engine = make_engine(database_url)
    with engine.begin() as conn:
        cell = square(0, 0, 1, 1)
        make_edition(conn, {"cell": make_level("cell", {"W1": cell})})
    engine.dispose()
    settings = Settings(home=tmp_path, database_url=database_url, actor="wang")
    bureau = Bureau(settings, capsys)
    rows = [row(f"C{n}", WEST) for n in range(100)]
    assert bureau("case", "import", case_file(tmp_path, rows), "--commit") == 0
    return bureau


def test_the_remedy_that_the_import_names_works_when_typed(
    bureau: Bureau, tmp_path: Path
) -> None:
    rows = [row(f"D{n}", WEST) for n in range(100)]
    path = case_file(tmp_path, rows, "more.csv")
    assert bureau("case", "import", path) == 0
    (said,) = re.findall("to accept it as a default coordinate: gridmgmt (.*)", bureau.err)
    assert bureau(*said.split()) == 0
    told = bureau.json("case", "import", path, "--commit")
    assert isinstance(told, dict)
    (heap,) = told["heaps"]
    assert (heap["is_accepted"], told["at_default"]) == (True, 100)
    assert not any("share the coordinate" in one for one in told["warnings"])
    assert "100 case(s) lie at an accepted default coordinate" in bureau.err
    assert "to accept it" not in bureau.err
    assert marks(bureau) == [(["default_position"], 200)]


def marks(bureau: Bureau) -> list[tuple[object, ...]]:
    return bureau.query("SELECT marks, count(*) FROM cases GROUP BY 1")


def test_a_coordinate_is_accepted_listed_and_withdrawn(bureau: Bureau) -> None:
    before = bureau.held
    assert bureau("case", "default", "accept", TYPED) == 0
    assert "100 stored case(s) newly marked" in bureau.err
    assert bureau.last.startswith("dry run")
    assert bureau.held == before
    assert bureau("case", "default", "accept", TYPED, "--commit") == 0
    assert marks(bureau) == [(["default_position"], 100)]
    (listed,) = bureau.json("case", "default", "list")
    assert (listed["lon"], listed["lat"], listed["accepted_by"]) == (*WEST, "wang")
    assert listed["cases"] == 100
    assert bureau("case", "default", "list") == 0
    assert f"{TYPED}    100  wang" in bureau.out
    assert bureau("case", "explain", "C1", "--lang", "en") == 0
    assert "That is a default coordinate, accepted as such by wang on" in bureau.out
    assert bureau("case", "default", "withdraw", TYPED, "--commit") == 0
    assert marks(bureau) == [([], 100)]


def test_what_is_no_coordinate_and_what_was_never_accepted_is_said(bureau: Bureau) -> None:
    assert bureau("case", "default", "accept", "34.05") == 2
    assert "'34.05' is no position; write longitude,latitude in degrees" in bureau.err
    assert bureau("case", "default", "withdraw", TYPED) == 6
    assert "there is no default coordinate '-118.25,34.05'" in bureau.err


def test_the_summary_counts_them_apart(bureau: Bureau) -> None:
    def summary() -> dict[str, object]:
        told = bureau.json("case", "summary", "--level", "cell")
        assert isinstance(told, dict)
        return told

    before = summary()
    assert "at_default" not in before
    assert bureau("case", "default", "accept", TYPED, "--commit") == 0
    after = summary()
    assert (after["areas"], after["city"]) == ([], before["city"])
    assert after["at_default"] == before["city"]
    assert bureau("case", "summary", "--level", "cell") == 0
    assert "(default coordinate)" in bureau.out
