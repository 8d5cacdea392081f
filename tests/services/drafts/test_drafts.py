from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.errors import DraftError, GeometryError, InputError, LayerError, NotFoundError
from gridmgmt.exchange.content.area_layers import AreaFile, OnDuplicate
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.problem import ProblemKind
from gridmgmt.services.drafts import checks, drafts
from gridmgmt.store.areas.drafts import get_draft, list_changes, read_changes
from tests.factories import make_edition, make_level, square, two_streets, write_areas

CELLS = two_streets()["cell"]
STREETS = two_streets()["street"]


def area_file(path: Path, areas: LevelAreas, *, parent: bool = True, **how: Any) -> AreaFile:
    written = write_areas(path / f"{areas.level}.geojson", areas)
    given = {"code": "code", "name": "name", "parent": "parent" if parent else None, **how}
    return AreaFile(path=written, **given)


def only(areas: LevelAreas, *codes: str) -> LevelAreas:
    keep = np.isin(areas.codes.astype(str), codes)
    return LevelAreas(
        areas.level,
        areas.codes[keep],
        areas.names[keep],
        areas.parent_codes[keep],
        areas.geoms[keep],
    )


def import_cells(
    conn: Connection, tmp_path: Path, areas: LevelAreas, **how: Any
) -> drafts.Imported:
    scope = {key: how.pop(key) for key in ("merge", "within") if key in how}
    given = area_file(tmp_path, areas, **how)
    return drafts.import_areas(conn, "d", "cell", given, actor="a", **scope)


def counts(done: drafts.Imported) -> tuple[int, int, int, int]:
    return (done.added, done.altered, done.dropped, done.unchanged)


def actions(conn: Connection, label: str = "d") -> dict[str, str]:
    changes = list_changes(conn, get_draft(conn, label).id)
    return {change.code: str(change.action) for change in changes}


@pytest.fixture
def base(conn: Connection) -> Connection:
    """An edition with two streets of four cells each, and a draft on top of it."""
    make_edition(conn, two_streets())
    drafts.create(conn, "d", actor="a")
    return conn


def test_a_draft_rests_on_the_newest_edition_and_says_who_opened_it(conn: Connection) -> None:
    assert drafts.create(conn, "first", actor="an officer").base_edition is None
    make_edition(conn, two_streets())
    second = drafts.create(conn, "second", actor="an officer")
    assert (second.base_edition, second.created_by) == (1, "an officer")


def test_a_label_is_given_once(base: Connection) -> None:
    with pytest.raises(DraftError, match="draft 'd' already"):
        drafts.create(base, "d", actor="a")
    with pytest.raises(InputError, match="needs a label"):
        drafts.create(base, "  ", actor="a")


def test_importing_what_is_there_already_changes_nothing(
    base: Connection, tmp_path: Path
) -> None:
    assert counts(import_cells(base, tmp_path, CELLS)) == (0, 0, 0, 8)
    assert actions(base) == {}


def test_an_import_states_the_whole_level(base: Connection, tmp_path: Path) -> None:
    stated = make_level(
        "cell",
        {"A1": square(0, 0), "A2": CELLS.geoms[1], "A9": square(0, 0.5)},
        parents={"A1": "A", "A2": "A", "A9": "A"},
    )
    assert counts(import_cells(base, tmp_path, stated)) == (1, 1, 6, 1)
    dropped = dict.fromkeys(["A3", "A4", "B1", "B2", "B3", "B4"], "drop")
    assert actions(base) == {"A1": "alter", "A9": "add", **dropped}


def test_some_areas_are_compared_with_what_was_there_of_them(
    base: Connection, tmp_path: Path
) -> None:
    done = import_cells(base, tmp_path, only(CELLS, "A1", "A2"), merge=True)
    assert any(
        "of the ground of these areas, 100% lies in the stored area of the same code as is"
        in note
        for note in done.notes
    )


def test_outlines_that_changed_places_are_told_with_where_they_lie(
    base: Connection, tmp_path: Path
) -> None:
    two = only(CELLS, "A1", "A2")
    assert not any(
        "outside the stored" in one for one in import_cells(base, tmp_path, two).notes
    )
    exchanged = replace(two, geoms=two.geoms[::-1])
    done = import_cells(base, tmp_path, exchanged, merge=True)
    told = (
        "2 outline(s) lie mostly outside the stored area of the same code: "
        "the outline of A1 lies in A2, the outline of A2 lies in A1"
    )
    assert told in done.notes
    assert any("of these areas, 0% lies in the stored area" in note for note in done.notes)


