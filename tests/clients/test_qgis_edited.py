"""What QGIS 3.22 saved of a draft comes back as changes, and only what was edited."""

import gzip
import json
from pathlib import Path

import pyogrio
import pytest
import shapely

from gridmgmt.settings import Settings
from gridmgmt.store.areas.attributes import store_attributes
from gridmgmt.store.engine import make_engine, transaction
from tests.cli.areas.test_draft import Bureau
from tests.clients.drawn_draft import DECLARED, LABEL, VALUES, levels, mark
from tests.factories import make_edition

KEPT = Path(__file__).with_name("qgis_edited.gpkg.gz")

# Cells by what `qgis_edit` does to them.
CORNER = ("330102000000011", "330102000001001", "330102001000010", "330102001001000")
HALF_MOVED, SPLIT, RENAMED = "330102000001000", "330102000000000", "330102001000001"
DELETED, DRAWN = "330102001001011", "330102001001077"
USED = "330102001000000"
# The next codes of the two communities.
PIECE, UNNAMED = "330102000000012", "330102001001078"
# The neighbour that got a vertex from topological editing, and the one that got none.
BESIDE_SPLIT, BESIDE_DRAWN = "330102000000001", "330102001001001"


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with transaction(engine, commit=True) as conn:
        store_attributes(conn, DECLARED)
        make_edition(conn, {areas.level: areas for areas in levels()})
    engine.dispose()
    found = Bureau(settings, capsys)
    assert found("draft", "create", LABEL, "--commit") == 0
    return found


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    found = tmp_path / "edited.gpkg"
    found.write_bytes(gzip.decompress(KEPT.read_bytes()))
    return found


def changes(bureau: Bureau) -> dict[tuple[str, str], tuple[str, str | None]]:
    assert bureau("draft", "show", LABEL, "--json") == 0
    return {
        (one["level"], one["code"]): (one["action"], one["name"])
        for one in json.loads(bureau.out)["changes"]
    }


def attributes(bureau: Bureau) -> dict[str, dict[str, str]]:
    """Return the attributes of the areas that the draft states."""
    assert bureau("draft", "show", LABEL, "--json") == 0
    stated = json.loads(bureau.out)["changes"]
    return {one["code"]: one["attributes"] for one in stated if one["attributes"]}


def test_an_export_has_the_bytes_of_the_draft_and_of_its_base(
    bureau: Bureau, tmp_path: Path
) -> None:
    file = tmp_path / "d.gpkg"
    assert bureau("draft", "export", LABEL, "-o", file) == 0
    assert "2 street, 4 community, 16 cell" in bureau.err
    for areas in levels():
        for layer in (areas.level, f"{areas.level}-base"):
            _, _, wkb, fields = pyogrio.raw.read(file, layer=layer)
            kept = shapely.to_wkb(shapely.from_wkb(wkb))
            assert kept.tolist() == shapely.to_wkb(areas.geoms).tolist()
            assert fields[0].tolist() == areas.codes.tolist()
            assert fields[2].tolist() == areas.parent_codes.tolist()
    [row] = pyogrio.read_dataframe(file, layer="gridmgmt_draft").to_dict("records")
    assert (row["draft"], row["base_edition"], row["revision"]) == (LABEL, 1, 0)
    assert row["digest"] == mark().digest


def test_an_export_that_nobody_edited_changes_nothing(bureau: Bureau, tmp_path: Path) -> None:
    file = tmp_path / "d.gpkg"
    assert bureau("draft", "export", LABEL, "-o", file) == 0
    before = bureau.held
    assert bureau("draft", "import", LABEL, file, "--commit") == 0
    assert "nothing was edited in the file" in bureau.err
    assert bureau.held == before


def test_only_what_was_edited_in_qgis_is_a_change(bureau: Bureau, edited: Path) -> None:
    assert bureau("draft", "import", LABEL, edited, "--drop", 1, "--commit") == 0
    found = changes(bureau)
    cells = {code: one for (level, code), one in found.items() if level == "cell"}
    assert cells == {
        **{
            code: ("alter", cells[code][1])
            for code in (*CORNER, HALF_MOVED, SPLIT, BESIDE_SPLIT)
        },
        RENAMED: ("alter", "东河网格"),
        USED: ("alter", "S1C0N00"),
        DELETED: ("drop", None),
        PIECE: ("add", "S0C0N00"),
        DRAWN: ("add", "河西网格"),
        UNNAMED: ("add", "河东网格"),
    }
    assert attributes(bureau) == {
        SPLIT: VALUES[SPLIT],
        # As QGIS gave it to both.
        PIECE: VALUES[SPLIT],
        USED: {"land_use": "商业"},
    }
    # Both levels above follow the corner and the new vertices; none was edited in QGIS.
    assert {code for level, code in found if level == "street"} == {"330102000", "330102001"}
    # One side was moved by a hair, and lies near the vertex of its neighbours.
    near = [line for line in bureau_lines(bureau, edited) if "lies 0.0" in line]
    assert any(HALF_MOVED in line and "m from the border of" in line for line in near)


