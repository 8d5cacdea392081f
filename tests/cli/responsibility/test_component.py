import json

import pytest

from gridmgmt.cli import run
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.store.engine import make_engine
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.components import list_components
from tests.services.answering import bureau, stored, table

ROWS = """
    id,kind,label,lon,lat
    W1,厕所,一号公厕,120.151,30.251
    W2,厕所,,120.152,30.251
    B1,站点,三塘竹苑,120.153,30.251
"""
HOW = ["--map", "code=id,class_code=kind,name=label", "--crs", "EPSG:4490"]
CLASSES = ["--class", "厕所=0301", "--class", "站点=公交站亭"]


@pytest.fixture
def city(settings):
    bureau(settings)
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        put_categories(
            conn,
            [
                Category("C0301-1", "公厕：损坏", minor_class="公共厕所", class_code="0301"),
                Category("C0204-1", "站亭：破损", minor_class="公交站亭", class_code="0204"),
            ],
        )
    engine.dispose()
    return settings


def test_a_register_without_codes_and_owners_is_read_by_what_the_command_says(
    city, tmp_path, capfd
):
    path = str(table(tmp_path, ROWS))
    line = ["component", "import", path, *HOW, *CLASSES, "--owner", "0204=S2", "--owner", "S1"]
    assert run(line, city) == 0
    assert stored(city, list_components)[0] == []
    assert run([*line, "--commit"], city) == 0
    told = capfd.readouterr().err
    assert "3 component record(s) added" in told
    assert "3 code(s) do not have 16 digits" in told
    assert run(["component", "list", "--json"], city) == 0
    found = {row["code"]: row for row in json.loads(capfd.readouterr().out)}
    assert {code: (row["class_code"], row["owner_code"]) for code, row in found.items()} == {
        "B1": ("0204", "S2"),
        "W1": ("0301", "S1"),
        "W2": ("0301", "S1"),
    }
    assert (found["W1"]["lon"], found["W1"]["lat"]) == (120.151, 30.251)


def test_the_list_is_narrowed_and_goes_on_after_a_code(city, tmp_path, capfd):
    path = str(table(tmp_path, ROWS))
    run(["component", "import", path, *HOW, *CLASSES, "--owner", "0301=S1", "--commit"], city)
    capfd.readouterr()
    for narrowed, codes in (
        (["--class", "0301"], ["W1", "W2"]),
        (["--class", "0301", "--after", "W1"], ["W2"]),
        (["--unit", "S1", "--limit", "1"], ["W1"]),
    ):
        assert run(["component", "list", "--json", *narrowed], city) == 0
        assert [row["code"] for row in json.loads(capfd.readouterr().out)] == codes
    assert run(["component", "list"], city) == 0
    assert "三塘竹苑" in capfd.readouterr().out


def test_a_class_nobody_knows_ends_with_every_row_that_names_it(city, tmp_path, capfd):
    path = str(table(tmp_path, ROWS))
    assert run(["component", "import", path, *HOW, "--class", "厕所=0301"], city) == 3
    assert "row 4: class_code: no category is about components of class '站点'" in (
        capfd.readouterr().err
    )


def test_the_same_class_said_twice_is_a_slip(city, tmp_path, capfd):
    path = str(table(tmp_path, ROWS))
    line = ["component", "import", path, *HOW, "--owner", "S1", "--owner", "S2"]
    assert run(line, city) == 2
    assert "each once" in capfd.readouterr().err


def test_the_register_leaves_and_comes_back_the_same(city, tmp_path, capfd):
    path = str(table(tmp_path, ROWS))
    run(["component", "import", path, *HOW, *CLASSES, "--owner", "S1", "--commit"], city)
    for name in ("register.zip", "register.gpkg", "register.geojson", "register.xlsx"):
        out = str(tmp_path / name)
        crs = [] if name.endswith("geojson") else ["--crs", "EPSG:4490"]
        assert run(["export", "components", *crs, "-o", out], city) == 0, capfd.readouterr().err
        capfd.readouterr()
        assert run(["component", "import", out, "--crs", "EPSG:4490"], city) == 0
        assert "0 changed, 3 unchanged" in capfd.readouterr().err
