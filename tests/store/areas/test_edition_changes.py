from collections.abc import Mapping
from dataclasses import replace
from itertools import product

from sqlalchemy.engine import Connection

from gridmgmt.geometry.coverage.changes import LevelChanges, difference, no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.edition_changes import areas_only_in
from tests.factories import make_edition, square, two_streets

Levels = Mapping[str, LevelAreas]


def editions(conn: Connection) -> list[int | None]:
    """Four editions: a cell is renamed; another redrawn, a third dropped; all as before."""
    first = two_streets()
    cells = first["cell"]
    names, geoms = cells.names.copy(), cells.geoms.copy()
    names[0] = "another name"
    renamed = {**first, "cell": replace(cells, names=names)}
    geoms[4] = square(1, 0, 0.4, 0.5)
    redrawn = replace(renamed["cell"], geoms=geoms)
    fewer = {**first, "cell": pick(redrawn, redrawn.codes[:-1])}
    return [None, *(make_edition(conn, one) for one in (first, renamed, fewer, first))]


def differing(before: Levels, after: Levels) -> dict[str, list[tuple[object, ...]]]:
    """What differs at each level, so that two answers can be compared."""
    found = {
        level: difference(before.get(level, no_areas(level)), after.get(level, no_areas(level)))
        for level in ("street", "cell")
    }
    return {level: rows(one) for level, one in found.items()}


def rows(changes: LevelChanges) -> list[tuple[object, ...]]:
    columns = (changes.actions, changes.codes, changes.names, changes.parent_codes)
    shapes = [None if geom is None else geom.wkb for geom in changes.geoms]
    return list(zip(*columns, shapes, strict=True))


def test_all_that_differs_is_in_the_rows_that_only_one_edition_has(conn: Connection) -> None:
    for one, other in product(editions(conn), repeat=2):
        parts = areas_only_in(conn, one, other), areas_only_in(conn, other, one)
        assert differing(*parts) == differing(areas_in(conn, one), areas_in(conn, other))


def test_what_both_editions_have_in_one_row_is_not_read(conn: Connection) -> None:
    _, first, second, *_ = editions(conn)
    assert [*areas_only_in(conn, second, first)] == ["cell"]
    assert areas_only_in(conn, second, first)["cell"].codes.tolist() == ["A1"]
    assert areas_only_in(conn, second, second) == {}