def bureau_lines(bureau: Bureau, edited: Path) -> list[str]:
    """What a second import of the file would say, of a draft that is as it was exported."""
    assert bureau("draft", "undo", LABEL, "--commit") == 0
    assert bureau("draft", "import", LABEL, edited, "--drop", 1) == 0
    return bureau.err.splitlines()


def test_snapping_leaves_a_city_that_fits_to_the_vertex(bureau: Bureau, edited: Path) -> None:
    before = bureau.held["areas"], bureau.held["area_changes"]
    command = ("draft", "import", LABEL, edited, "--vertex-snap-m", 0.05, "--drop", 1)
    assert bureau(*command, "--commit") == 0
    assert "worse than before" not in bureau.err
    assert " m from the border of " not in bureau.err
    found = changes(bureau)
    # The hair went back to where its neighbours have it: no change at all.
    assert ("cell", HALF_MOVED) not in found
    # The end of a cut was put into the neighbour.
    assert found["cell", BESIDE_DRAWN][0] == "alter"
    assert bureau("draft", "check", LABEL, "--tolerance-m2", 0) == 0, bureau.out
    assert "0 error(s), 0 warning(s)" in bureau.err
    assert bureau("draft", "undo", LABEL, "--commit") == 0
    assert (bureau.held["areas"], bureau.held["area_changes"]) == before


def test_many_that_are_not_in_the_file_must_be_said(bureau: Bureau, edited: Path) -> None:
    assert bureau("draft", "import", LABEL, edited, "--commit") == 2
    assert "this would drop 1 of 16 area(s)" in bureau.err
    assert changes(bureau) == {}


def test_a_file_of_another_draft_is_refused(bureau: Bureau, edited: Path) -> None:
    assert bureau("draft", "create", "e", "--commit") == 0
    assert bureau("draft", "import", "e", edited, "--commit") == 2
    assert "the file was made of draft 'd', not of 'e'" in bureau.err


def test_a_file_without_a_mark_needs_its_columns(bureau: Bureau, tmp_path: Path) -> None:
    file = tmp_path / "x.geojson"
    file.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    assert bureau("draft", "import", LABEL, file, "--level", "cell") == 2
    assert "say --code, --name as well" in bureau.err


def test_what_others_did_meanwhile_stays(bureau: Bureau, edited: Path, tmp_path: Path) -> None:
    write(
        bureau,
        tmp_path,
        {"op": "rename", "level": "cell", "code": "330102000001010", "name": "北河网格"},
        {"op": "rename", "level": "cell", "code": RENAMED, "name": "东河网格"},
    )
    command = ("draft", "import", LABEL, edited, "--vertex-snap-m", 0.05, "--drop", 1)
    assert bureau(*command, "--commit") == 0
    found = changes(bureau)
    assert found["cell", "330102000001010"] == ("alter", "北河网格")
    assert found["cell", RENAMED] == ("alter", "东河网格")
    assert found["cell", PIECE][0] == "add"


def test_what_both_changed_is_told_with_base_mine_and_theirs(
    bureau: Bureau, edited: Path, tmp_path: Path
) -> None:
    write(bureau, tmp_path, {"op": "rename", "level": "cell", "code": RENAMED, "name": "别名"})
    command = ("draft", "import", LABEL, edited, "--drop", 1, "--commit")
    assert bureau(*command) == 5
    assert (
        f"cell S1C0N01 {RENAMED}: the name was 'S1C0N01', the file has '东河网格', the other"
        " change '别名'" in bureau.err
    )
    assert "edit 1, rename by" in bureau.err
    assert set(changes(bureau)) == {("cell", RENAMED)}
    assert bureau(*command, "--take", "theirs") == 0
    assert changes(bureau)["cell", RENAMED] == ("alter", "别名")
    assert bureau("draft", "undo", LABEL, "--commit") == 0
    assert bureau(*command, "--take", "mine") == 0
    assert changes(bureau)["cell", RENAMED] == ("alter", "东河网格")


def write(bureau: Bureau, folder: Path, *operations: dict[str, str]) -> None:
    file = folder / "ops.jsonl"
    file.write_text("\n".join(map(json.dumps, operations)), encoding="utf-8")
    assert bureau("draft", "edit", LABEL, file, "--commit") == 0, bureau.err
