from datetime import date

import pytest
import shapely

from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.domain.judging.explanation import explain as in_words
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.errors import LayerError
from gridmgmt.services.cases.stories import explain
from gridmgmt.services.responsibility.duties import import_duties
from gridmgmt.services.responsibility.zones import import_zones
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.zones import list_zones
from tests.factories import square
from tests.services.answering import PLAIN, layer, make_city, table
from tests.services.case_city import (
    A2,
    SHANGHAI,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)


def run(conn, path):
    return import_zones(conn, path, PLAIN, actor="tester")


def test_zones_are_stored_with_their_days_and_shapes(conn, tmp_path):
    rows = [
        {"code": "Z1", "kind": "vendor", "name": "夜市", "valid_to": "2026-12-31", "x": 1},
        {"code": "Z2", "kind": "river", "name": "河段", "valid_to": None, "x": 2},
    ]
    path = layer(tmp_path, rows, [square(0, 0), square(1, 0)])
    summary = run(conn, path)
    assert (summary.added, summary.unmapped) == (2, ("x",))
    zones, shapes = list_zones(conn)
    assert zones == [
        Zone("Z1", ZoneKind.VENDOR, "夜市", None, date(2026, 12, 31)),
        Zone("Z2", ZoneKind.RIVER, "河段"),
    ]
    assert [shape.geom_type for shape in shapes] == ["MultiPolygon"] * 2
    assert shapes[0].equals(square(0, 0))
    assert run(conn, path).unchanged == 2


def test_a_moved_border_is_a_change(conn, tmp_path):
    rows = [{"code": "Z1", "kind": "vendor", "name": "夜市"}]
    run(conn, layer(tmp_path, rows, [square(0, 0)]))
    assert run(conn, layer(tmp_path, rows, [square(0, 0, 2)])).changed == 1
    assert list_zones(conn)[1][0].equals(square(0, 0, 2))


def test_everything_wrong_is_reported_at_once_and_nothing_is_loaded(conn, tmp_path):
    bow_tie = shapely.Polygon([(120, 30), (120.1, 30.1), (120.1, 30), (120, 30.1)])
    rows = [
        {"code": "Z1", "kind": "vendor", "name": "夜市"},
        {"code": "Z2", "kind": "park", "name": "园"},
        {"code": "Z3", "kind": "vendor", "name": "市"},
        {"code": "Z4", "kind": "vendor", "name": "市"},
        {"code": "Z5", "kind": "vendor", "name": "市"},
    ]
    geoms = [
        square(0, 0),
        square(1, 0),
        bow_tie,
        None,
        shapely.LineString([(120, 30), (121, 30)]),
    ]
    with pytest.raises(LayerError) as caught:
        run(conn, layer(tmp_path, rows, geoms))
    words = caught.value.problems
    assert [word.split(":")[0] for word in words] == [f"feature {n}" for n in (2, 3, 4, 5)]
    assert "'park' is unknown" in words[0]
    assert "Self-intersection" in words[1]
    assert "no geometry" in words[2]
    assert "is a LineString" in words[3]
    assert list_zones(conn)[0] == []


def test_a_zone_names_what_its_exception_is_about(conn, tmp_path):
    put_categories(conn, [Category("0601", "流动摊点"), Category("9", "9", mapped=False)])
    rows = [
        {"code": "Z1", "kind": "vendor", "name": "夜市", "categories": "0601"},
        {"code": "Z2", "kind": "vendor", "name": "早市", "categories": "*"},
        {"code": "Z3", "kind": "vendor", "name": "晚市", "categories": None},
    ]
    geoms = [square(n, 0) for n in range(3)]
    run(conn, layer(tmp_path, rows, geoms))
    named = {zone.code: zone.categories for zone in list_zones(conn)[0]}
    assert named == {"Z1": frozenset({"0601"}), "Z2": None, "Z3": None}

    # A file that says nothing of it leaves it as it is.
    rows = [{"code": f"Z{n}", "kind": "vendor", "name": "改名"} for n in (1, 2, 3)]
    summary = run(conn, layer(tmp_path, rows, geoms))
    assert summary.changed == 3
    assert list_zones(conn)[0][0].categories == frozenset({"0601"})

    rows = [{**rows[0], "categories": "0602;9"}, {**rows[1], "categories": ";"}]
    with pytest.raises(LayerError) as caught:
        run(conn, layer(tmp_path, rows, geoms[:2]))
    unknown, unmapped, empty = caught.value.problems
    assert "there is no category '0602'" in unknown
    assert "'9' is known only from cases" in unmapped
    assert "neither a list of codes" in empty


@pytest.mark.parametrize("kind", ZoneKind)
def test_who_runs_a_zone_of_any_kind_answers_for_what_lies_in_it(conn, tmp_path, kind):
    make_city(conn)
    give_duties(conn)
    rows = [{"code": "Z1", "kind": kind.value, "name": "由他人管理"}]
    run(conn, layer(tmp_path, rows, [square(0, 0, 0.4, 0.4)]))
    duties = """
        responder_code,role,target,target_code,categories
        S2,dispose,zone,Z1,*
    """
    import_duties(conn, table(tmp_path, duties), PLAIN, actor="tester")
    take_in(conn, case_file(tmp_path, [row("C1"), row("C2", A2)], "zone_cases.csv"))
    inside, outside = stored(conn, "C1"), stored(conn, "C2")
    assert (inside.responder_code, outside.responder_code) == ("S2", "OA")
    is_vendor = kind is ZoneKind.VENDOR
    assert inside.marks == ((CaseMark.VENDOR_ZONE,) if is_vendor else ())
    assert outside.marks == ()
    explained = explain(
        conn, "C1", rules=JudgingRules(SHANGHAI), personal=False, actor="tester"
    )
    assert explained.replay.is_same
    said = " ".join(in_words("C1", explained.trace, explained.names, "zh"))
    assert "位于特殊区域 由他人管理 (Z1) 之内" in said
    assert ("允许设摊" in said) == is_vendor
