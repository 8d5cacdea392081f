import json
from pathlib import Path

import pytest
import shapely

from gridmgmt.cli import run
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.factories import make_edition, make_level, square, two_streets, write_areas
from tests.snapshot import snapshot

FIELDS = ["--code", "code", "--name", "name"]
LEVELS = two_streets()


class Bureau:
    """Runs commands as a person would and keeps what they said."""

    def __init__(self, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings = settings
        self.capsys = capsys
        self.out = ""
        self.err = ""

    def __call__(self, *args: object) -> int:
        code = run([str(arg) for arg in args], self.settings)
        self.out, self.err = self.capsys.readouterr()
        return code

    @property
    def held(self) -> dict[str, list[str]]:
        """Everything the database holds."""
        assert self.settings.database_url is not None
        return snapshot(self.settings.database_url)

    @property
    def last(self) -> str:
        """The line that says whether it was a dry run."""
        return self.err.splitlines()[-1]


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    return Bureau(settings, capsys)


@pytest.fixture
def with_edition(bureau: Bureau) -> Bureau:
    """An edition with two streets of four cells each, and a draft "d" on top of it."""
    assert bureau.settings.database_url is not None
    engine = make_engine(bureau.settings.database_url)
    with engine.begin() as conn:
        make_edition(conn, LEVELS)
    engine.dispose()
    assert bureau("draft", "create", "d", "--commit") == 0
    return bureau


def test_from_a_file_to_an_edition(bureau: Bureau, tmp_path: Path) -> None:
    streets = write_areas(tmp_path / "streets.geojson", LEVELS["street"])
    cells = write_areas(tmp_path / "cells.geojson", LEVELS["cell"])
    assert bureau("draft", "create", "2026-01", "--commit") == 0
    assert "draft '2026-01' opened on top of nothing" in bureau.err
    given = ("draft", "import", "2026-01")
    assert bureau(*given, streets, "--level", "street", *FIELDS, "--commit") == 0
    assert "street: 2 added, 0 altered, 0 dropped, 0 unchanged" in bureau.err
    assert (
        bureau(*given, cells, "--level", "cell", *FIELDS, "--parent", "parent", "--commit") == 0
    )
    assert bureau("draft", "check", "2026-01") == 0
    assert "2 street, 8 cell area(s) checked with a tolerance of 1 m²: 0 error(s)" in bureau.err
    publish = ("draft", "publish", "2026-01", "--effective-from", "2026-01-01")
    assert bureau(*publish, "--commit") == 0
    assert (
        "edition 1 (2026-01) in force from 2026-01-01 00:00:"
        " 10 area(s) added, 0 altered, 0 dropped" in bureau.err
    )
    assert bureau("draft", "list") == 0
    assert bureau.out.splitlines()[1].split()[:4] == ["2026-01", "published", "–", "1"]


def test_an_outline_that_the_grid_breaks_is_mended_as_the_note_says(
    bureau: Bureau, tmp_path: Path
) -> None:
    notched = shapely.Polygon([(0, 0), (0.01, 0), (0.01, 0.01), (0.005, 4e-9), (0, 0.01)])
    feature = {
        "type": "Feature",
        "properties": {"code": "A", "name": "A"},
        "geometry": shapely.geometry.mapping(notched),
    }
    file = tmp_path / "a.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert bureau("draft", "create", "d", "--commit") == 0
    given = ("draft", "import", "d", file, "--level", "street", *FIELDS)
    assert bureau(*given) == 0
    assert "feature 1 (A): " in bureau.err
    assert "to mend them there say --mend" in bureau.err
    assert bureau(*given, "--mend", "--commit") == 0
    assert "1 outline(s) that the storage grid breaks were mended there" in bureau.err
    assert bureau("draft", "check", "d") == 0


@pytest.mark.parametrize(
    "command",
    [
        ("draft", "create", "e"),
        ("draft", "delete", "d"),
        ("draft", "import", "d", "FILE", "--level", "cell", *FIELDS, "--drop", "7"),
        ("draft", "publish", "ready", "--effective-from", "2026-06-01"),
    ],
)
def test_without_commit_nothing_changes_and_the_last_line_says_so(
    with_edition: Bureau, tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = write_areas(tmp_path / "cells.geojson", make_level("cell", {"A1": square(0, 0)}))
    halves = make_level("cell", {"A1": square(0, 0, 0.5), "A2": square(0.5, 0, 0.5)})
    ready = write_areas(tmp_path / "ready.geojson", halves)
    assert with_edition("draft", "create", "ready", "--commit") == 0
    given = ("draft", "import", "ready", ready, "--level", "cell", *FIELDS, "--within", "A")
    assert with_edition(*given, "--drop", "2", "--commit") == 0
    before = with_edition.held
    assert with_edition(*[file if word == "FILE" else word for word in command]) == 0
    assert with_edition.last.startswith("dry run")
    assert with_edition.held == before
    assert (
        with_edition(*[file if word == "FILE" else word for word in command], "--commit") == 0
    )
    assert with_edition.last == "committed"
    assert with_edition.held != before


def test_dropping_many_areas_needs_their_number(with_edition: Bureau, tmp_path: Path) -> None:
    file = write_areas(tmp_path / "one.geojson", make_level("cell", {"A1": square(0, 0)}))
    given = ("draft", "import", "d", file, "--level", "cell", *FIELDS)
    before = with_edition.held
    for wrong in ((), ("--commit",), ("--drop", "6", "--commit"), ("--drop", "8", "--commit")):
        assert with_edition(*given, *wrong) == 2
        assert "cell: 0 added, 1 altered, 7 dropped" in with_edition.err
        assert "this would drop 7 of the 8 areas of level cell" in with_edition.err
        assert "--merge keeps them, --drop 7 confirms it" in with_edition.err
        assert with_edition.held == before
    assert with_edition(*given, "--drop", "7", "--commit") == 0
    # They are gone from the draft already: nothing more leaves it.
    assert with_edition(*given, "--commit") == 0
    assert with_edition(*given, "--merge", "--commit") == 0


def test_replacing_an_earlier_import_of_a_first_draft_needs_the_number(
    bureau: Bureau, tmp_path: Path
) -> None:
    ten = make_level("street", {f"S{n}": square(n, 0) for n in range(10)})
    few = make_level("street", {f"S{n}": square(n, 0) for n in range(2)})
    given = ("draft", "import", "first", "FILE", "--level", "street", *FIELDS)
    files = [write_areas(tmp_path / f"{n}.geojson", one) for n, one in enumerate((ten, few))]
    all_of_it, a_few = ([f if word == "FILE" else word for word in given] for f in files)
    assert bureau("draft", "create", "first", "--commit") == 0
    assert bureau(*all_of_it, "--commit") == 0
    assert bureau(*a_few, "--commit") == 2
    assert "8 of the 10 areas" in bureau.err
    assert bureau(*a_few, "--drop", "8", "--commit") == 0


def test_a_draft_shows_its_changes_and_where_they_came_from(
    with_edition: Bureau, tmp_path: Path
) -> None:
    file = write_areas(tmp_path / "cells.geojson", make_level("cell", {"A1": square(0, 0)}))
    given = ("draft", "import", "d", file, "--level", "cell", *FIELDS, "--within", "A")
    assert with_edition(*given, "--drop", "3", "--commit") == 0
    assert with_edition("draft", "show", "d") == 0
    rows = [line.split() for line in with_edition.out.splitlines()]
    assert rows[1][:5] == ["cell", "A1", "alter", "A1", "A"]
    assert "cells.geojson" in with_edition.out
    assert [row[1:3] for row in rows[2:]] == [["A2", "drop"], ["A3", "drop"], ["A4", "drop"]]
    assert "cell: 0 add, 1 alter, 3 drop" in with_edition.err
    assert with_edition("draft", "show", "d", "--json") == 0
    shown = json.loads(with_edition.out)
    assert shown["counts"] == {"cell": {"add": 0, "alter": 1, "drop": 3}}
    assert shown["draft"]["created_by"] == "tester"
    assert len(shown["changes"]) == 4


def test_a_check_that_blocks_exits_with_4_and_tells_amount_and_place(
    with_edition: Bureau, tmp_path: Path
) -> None:
    wide = make_level("cell", {"A2": square(0.5, 0, 0.6, 0.5)}, parents={"A2": "A"})
    file = write_areas(tmp_path / "wide.geojson", wide)
    given = ("draft", "import", "d", file, "--level", "cell", *FIELDS, "--merge")
    assert with_edition(*given, "--commit") == 0
    assert with_edition("draft", "check", "d") == 4
    lines = with_edition.out.splitlines()
    assert lines[0] == "cell:"
    assert [line.split()[0] for line in lines[1:3]] == ["error:", "error:"]
    assert "m²" in lines[1]
    assert lines[1].endswith("[120.160500, 30.252500]")
    assert with_edition("draft", "check", "d", "--json") == 4
    found = json.loads(with_edition.out)
    assert found["type"] == "FeatureCollection"
    overlap = next(o for o in found["features"] if o["properties"]["kind"] == "overlap")
    assert overlap["properties"]["codes"] == ["A2", "B1"]
    assert overlap["properties"]["unit"] == "m2"
    assert overlap["properties"]["severity"] == "error"
    amount = overlap["properties"]["amount"]
    place = shapely.from_geojson(json.dumps(overlap["geometry"]))
    assert place.equals(square(1, 0, 0.1, 0.5))
    assert with_edition("draft", "check", "d", "--tolerance-m2", str(amount + 1)) == 0
    publish = ("draft", "publish", "d", "--effective-from", "2026-06-01", "--commit")
    before = with_edition.held
    assert with_edition(*publish) == 4
    assert "cell A2, B1" in with_edition.err
    assert with_edition.held == before
    assert with_edition(*publish, "--tolerance-m2", str(amount + 1)) == 0


def test_overlaps_below_the_tolerance_are_counted_in_one_line(
    bureau: Bureau, tmp_path: Path
) -> None:
    row = make_level("street", {f"S{n:02}": square(n, 0, 1.000001, 0.01) for n in range(30)})
    assert bureau("draft", "create", "rough 1", "--commit") == 0
    file = write_areas(tmp_path / "row.geojson", row)
    given = ("draft", "import", "rough 1", file, "--level", "street", *FIELDS, "--commit")
    assert bureau(*given) == 0
    assert bureau("draft", "check", "rough 1") == 0
    told = "warning: street level: 29 overlaps below the tolerance, the largest 0.0107 m²"
    assert [line for line in bureau.out.splitlines() if "overlap" in line] == [f"  {told}"]
    assert "all 29 in rough-1-problems.csv" in bureau.out
    whole = (tmp_path / "rough-1-problems.csv").read_text("utf-8-sig").splitlines()
    assert len(whole) == 1 + 29
    assert "street S00, S01: both claim the same ground" in whole[1]
    assert bureau("draft", "check", "rough 1", "--json") == 0
    assert len(json.loads(bureau.out)["features"]) == 29
    assert bureau("draft", "publish", "rough 1", "--effective-from", "2026-06-01") == 0
    assert told in bureau.err
    assert bureau.err.count("overlap") == 1
    assert "29 warning(s) with a tolerance of 1 m²" in bureau.err
    assert bureau("draft", "check", "rough 1", "--tolerance-m2", "0") == 4
    assert bureau.out.count("error: street") == 3


def test_warnings_alone_exit_with_0(with_edition: Bureau, tmp_path: Path) -> None:
    thin = make_level("cell", {"A2": square(0.5, 0, 0.500001, 0.5)}, parents={"A2": "A"})
    file = write_areas(tmp_path / "thin.geojson", thin)
    given = ("draft", "import", "d", file, "--level", "cell", *FIELDS, "--merge", "--commit")
    assert with_edition(*given) == 0
    assert with_edition("draft", "check", "d") == 0
    assert "warning: cell A2" in with_edition.out


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (("draft", "create", "d"), 5, "there is a draft 'd' already"),
        (("draft", "show", "x"), 6, "there is no draft 'x'"),
        (("draft", "check", "x"), 6, "there is no draft 'x'"),
        (("draft", "delete", "x"), 6, "there is no draft 'x'"),
        (("draft", "publish", "x", "--effective-from", "2026-06-01"), 6, "no draft 'x'"),
        (("draft", "publish", "d", "--effective-from", "2026-06-01"), 5, "changes nothing"),
        (("draft", "publish", "d", "--effective-from", "soon"), 2, "'soon' is no date"),
        (("draft", "publish", "d"), 2, "--effective-from"),
        (("draft", "check", "d", "--tolerance-m2", "-1"), 2, "--tolerance-m2"),
        (
            ("draft", "import", "d", "nowhere.gpkg", "--level", "cell", *FIELDS),
            3,
            "nowhere.gpkg",
        ),
    ],
)
def test_a_refusal_has_a_reason_and_an_exit_code(
    with_edition: Bureau, command: tuple[str, ...], code: int, told: str
) -> None:
    before = with_edition.held
    assert with_edition(*command) == code
    assert told in with_edition.err
    assert with_edition.held == before


