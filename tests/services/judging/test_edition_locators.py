import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.array_files import UNFINISHED
from gridmgmt.geometry.locating.locate import cover
from gridmgmt.geometry.locating.locator_file import LocatorFileError, open_locator
from gridmgmt.services.judging import edition_locators
from gridmgmt.services.judging.edition_locators import EditionLocators
from tests.factories import make_edition, make_level, square

LON, LAT = square(0, 0).centroid.coords[0]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    edition_locators._kept.clear()


def one_cell(code: str, x: float = 0, y: float = 0) -> dict[str, object]:
    return {"cell": make_level("cell", {code: square(x, y)})}


def found(locators: EditionLocators, edition: int) -> str | None:
    got = locators.get(edition)
    assert got is not None
    level, index = got
    assert level == "cell"
    [cell] = cover(index, [LON], [LAT]).cell
    return None if cell < 0 else str(index.codes[cell])


def files(home: Path) -> list[Path]:
    return sorted(path for path in home.rglob("*") if path.is_file())


def test_a_file_is_made_at_the_first_question_and_read_from_then_on(
    conn: Connection, tmp_path: Path
) -> None:
    edition = make_edition(conn, one_cell("A"))
    assert found(EditionLocators(conn, tmp_path), edition) == "A"
    [file] = files(tmp_path)
    made = file.stat().st_mtime_ns
    edition_locators._kept.clear()
    assert found(EditionLocators(conn, tmp_path), edition) == "A"
    assert [(path, path.stat().st_mtime_ns) for path in files(tmp_path)] == [(file, made)]


def test_an_edition_without_areas_has_none(conn: Connection, tmp_path: Path) -> None:
    assert EditionLocators(conn, tmp_path).get(1) is None
    assert files(tmp_path) == []


def test_without_a_home_nothing_is_written(conn: Connection) -> None:
    edition = make_edition(conn, one_cell("A"))
    assert found(EditionLocators(conn, None), edition) == "A"


def test_a_number_published_again_with_other_areas_is_another_locator(
    engine: Engine, tmp_path: Path
) -> None:
    for code in ("A", "B"):
        with engine.connect() as conn, conn.begin() as transaction:
            edition = make_edition(conn, one_cell(code))
            assert edition == 1
            assert found(EditionLocators(conn, tmp_path), edition) == code
            transaction.rollback()
    # The file of what is no longer there is gone.
    assert len(files(tmp_path)) == 1


def test_the_same_code_drawn_elsewhere_is_another_locator(
    engine: Engine, tmp_path: Path
) -> None:
    for x, code in ((0, "A"), (3, None)):
        with engine.connect() as conn, conn.begin() as transaction:
            edition = make_edition(conn, one_cell("A", x))
            assert found(EditionLocators(conn, tmp_path), edition) == code
            transaction.rollback()


def test_outlines_are_read_again_only_where_something_was_published(
    engine: Engine, tmp_path: Path
) -> None:
    asked: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def ask(edition: int) -> str | None:
        asked.clear()
        with engine.connect() as conn:
            return found(EditionLocators(conn, tmp_path), edition)

    def outlines_read() -> bool:
        return any("geom" in text for text in asked)

    with engine.begin() as conn:
        make_edition(conn, one_cell("A"))
    assert (ask(1), outlines_read()) == ("A", True)
    assert (ask(1), outlines_read()) == ("A", False)
    # A number past the newest reads as the newest.
    assert (ask(2), outlines_read()) == ("A", True)
    with engine.begin() as conn:
        make_edition(conn, one_cell("B"), effective_from=datetime(2026, 7, 1, tzinfo=UTC))
    assert (ask(2), outlines_read()) == ("B", True)
    assert (ask(1), outlines_read()) == ("A", True)


def test_another_database_in_the_same_home_has_files_of_its_own(
    engine: Engine, conn: Connection, tmp_path: Path
) -> None:
    edition = make_edition(conn, one_cell("A"))
    assert found(EditionLocators(conn, tmp_path), edition) == "A"
    with engine.connect() as other:
        again = make_edition(other, one_cell("B"))
        assert again == edition
        assert found(EditionLocators(other, tmp_path), again) == "B"
    assert len(files(tmp_path)) == 2
    edition_locators._kept.clear()
    assert found(EditionLocators(conn, tmp_path), edition) == "A"