def test_a_file_of_another_city_is_told(base: Connection, tmp_path: Path) -> None:
    far = make_level("cell", {"A1": square(40, 0)}, parents={"A1": "A"})
    told = "none of these areas lies where the stored areas of level cell lie"
    assert any(told in note for note in import_cells(base, tmp_path, far).notes)
    assert not any(told in note for note in import_cells(base, tmp_path, CELLS).notes)


def test_nothing_lies_within_an_area_where_no_level_is_above(
    base: Connection, tmp_path: Path
) -> None:
    given = area_file(tmp_path, two_streets()["street"], parent=False)
    with pytest.raises(InputError, match="no level above street has areas"):
        drafts.import_areas(base, "d", "street", given, actor="a", within="X")


def test_importing_a_level_again_replaces_its_changes(base: Connection, tmp_path: Path) -> None:
    import_cells(base, tmp_path, only(CELLS, "A1"))
    assert len(actions(base)) == 7
    import_cells(base, tmp_path, CELLS)
    assert actions(base) == {}


def test_merging_leaves_the_rest_of_the_level_and_of_the_draft(
    base: Connection, tmp_path: Path
) -> None:
    import_cells(base, tmp_path, only(CELLS, "A1", "A2", "A3", "A4", "B1", "B2", "B3"))
    renamed = make_level(
        "cell", {"A1": CELLS.geoms[0]}, parents={"A1": "A"}, names={"A1": "renamed"}
    )
    assert counts(import_cells(base, tmp_path, renamed, merge=True)) == (0, 1, 0, 0)
    assert actions(base) == {"A1": "alter", "B4": "drop"}


def test_merging_the_old_state_of_a_code_takes_its_change_back(
    base: Connection, tmp_path: Path
) -> None:
    import_cells(base, tmp_path, only(CELLS, "A1"))
    import_cells(base, tmp_path, only(CELLS, "B1", "B2"), merge=True)
    assert set(actions(base)) == {"A2", "A3", "A4", "B3", "B4"}


def test_within_a_parent_only_its_children_are_concerned(
    base: Connection, tmp_path: Path
) -> None:
    halves = make_level("cell", {"A1": square(0, 0, 0.5), "A2": square(0.5, 0, 0.5)})
    done = import_cells(base, tmp_path, halves, parent=False, within="A")
    assert counts(done) == (0, 2, 2, 0)
    assert actions(base) == {"A1": "alter", "A2": "alter", "A3": "drop", "A4": "drop"}
    changes = read_changes(base, get_draft(base, "d").id)["cell"]
    assert changes.parent_codes.tolist() == ["A", "A", None, None]


def test_two_parents_stated_one_after_the_other_both_stay(
    base: Connection, tmp_path: Path
) -> None:
    import_cells(base, tmp_path, only(CELLS, "A1"), within="A")
    import_cells(base, tmp_path, only(CELLS, "B1"), within="B")
    assert set(actions(base)) == {"A2", "A3", "A4", "B2", "B3", "B4"}
    import_cells(base, tmp_path, CELLS, within="A")
    assert set(actions(base)) == {"B2", "B3", "B4"}


def test_within_passes_over_areas_of_other_parents_and_says_so(
    base: Connection, tmp_path: Path
) -> None:
    done = import_cells(base, tmp_path, CELLS, within="A")
    assert counts(done) == (0, 0, 0, 4)
    assert "4 area(s) with other parents than A were skipped" in done.notes


def test_within_says_which_areas_come_from_another_parent(
    base: Connection, tmp_path: Path
) -> None:
    taken = make_level("cell", {"B1": CELLS.geoms[4]})
    done = import_cells(base, tmp_path, taken, parent=False, within="A")
    assert "moved into A: B1 from B" in done.notes
    assert actions(base)["B1"] == "alter"


def test_within_needs_a_parent_that_exists_and_children_in_the_file(
    base: Connection, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match="street 'Z'"):
        import_cells(base, tmp_path, CELLS, within="Z")
    with pytest.raises(InputError, match="none of the 4 area"):
        import_cells(base, tmp_path, only(CELLS, "B1", "B2", "B3", "B4"), within="A")
    with pytest.raises(InputError, match="exclude each other"):
        import_cells(base, tmp_path, CELLS, within="A", merge=True)


def test_without_a_parent_field_the_largest_overlap_decides_and_is_told(
    base: Connection, tmp_path: Path
) -> None:
    across = make_level(
        "cell", {"A1": square(0, 0, 1.2), "B1": square(1.2, 0, 0.8), "far": square(5, 5)}
    )
    done = import_cells(base, tmp_path, across, parent=False)
    changes = read_changes(base, get_draft(base, "d").id)["cell"]
    parents = dict(zip(changes.codes, changes.parent_codes, strict=True))
    assert (parents["A1"], parents["B1"], parents["far"]) == ("A", "B", None)
    [told] = [note for note in done.notes if "--parent" in note]
    assert "2 of 3 area(s) given the street they overlap most" in told
    assert told.endswith("1 lie in two of them by more than 1 m²: A1")