def test_all_fields_that_are_not_there_are_named_at_once(
    with_edition: Bureau, tmp_path: Path
) -> None:
    file = write_areas(tmp_path / "cells.geojson", LEVELS["cell"])
    fields = ("--code", "no", "--name", "title", "--parent", "above")
    assert with_edition("draft", "import", "d", file, "--level", "cell", *fields) == 3
    told = "has no field 'no' and no field 'title' and no field 'above'"
    assert told in with_edition.err


def test_an_edition_of_a_later_date_is_named(with_edition: Bureau, tmp_path: Path) -> None:
    halves = make_level("cell", {"A1": square(0, 0, 0.5), "A2": square(0.5, 0, 0.5)})
    file = write_areas(tmp_path / "halves.geojson", halves)
    given = ("draft", "import", "d", file, "--level", "cell", *FIELDS, "--within", "A")
    assert with_edition(*given, "--drop", "2", "--commit") == 0
    publish = ("draft", "publish", "d", "--commit", "--effective-from")
    # Whatever clock it is written on: the message shows both dates on the bureau's.
    assert with_edition(*publish, "2025-05-31T16:00:00Z") == 5
    assert "cannot take effect on 2025-06-01 00:00" in with_edition.err
    assert "edition 1 (an edition) takes effect on 2026-01-01 08:00 already" in with_edition.err
    assert with_edition(*publish, "2026-06-01") == 0


def test_a_name_of_the_deployments_own_table_is_a_crs(
    bureau: Bureau, tmp_path: Path, settings: Settings
) -> None:
    table = tmp_path / "crs.csv"
    table.write_text("name,definition\n城市坐标系,EPSG:4549\n", encoding="utf-8")
    local = shapely.box(500_000, 3_349_000, 501_000, 3_350_000)
    file = tmp_path / "local.geojson"
    file.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"code": "1", "name": "一"},
                        "geometry": shapely.geometry.mapping(local),
                    }
                ],
            }
        ),
        encoding="utf-8",
    )
    own = Bureau(
        Settings(
            home=settings.home,
            database_url=settings.database_url,
            actor="tester",
            crs_table=table,
        ),
        bureau.capsys,
    )
    assert own("draft", "create", "d", "--commit") == 0
    given = ("draft", "import", "d", file, "--level", "street", *FIELDS, "--commit")
    assert own(*given) == 3
    assert "look projected" in own.err
    assert own(*given, "--crs", "城市坐标系") == 0
    assert own("draft", "check", "d") == 0
    assert own(*given, "--crs", "乡村坐标系") == 2
    assert "城市坐标系" in own.err