def test_a_file_that_is_cut_short_or_something_else_is_made_again(
    conn: Connection, tmp_path: Path
) -> None:
    edition = make_edition(conn, one_cell("A"))
    assert found(EditionLocators(conn, tmp_path), edition) == "A"
    [file] = files(tmp_path)
    whole = file.read_bytes()
    for broken in (b"", b"something else\n", whole[:100], whole[: len(whole) // 2]):
        file.write_bytes(broken)
        with pytest.raises(LocatorFileError, match=r"\.locator"):
            open_locator(file)
        edition_locators._kept.clear()
        assert found(EditionLocators(conn, tmp_path), edition) == "A"
        assert file.read_bytes() == whole


def test_a_home_that_cannot_be_written_costs_time_only(
    conn: Connection, tmp_path: Path
) -> None:
    home = tmp_path / "a file"
    home.write_text("no folder")
    edition = make_edition(conn, one_cell("A"))
    assert found(EditionLocators(conn, home), edition) == "A"


def test_what_a_killed_process_left_half_written_is_never_read_and_removed_later(
    conn: Connection, tmp_path: Path
) -> None:
    edition = make_edition(conn, one_cell("A"))
    assert found(EditionLocators(conn, tmp_path), edition) == "A"
    [file] = files(tmp_path)
    old, fresh = file.with_name(UNFINISHED + "old"), file.with_name(UNFINISHED + "fresh")
    for half in (old, fresh):
        half.write_bytes(file.read_bytes()[:1000])
    os.utime(old, (0, 0))
    file.unlink()
    edition_locators._kept.clear()
    assert found(EditionLocators(conn, tmp_path), edition) == "A"
    # Somebody may be writing the fresh one at this moment.
    assert files(tmp_path) == sorted([file, fresh])


KILLED = """
import os, sys
from pathlib import Path
import shapely
from gridmgmt import array_files
from gridmgmt.geometry.locating import locator_file
from gridmgmt.geometry.locating.locate import build_locator

def stop(file, kind, description, arrays):
    file.write(description)
    file.flush()
    os._exit(9)

array_files._write = stop
index = build_locator(["A"], [shapely.box(0, 0, 1, 1)])
locator_file.save_locator(index, Path(sys.argv[1]))
"""


def test_a_process_killed_while_it_writes_leaves_no_file_of_that_name(tmp_path: Path) -> None:
    path = tmp_path / "x.locator"
    done = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert done.returncode == 9
    assert [file.name.startswith(UNFINISHED) for file in tmp_path.iterdir()] == [True]


READER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from gridmgmt.geometry.locating.cover import cover
from gridmgmt.geometry.locating.locator_file import open_locator

index = open_locator(Path(sys.argv[1]))
print(index.codes[cover(index, [float(sys.argv[2])], [float(sys.argv[3])]).cell[0]])
print(sum(sys.argv[1] in line for line in open("/proc/self/maps")))
"""


def test_another_process_reads_the_same_file_and_copies_none_of_it(
    conn: Connection, tmp_path: Path
) -> None:
    edition = make_edition(conn, one_cell("A"))
    assert found(EditionLocators(conn, tmp_path), edition) == "A"
    [file] = files(tmp_path)
    command = [sys.executable, "-c", READER, str(file), str(LON), str(LAT)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert said == ["A", "1"]


def test_many_points_are_answered_alike_from_the_file(conn: Connection, tmp_path: Path) -> None:
    areas = {f"{x}{y}": square(x, y) for x in range(4) for y in range(4)}
    edition = make_edition(conn, {"cell": make_level("cell", areas)})
    built = EditionLocators(conn, None).get(edition)
    edition_locators._kept.clear()
    opened = EditionLocators(conn, tmp_path).get(edition)
    assert built is not None
    assert opened is not None
    west, south, east, north = shapely.total_bounds(list(areas.values()))
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(west, east, 5000), rng.uniform(south, north, 5000)
    np.testing.assert_array_equal(
        cover(built[1], lon, lat).cell, cover(opened[1], lon, lat).cell
    )
