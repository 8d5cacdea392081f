import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.errors import NotFoundError
from gridmgmt.exchange.bytes.kept_files import kept
from gridmgmt.geometry.drawing.compact import CompactShapes, decode
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.services.situation.map_areas import shapes_version
from gridmgmt.services.situation.map_shapes import Zoom, shapes
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.schema import editions
from tests.factories import make_edition, make_level, square, two_streets


@pytest.fixture
def city(conn: Connection) -> Connection:
    make_edition(conn, two_streets())
    return conn


def read(conn: Connection, home: Path, level: str = "cell", **asked: Any) -> dict[str, Any]:
    asked = {"edition": 1, "zoom": Zoom.FAR, **asked}
    found = shapes(conn, home, asked.pop("edition"), level, asked.pop("zoom"), **asked)
    told: dict[str, Any] = json.loads(gzip.decompress(found.compressed))
    return told


@pytest.mark.parametrize(("zoom", "unit"), [(Zoom.FAR, 1e-5), (Zoom.NEAR, 1e-6)])
def test_outlines_come_with_code_name_and_parent_sorted_by_code(
    city: Connection, tmp_path: Path, zoom: Zoom, unit: float
) -> None:
    told = read(city, tmp_path, zoom=zoom)
    stored = areas_in(city, 1, "cell")["cell"]
    assert (told["edition"], told["level"], told["unit"]) == (1, "cell", unit)
    assert told["codes"] == sorted(stored.codes) == told["names"]
    assert told["parents"] == stored.parent_codes.tolist()
    back = decode(CompactShapes(tuple(told["origin"]), told["unit"], told["polygons"]))
    assert shapely.hausdorff_distance(stored.geoms, back).max() <= unit


def test_outlines_are_made_once_and_then_read(city: Connection, tmp_path: Path) -> None:
    first = shapes(city, tmp_path, 1, "cell", Zoom.FAR)
    (path,) = (tmp_path / "cache" / "map_shapes").iterdir()
    path.write_bytes(b"as it lies there")
    again = shapes(city, tmp_path, 1, "cell", Zoom.FAR)
    assert (again.compressed, again.tag) == (b"as it lies there", first.tag)


def test_who_is_limited_to_an_area_gets_what_lies_in_it_and_what_it_lies_in(
    city: Connection, tmp_path: Path
) -> None:
    assert read(city, tmp_path, area=("street", "A"))["codes"] == ["A1", "A2", "A3", "A4"]
    assert read(city, tmp_path, area=("cell", "B2"))["codes"] == ["B2"]
    assert read(city, tmp_path, "street", area=("cell", "B2"))["codes"] == ["B"]
    assert read(city, tmp_path, area=("cell", "gone"))["codes"] == []
    assert len(read(city, tmp_path)["codes"]) == 8


def test_what_differs_has_another_name(city: Connection, tmp_path: Path) -> None:
    limited = shapes_version(city, 1, area=("street", "A"))
    before = shapes_version(city, 1)
    # As after a restore of other data under the same number.
    later = datetime(2027, 1, 1, tzinfo=UTC)
    city.execute(editions.update().values(published_at=later))
    assert len({limited, before, shapes_version(city, 1)}) == 3


def test_a_number_is_not_given_twice_so_old_outlines_are_never_served(
    city: Connection, tmp_path: Path
) -> None:
    other = make_level("street", {"A": square(0, 0, 2, 1)})
    later = datetime(2200, 1, 1, tzinfo=UTC)
    make_edition(city, {"street": other}, effective_from=later)
    assert read(city, tmp_path, "street", edition=2)["codes"] == ["A"]
    withdraw(city, 2, actor="a test")
    with pytest.raises(NotFoundError, match="no edition 2"):
        shapes(city, tmp_path, 2, "street", Zoom.FAR)


@pytest.mark.parametrize("level", ["community", "nope", "../../../etc/passwd", "cell/..", ""])
def test_a_level_that_is_not_there_is_refused_and_leaves_no_file(
    city: Connection, tmp_path: Path, level: str
) -> None:
    with pytest.raises(NotFoundError):
        shapes(city, tmp_path, 1, level, Zoom.FAR)
    assert not list(tmp_path.rglob("*.gz"))


def test_many_at_once_get_the_same_file_whole(tmp_path: Path) -> None:
    content = np.random.default_rng(1).bytes(200_000)
    path = tmp_path / "cache" / "file"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: kept(path, lambda: content), range(40)))
    assert set(answers) == {content}
    assert [one.name for one in path.parent.iterdir()] == ["file"]


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> bytes:
        message = "half-way"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="half-way"):
        kept(tmp_path / "cache" / "file", fail)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_kept_is_answered_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert kept(tmp_path / "cache" / "file", lambda: b"content") == b"content"