def test_without_a_level_above_there_is_no_parent(conn: Connection, tmp_path: Path) -> None:
    drafts.create(conn, "d", actor="a")
    done = import_cells(conn, tmp_path, CELLS, parent=False)
    assert counts(done) == (8, 0, 0, 0)
    assert not any("overlap most" in note for note in done.notes)


def test_codes_given_twice_are_all_listed_with_their_features(
    base: Connection, tmp_path: Path
) -> None:
    codes = np.array(["A1", "A2", "A1", "A2", "A1"], dtype=object)
    twice = LevelAreas("cell", codes, codes, codes, CELLS.geoms[:5])
    with pytest.raises(LayerError) as caught:
        import_cells(base, tmp_path, twice)
    assert caught.value.problems == (
        "code A1 stands in 3 features: 1, 3, 5",
        "code A2 stands in 2 features: 2, 4",
    )
    assert "--on-duplicate dissolve" in str(caught.value)


def test_features_of_one_code_are_dissolved_when_asked_to(
    base: Connection, tmp_path: Path
) -> None:
    codes = np.array(["A1", "A1", "B1"], dtype=object)
    names = np.array(["one", "other", "b"], dtype=object)
    parts = LevelAreas(
        "cell", codes, names, np.array(["A", "A", "B"], dtype=object), CELLS.geoms[:3]
    )
    done = import_cells(base, tmp_path, parts, on_duplicate=OnDuplicate.DISSOLVE)
    assert "1 code(s) stand in several features, made one area each: A1 (2)" in done.notes
    assert (
        "code A1: its features differ in name; 'one' of the first is kept, not 'other'"
        in done.notes
    )
    changes = read_changes(base, get_draft(base, "d").id)["cell"]
    ground = changes.geoms[changes.codes == "A1"][0]
    assert len(ground.geoms) == 1
    assert ground.equals(shapely.union_all(CELLS.geoms[:2]))


def test_everything_unusable_in_a_layer_is_told_at_once(
    base: Connection, tmp_path: Path
) -> None:
    line = shapely.LineString([(120, 30), (121, 30)])
    crossing = shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])
    broken = LevelAreas(
        "cell",
        np.array([None, "A2", "A3", "A4", "A5", "A5", "9" * 300], dtype=object),
        np.array([None, None, "c", "d", "e", "f", None], dtype=object),
        np.array([None] * 7, dtype=object),
        np.array(
            [CELLS.geoms[0], CELLS.geoms[1], None, line, *CELLS.geoms[4:6], crossing],
            dtype=object,
        ),
    )
    fault = "Self-intersection at 120.50000000 30.50000000"
    with pytest.raises(LayerError) as caught:
        import_cells(base, tmp_path, broken)
    assert caught.value.problems == (
        "feature 1 has no code in field 'code'",
        "feature 1 has no name in field 'name'",
        "feature 2 (A2) has no name in field 'name'",
        "feature 3 (A3) has no geometry",
        "feature 4 (A4) is a LineString, not a polygon",
        f"feature 7 ({'9' * 300}) has no name in field 'name'",
        "feature 7, field 'code': a code of 300 characters; at most 64",
        f"the outline of feature 7 ({'9' * 300}) is not valid: {fault}",
        "code A5 stands in 2 features: 5, 6",
    )
    assert actions(base) == {}


def test_missing_geometry_alone_is_a_geometry_error(base: Connection, tmp_path: Path) -> None:
    empty = LevelAreas(
        "cell",
        CELLS.codes[:2],
        CELLS.names[:2],
        CELLS.parent_codes[:2],
        np.array([CELLS.geoms[0], None], dtype=object),
    )
    with pytest.raises(GeometryError, match="feature 2"):
        import_cells(base, tmp_path, empty)


def test_an_outline_that_crosses_itself_is_taken_and_told_by_the_check(
    base: Connection, tmp_path: Path
) -> None:
    west, south = shapely.bounds(square(0, 0))[:2]
    bow_tie = shapely.Polygon(
        [
            (west, south),
            (west + 0.005, south + 0.005),
            (west + 0.005, south),
            (west, south + 0.005),
        ]
    )
    broken = make_level("cell", {"A1": bow_tie}, parents={"A1": "A"})
    import_cells(base, tmp_path, broken, merge=True)
    [ring] = [
        one for one in checks.check(base, "d").errors if one.kind is ProblemKind.INVALID_RING
    ]
    assert ring.codes == ("A1",)
    assert ring.geom is not None
    assert ring.geom.distance(shapely.Point(west + 0.0025, south + 0.0025)) < 1e-9


