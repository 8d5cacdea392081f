"""A published draft stores what imports of the same rows on the same day store."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.domain.responsibility.duty import DutyRole
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.responsibility.duties import import_duties, list_duties
from gridmgmt.services.responsibility.groups import import_groups
from gridmgmt.services.responsibility.road_segments import import_road_segments
from gridmgmt.services.responsibility.zones import import_zones
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.operation_files import read_operations
from gridmgmt.store.responsibility.groups import list_groups, list_members
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones
from tests.services.answering import PLAIN, layer, table
from tests.services.draft_records.test_duties_in_drafts import HEADER, bring
from tests.services.draft_records.test_rows_in_drafts import GROUPS, ROAD, city, geojson
from tests.streets import square

__all__ = ["city"]

# The day on which the edition takes effect, which is over: what has no days may change, too.
DAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, tzinfo=UTC)
STORED = "S1,dispose,area,cell,A1,*,,2026-01-01,,L1"

days = st.integers(0, 700).map(lambda n: (DAY + timedelta(days=n)).isoformat())
Cells = dict[str, str]


@st.composite
def duties(draw: st.DrawFn) -> Cells:
    first = draw(days)
    later = days.filter(lambda day: day >= first)
    found = {
        "responder_code": draw(st.sampled_from(["S1", "S2", "OA"])),
        "role": draw(st.sampled_from([str(one) for one in DutyRole])),
        **draw(
            st.sampled_from(
                [
                    {"target": "area", "level": "cell", "target_code": "A1"},
                    {"target": "area", "target_code": "B4"},
                    {"target": "area", "level": "street", "target_code": "A"},
                    {"target": "zone", "target_code": "Z1"},
                    {"target": "group", "target_code": "G1"},
                    {"target": "road_segment", "target_code": "R1"},
                ]
            )
        ),
        "categories": draw(st.sampled_from(["*", "E1", "E2;E1", "E1; E2"])),
        "hours": draw(st.sampled_from(["", "24/7", "22:00-06:00", "Mo-Fr 08:00-18:00"])),
        "valid_from": first,
        "valid_to": draw(st.sampled_from(["", "9999-12-31"]) | later),
        "letter_no": draw(st.sampled_from(["", "责字1号", "L-2"])),
    }
    return {name: value for name, value in found.items() if value}


# What is stored already may be prolonged or ended from the day before on.
ended = days.map(
    lambda day: {
        "responder_code": "S1",
        "role": "dispose",
        "target": "area",
        "target_code": "A1",
        "categories": "*",
        "valid_from": "2026-01-01",
        "valid_to": day,
        "letter_no": "L1",
    }
)


def distinct(some: Iterable[Cells]) -> list[Cells]:
    """Rows of which no two say different things about one duty."""
    found: dict[str, Cells] = {}
    for one in some:
        said = {
            **one,
            "valid_to": "",
            "categories": "*"
            if one["categories"] == "*"
            else sorted(one["categories"].replace(" ", "").split(";")),
            "hours": one.get("hours", "").replace("24/7", ""),
        }
        found.setdefault(json.dumps(said, sort_keys=True), one)
    return list(found.values())


def held(conn: Connection) -> list[Any]:
    zones, outlines = list_zones(conn)
    roads, lines = list_road_segments(conn)
    return [
        sorted(({**vars(one), "id": 0} for one in list_duties(conn)), key=str),
        list_groups(conn),
        list_members(conn),
        zones,
        [one.wkb for one in outlines],
        roads,
        [one.wkb for one in lines],
    ]


def publish_rows(conn: Connection, some: Iterable[dict[str, object]]) -> None:
    # As a file has them, and as the log keeps them.
    editing.edit(conn, "d", read_operations(some), border_m=0.05, actor="li")
    publish(conn, "d", AT, actor="li")


@given(some=st.lists(duties() | ended, min_size=1, max_size=8).map(distinct))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_duties(city: Connection, tmp_path: Path, some: list[Cells]) -> None:
    names = HEADER.strip().split(",")
    lines = [",".join(one.get(name, "") for name in names) for one in some]
    with rehearsal(city):
        bring(city, tmp_path, STORED)
        before = held(city)
        with rehearsal(city):
            import_duties(city, table(tmp_path, HEADER + "\n".join(lines)), PLAIN, actor="wang")
            imported = held(city)
        assert held(city) == before
        publish_rows(city, [{"op": "set_duty", **one} for one in some])
        assert held(city) == imported


boxes = st.tuples(
    st.integers(0, 15), st.integers(0, 15), st.integers(1, 9), st.integers(1, 9)
).map(lambda n: square(n[0] / 10, n[1] / 10, n[2] / 10, n[3] / 10))


@st.composite
def zones(draw: st.DrawFn) -> tuple[Cells, Any]:
    code, first = draw(st.sampled_from(["Z1", "Z2", "Z3"])), draw(days)
    found = {
        "code": code,
        "kind": draw(st.sampled_from(["vendor", "river"])),
        "name": draw(st.sampled_from(["河道", "早市"])),
        "valid_from": first,
        "valid_to": draw(days.filter(lambda day: day >= first) | st.just("9999-12-31")),
        "categories": draw(st.sampled_from(["*", "E1", "E1;E2"])),
    }
    return found, draw(boxes)


@given(some=st.lists(zones(), min_size=1, max_size=3, unique_by=lambda one: one[0]["code"]))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_zones_and_roads(
    city: Connection, tmp_path: Path, some: list[tuple[Cells, Any]]
) -> None:
    cells, shapes = [one for one, _ in some], [shape for _, shape in some]
    roads = [{"code": f"R{nth}", "name": "路", "tolerance_m": nth + 0.5} for nth in (1, 2)]
    with rehearsal(city):
        with rehearsal(city):
            import_zones(city, layer(tmp_path, [*cells], shapes), PLAIN, actor="wang")
            (tmp_path / "layer.gpkg").unlink()
            file = layer(tmp_path, [*roads], [ROAD, ROAD])
            import_road_segments(city, file, PLAIN, actor="wang")
            (tmp_path / "layer.gpkg").unlink()
            imported = held(city)
        publish_rows(
            city,
            [
                *(
                    {"op": "set_zone", **one, "geometry": listed(geojson(shape))}
                    for one, shape in some
                ),
                *(
                    {"op": "set_road_segment", **one, "geometry": listed(geojson(ROAD))}
                    for one in roads
                ),
            ],
        )
        assert held(city) == imported


def listed(value: Any) -> Any:
    return json.loads(json.dumps(value))


@given(
    some=st.dictionaries(
        st.sampled_from(["A2", "A3", "B1", "B2"]),
        st.tuples(st.sampled_from([("G1", "beat", "一组"), ("G2", "beat", "二组")]), days),
        min_size=1,
    )
)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_groups(city: Connection, tmp_path: Path, some: dict[str, Any]) -> None:
    lines = [
        f"{code},{kind},{name},cell,{area},{day},"
        for area, ((code, kind, name), day) in some.items()
    ]
    with rehearsal(city):
        with rehearsal(city):
            file = table(tmp_path, GROUPS + "\n".join(lines))
            import_groups(city, file, PLAIN, actor="wang")
            imported = held(city)
        publish_rows(
            city,
            [
                {
                    "op": "set_group_member",
                    "group_code": code,
                    "kind": kind,
                    "name": name,
                    "area_code": area,
                    "valid_from": day,
                }
                for area, ((code, kind, name), day) in some.items()
            ],
        )
        assert held(city) == imported
