"""Any edits of rows and areas are undone and redone to the byte, one after the other."""

import random
from typing import Any

import pytest
from shapely.geometry import mapping
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft_record import DraftRecord
from gridmgmt.errors import DraftError
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas import draft_records
from gridmgmt.store.areas.draft_reviews import changes_digest
from gridmgmt.store.areas.drafts import get_draft
from tests.services.draft_records.test_rows_in_drafts import ROAD, city
from tests.streets import square

__all__ = ["city"]


def any_operation(chance: random.Random) -> editing.AnyOperation:
    day = f"2099-{chance.randint(1, 12):02}-01"
    cell = chance.choice(["A1", "A2", "B3"])
    drawn = square(chance.randint(0, 9) / 10, 0.2, 0.5, 0.3)
    return chance.choice(
        [
            rows.SetDuty(
                chance.choice(["S1", "S2"]),
                "dispose",
                *chance.choice([("area", cell), ("zone", "Z1"), ("zone", "Z2")]),
                chance.choice(["*", "E1"]),
                valid_to=chance.choice([None, day]),
            ),
            rows.SetZone(chance.choice(["Z1", "Z2"]), "市", "vendor", geometry=mapping(drawn)),
            rows.EndZone(chance.choice(["Z1", "Z2"]), chance.choice([None, day])),
            rows.SetGroupMember(chance.choice(["G1", "G2"]), cell, "cell", "beat", "一组"),
            rows.EndGroupMember("G1", "A1", valid_to=chance.choice([None, day])),
            rows.SetRoadSegment("R1", tolerance_m=float(chance.randint(1, 9))),
            rows.SetRoadSegment("R2", "路", geometry=mapping(ROAD)),
            rows.TakeBackRecord(chance.randint(1, 12)),
            rows.KeepRecord(chance.randint(1, 12)),
            ops.Rename("cell", cell, chance.choice("东西南北")),
        ]
    )


def state(conn: Connection) -> tuple[Any, str]:
    draft = get_draft(conn, "d")
    return draft_records.read_records(conn, draft.id), changes_digest(conn, draft.id)


@pytest.mark.parametrize("seed", range(6))
def test_every_edit_is_undone_and_redone(city: Connection, seed: int) -> None:
    chance = random.Random(seed)
    states = [state(city)]
    while len(states) < 12:
        one = any_operation(chance)
        try:
            with rehearsal(city):
                editing.edit(city, "d", [one], border_m=0.05, actor="li")
        except DraftError:
            continue
        editing.edit(city, "d", [one], border_m=0.05, actor="li")
        states.append(state(city))
    assert len({digest for _, digest in states}) > 6
    for expected in reversed(states[:-1]):
        editing.undo(city, "d", actor="wang")
        assert state(city) == expected
    for expected in states[1:]:
        editing.redo(city, "d", actor="wang")
        assert state(city) == expected


def test_a_row_that_is_not_as_the_edit_left_it_is_not_undone(city: Connection) -> None:
    editing.edit(city, "d", [rows.EndZone("Z1")], border_m=0.05, actor="li")
    draft = get_draft(city, "d")
    ((key, record),) = draft_records.read_records(city, draft.id).items()
    other = {**record.after, "name": "x"}
    changed = DraftRecord(
        record.kind, record.key, record.name, record.edit, record.before, other
    )
    draft_records.put_records(city, draft.id, [key], [changed])
    with pytest.raises(DraftError, match="zone Z1 is not as it left it"):
        editing.undo(city, "d", actor="li")