def test_a_level_or_a_field_that_is_not_there_is_named(
    base: Connection, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match="level 'river'"):
        drafts.import_areas(base, "d", "river", area_file(tmp_path, CELLS), actor="a")
    with pytest.raises(LayerError, match=r"no field 'id'[\s\S]*code, name, parent"):
        import_cells(base, tmp_path, CELLS, code="id")
    with pytest.raises(NotFoundError, match="draft 'x'"):
        drafts.import_areas(base, "x", "cell", area_file(tmp_path, CELLS), actor="a")


def test_the_check_tells_gaps_left_by_dropped_areas(base: Connection, tmp_path: Path) -> None:
    assert checks.check(base, "d").errors == ()
    import_cells(base, tmp_path, only(CELLS, *CELLS.codes[1:]))
    checked = checks.check(base, "d")
    assert [(one.kind, one.codes) for one in checked.errors] == [
        (ProblemKind.MISSING_CELL, ("A",))
    ]
    assert checked.areas == {"street": 2, "cell": 7}
    assert checked.errors[0].amount == pytest.approx(267_000, rel=0.02)


def test_the_check_obeys_the_tolerance(base: Connection, tmp_path: Path) -> None:
    wide = make_level("cell", {"A2": square(0.5, 0, 0.501, 0.5)}, parents={"A2": "A"})
    import_cells(base, tmp_path, wide, merge=True)
    kinds = {one.kind for one in checks.check(base, "d").errors}
    assert kinds == {ProblemKind.OVERLAP, ProblemKind.OUTSIDE_PARENT}
    assert checks.check(base, "d", tolerance_m2=1000).errors == ()


def test_the_check_says_when_something_was_published_since(base: Connection) -> None:
    assert checks.check(base, "d").notes == ()
    make_edition(base, two_streets(), label="spring")
    [note] = checks.check(base, "d").notes
    assert "edition 2 (spring) was published since" in note


def test_an_import_is_audited_with_its_counts(base: Connection, tmp_path: Path) -> None:
    import_cells(base, tmp_path, only(CELLS, "A1", "A2"), merge=True)
    detail = base.execute(
        sa.text("SELECT detail FROM audit_log WHERE action = 'import_areas' AND subject = 'd'")
    ).scalar_one()
    assert (detail["file"], detail["merge"], detail["unchanged"]) == ("cell.geojson", True, 2)


def test_a_deleted_draft_is_gone_with_its_changes(base: Connection, tmp_path: Path) -> None:
    import_cells(base, tmp_path, only(CELLS, "A1"))
    assert drafts.delete(base, "d", actor="a") == 7
    assert base.execute(sa.text("SELECT count(*) FROM area_changes")).scalar_one() == 0
    with pytest.raises(NotFoundError):
        get_draft(base, "d")


def test_rings_are_stored_in_one_direction_whatever_the_file_has(
    conn: Connection, tmp_path: Path
) -> None:
    shell, hole = square(0, 0), square(0.25, 0.25, 0.5, 0.5)
    holed = shapely.Polygon(shell.exterior, [hole.exterior])
    stored = {}
    for name, outline in (("as drawn", holed), ("reversed", shapely.reverse(holed))):
        drafts.create(conn, name, actor="a")
        file = area_file(tmp_path, make_level("street", {"A": outline}), parent=False)
        drafts.import_areas(conn, name, "street", file, actor="a")
        changes = read_changes(conn, get_draft(conn, name).id)["street"]
        stored[name] = changes.geoms[0]
    for shape in stored.values():
        (part,) = shape.geoms
        assert part.exterior.is_ccw
        assert not part.interiors[0].is_ccw
    assert shapely.equals(*stored.values())


def test_a_name_with_characters_that_nobody_types_is_refused(
    base: Connection, tmp_path: Path
) -> None:
    names = {"A1": "a\x01b", "A2": "two\nlines", "A3": "no\ufffecharacter"}
    cells = make_level("cell", dict(zip(names, CELLS.geoms, strict=False)), names=names)
    with pytest.raises(LayerError) as refused:
        import_cells(base, tmp_path, cells, parent=False)
    assert list(refused.value.problems) == [
        "feature 1, field 'name': has a control character in it",
        "feature 3, field 'name': has a control character in it",
    ]
    assert "correct these codes and names" in refused.value.remedy
