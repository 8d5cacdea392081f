"""Duties in a draft: stated by operations, published with it, refused with every reason."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft_record import ON_PUBLICATION, RecordKind
from gridmgmt.domain.areas.review import Approval
from gridmgmt.domain.responsibility.duty import Duty
from gridmgmt.errors import DraftConflictError, DraftError, NotFoundError
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.draft_records.record_errors import DraftRecordsError
from gridmgmt.services.drafts import drafts, reviews
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.responsibility.duties import import_duties, list_duties
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.edit_conflicts import EditConflictError
from gridmgmt.store.areas.draft_records import read_records
from gridmgmt.store.areas.draft_reviews import changes_digest
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.schema import audit_log
from tests.services.answering import PLAIN, make_city, table
from tests.services.reroute_city import RULES

HEADER = "responder_code,role,target,level,target_code,categories,hours,valid_from,valid_to"
HEADER += ",letter_no\n"
MARCH = datetime(2027, 3, 1, tzinfo=UTC)
# Duty 1 of the city.
A1 = "S1,dispose,area,cell,A1,*,,2026-01-01,,L1"


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    make_city(conn)
    bring(conn, tmp_path, A1)
    drafts.create(conn, "d", actor="li")
    return conn


def bring(conn: Connection, folder: Path, *lines: str, actor: str = "wang") -> None:
    import_duties(conn, table(folder, HEADER + "\n".join(lines)), PLAIN, actor=actor)


def edit(conn: Connection, *some: editing.AnyOperation, seen: int | None = None) -> None:
    editing.edit(conn, "d", some, border_m=0.05, actor="li", seen=seen)


def number(conn: Connection, place: str = "A1") -> int:
    return next(one.id for one in list_duties(conn) if one.target_code == place)


def duty(code: str = "A2", **more: str) -> rows.SetDuty:
    return rows.SetDuty("S2", "dispose", "area", code, "E1", **more)


def without_ids(duties: Iterable[Duty]) -> list[dict[str, object]]:
    return [{**vars(one), "id": 0} for one in duties]


def stated(conn: Connection) -> dict[str, object]:
    return {str(key): one for key, one in read_records(conn, get_draft(conn, "d").id).items()}


def faults(conn: Connection, *some: editing.AnyOperation) -> list[str]:
    with pytest.raises(DraftRecordsError) as caught:
        edit(conn, *some)
    return [str(one) for one in caught.value.listed]


def test_a_duty_is_stored_with_the_edition_from_its_day_on(city: Connection) -> None:
    edit(city, duty(hours="22:00-06:00", letter_no="责字2号"))
    assert len(list_duties(city)) == 1
    done = publish(city, "d", MARCH, actor="li")
    new = list_duties(city)[1]
    assert (new.target_code, new.level, new.responder_code) == ("A2", "cell", "S2")
    assert (new.valid_from, new.valid_to) == (date(2027, 3, 1), None)
    assert (new.categories, new.hours, new.letter_no) == (
        frozenset({"E1"}),
        "22:00-06:00",
        "责字2号",
    )
    assert [(one.kind, one.before) for one in done.rows] == [(RecordKind.DUTY, None)]


def test_the_day_is_that_of_the_bureau(city: Connection) -> None:
    edit(city, duty(), rows.EndDuty(number(city)))
    # The last hours of 28 February in Greenwich, where times are stored.
    midnight = datetime(2027, 2, 28, 16, tzinfo=UTC)
    publish(city, "d", midnight, actor="li", rules=RULES)
    ended, begun = list_duties(city)
    assert (ended.valid_to, begun.valid_from) == (date(2027, 2, 28), date(2027, 3, 1))


def test_a_duty_may_begin_later_than_the_edition_and_not_earlier(city: Connection) -> None:
    edit(city, duty(valid_from="2027-05-01", valid_to="2027-12-31"))
    edit(city, duty("A3", valid_from="2027-02-28"))
    with pytest.raises(DraftRecordsError, match="begins before the edition takes effect"):
        publish(city, "d", MARCH, actor="li")
    edit(city, rows.TakeBackRecord(2))
    publish(city, "d", MARCH, actor="li")
    assert [(one.valid_from, one.valid_to) for one in list_duties(city)[1:]] == [
        (date(2027, 5, 1), date(2027, 12, 31))
    ]


def test_a_duty_ends_the_day_before_the_edition(city: Connection) -> None:
    one = number(city)
    edit(city, rows.EndDuty(one))
    publish(city, "d", MARCH, actor="li")
    (ended,) = list_duties(city)
    assert (ended.id, ended.valid_to) == (one, date(2027, 2, 28))


def test_a_duty_ends_on_a_later_day_that_is_stated(city: Connection) -> None:
    edit(city, rows.EndDuty(number(city), "2027-06-30"))
    publish(city, "d", MARCH, actor="li")
    assert [one.valid_to for one in list_duties(city)] == [date(2027, 6, 30)]


def test_days_before_the_edition_stay_as_they_were(city: Connection, tmp_path: Path) -> None:
    edit(city, rows.EndDuty(number(city), "2027-01-31"))
    with pytest.raises(DraftRecordsError, match="from 2027-02-28 on"):
        publish(city, "d", MARCH, actor="li")
    editing.undo(city, "d", actor="li")
    # One that has ended cannot be prolonged over days that are gone.
    bring(city, tmp_path, "S1,dispose,area,cell,A4,*,,2026-01-01,2026-12-31,L4")
    edit(
        city,
        rows.SetDuty(
            "S1",
            "dispose",
            "area",
            "A4",
            "*",
            valid_from="2026-01-01",
            valid_to="2027-12-31",
            letter_no="L4",
        ),
    )
    with pytest.raises(DraftRecordsError, match="days before the edition"):
        publish(city, "d", MARCH, actor="li")


def test_the_same_duty_for_ever_is_the_stored_one(city: Connection) -> None:
    same = rows.SetDuty("S1", "dispose", "area", "A1", "*", letter_no="L1")
    (told,) = faults(city, same)
    assert told.startswith("operation 1 (set_duty): duty S1 dispose area cell A1 * 2026-01-01")
    assert told.endswith("nothing would change: it is like that already")
    edit(
        city,
        rows.SetDuty("S1", "dispose", "area", "A1", "*", letter_no="L1", valid_to="2027-12-31"),
    )
    publish(city, "d", MARCH, actor="li")
    assert [one.valid_to for one in list_duties(city)] == [date(2027, 12, 31)]


def test_a_duty_names_an_area_that_only_the_draft_makes(city: Connection) -> None:
    edit(city, ops.Recode("cell", "A2", "A9"), duty("A9"))
    publish(city, "d", MARCH, actor="li")
    assert list_duties(city)[1].target_code == "A9"


def test_a_duty_on_an_area_that_the_draft_loses_again_is_refused(city: Connection) -> None:
    edit(city, ops.Recode("cell", "A2", "A9"), duty("A9"), ops.Recode("cell", "A9", "A8"))
    with pytest.raises(
        DraftRecordsError, match=r"edit 2, duty S2 .* no edition has an area 'A9'"
    ):
        publish(city, "d", MARCH, actor="li")
    assert len(list_duties(city)) == 1


def test_a_duty_on_a_retired_area_is_told(city: Connection) -> None:
    edit(city, ops.Recode("cell", "A2", "A9"), duty("A2", level="cell"))
    done = publish(city, "d", MARCH, actor="li")
    assert [one for one in done.notes if "is in an older edition only" in one]


def test_everything_that_is_wrong_is_told_at_once(city: Connection) -> None:
    found = faults(
        city,
        rows.SetDuty("S9", "rule", "area", "Z9", "E7", valid_to="2027-02-30"),
        rows.EndDuty(4711),
        ops.Rename("cell", "A1", "和平"),
        duty("A7", valid_from="2027-05-02", valid_to="2027-05-01"),
        rows.TakeBackRecord(9),
    )
    assert [one.split(":")[0] for one in found] == [
        *["operation 1 (set_duty)"] * 5,
        "operation 2 (end_duty)",
        *["operation 4 (set_duty)"] * 2,
        "operation 5 (take_back_record)",
    ]


def test_undo_and_redo_put_rows_back_to_the_byte(city: Connection) -> None:
    edit(city, duty())
    first = stated(city)
    edit(city, duty(valid_to="2027-12-31"))
    second = stated(city)
    assert first != second
    assert len(second) == 1
    edit(city, rows.TakeBackRecord(2))
    assert stated(city) == {}
    digests = []
    for expected in (second, first, {}):
        editing.undo(city, "d", actor="wang")
        assert stated(city) == expected
        digests.append(changes_digest(city, get_draft(city, "d").id))
    for expected in (first, second, {}):
        editing.redo(city, "d", actor="wang")
        assert stated(city) == expected
    assert len(set(digests)) == 3


def test_what_was_restated_to_what_is_stored_is_stated_no_more(city: Connection) -> None:
    edit(city, rows.EndDuty(number(city)))
    edit(
        city,
        rows.SetDuty(
            "S1",
            "dispose",
            "area",
            "A1",
            "*",
            letter_no="L1",
            valid_from="2026-01-01",
            valid_to="9999-12-31",
        ),
    )
    assert stated(city) == {}
    with pytest.raises(DraftError, match="changes nothing"):
        publish(city, "d", MARCH, actor="li")


def test_an_import_meanwhile_is_a_conflict_by_name(city: Connection, tmp_path: Path) -> None:
    edit(city, rows.EndDuty(number(city)))
    bring(city, tmp_path, A1.replace(",,L1", ",2027-12-31,L1"), actor="zhao")
    with pytest.raises(DraftConflictError) as caught:
        publish(city, "d", MARCH, actor="li")
    (told,) = caught.value.conflicts
    assert told.startswith(
        "duty S1 dispose area cell A1 * 2026-01-01 L1: changed by zhao (import) on "
    )
    assert (
        "since edit 1 of the draft: the last day was –, is '2027-12-31' now, the draft states"
        " '2027-02-28'" in told
    )
    assert '{"op": "keep_record", "edit": …}' in str(caught.value)
    # The officer cannot overwrite it unseen either.
    assert (
        "changed outside the draft since edit 1"
        in faults(city, rows.EndDuty(number(city), "2027-06-30"))[0]
    )
    edit(city, rows.KeepRecord(1))
    publish(city, "d", MARCH, actor="li")
    assert [one.valid_to for one in list_duties(city)] == [date(2027, 2, 28)]


def test_what_is_kept_is_of_the_edit_that_kept_it(city: Connection, tmp_path: Path) -> None:
    edit(city, rows.EndDuty(number(city)))
    bring(city, tmp_path, A1.replace("2026-01-01,", "2026-01-01,2027-12-31"), actor="zhao")
    edit(city, rows.KeepRecord(1))
    assert faults(city, rows.TakeBackRecord(1))[0].startswith(
        "operation 1 (take_back_record): no row is stated by edit 1"
    )
    edit(city, rows.TakeBackRecord(2))
    assert stated(city) == {}


def test_a_last_day_that_is_not_given_stays(city: Connection, tmp_path: Path) -> None:
    bring(city, tmp_path, "S2,dispose,area,cell,A2,E1,,2026-01-01,2027-12-31,")
    [told] = faults(city, duty(valid_from="2026-01-01"))
    assert "nothing would change" in told


def test_the_same_duty_imported_meanwhile_is_no_conflict(
    city: Connection, tmp_path: Path
) -> None:
    edit(city, duty())
    bring(city, tmp_path, "S2,dispose,area,cell,A2,E1,,2027-03-01,,")
    done = publish(city, "d", MARCH, actor="li")
    assert done.rows == ()
    assert len(list_duties(city)) == 2


def test_a_new_duty_that_was_imported_otherwise_is_a_conflict(
    city: Connection, tmp_path: Path
) -> None:
    edit(city, duty())
    bring(city, tmp_path, "S2,dispose,area,cell,A2,E1,,2027-03-01,2027-09-30,")
    with pytest.raises(DraftConflictError, match="it was not there before") as caught:
        publish(city, "d", MARCH, actor="li")
    assert "changed by wang (import)" in str(caught.value)


def test_another_draft_that_was_published_is_a_conflict(city: Connection) -> None:
    one = number(city)
    edit(city, rows.EndDuty(one))
    drafts.create(city, "e", actor="sun")
    editing.edit(city, "e", [rows.EndDuty(one, "2027-12-31")], border_m=0.05, actor="sun")
    publish(city, "e", datetime(2027, 2, 1, tzinfo=UTC), actor="sun")
    with pytest.raises(DraftConflictError, match="publication of another draft"):
        publish(city, "d", MARCH, actor="li")


def test_a_duty_of_some_categories_is_found_in_the_log(city: Connection) -> None:
    some = rows.SetDuty("S2", "dispose", "area", "A2", "E2;E1", valid_from="2027-04-01")
    edit(city, some)
    drafts.create(city, "e", actor="sun")
    longer = replace(some, valid_to="2027-12-31")
    editing.edit(city, "e", [longer], border_m=0.05, actor="sun")
    publish(city, "e", datetime(2027, 2, 1, tzinfo=UTC), actor="sun")
    with pytest.raises(DraftConflictError, match="changed by sun"):
        publish(city, "d", MARCH, actor="li")


def test_an_edit_that_saw_an_older_row_is_refused(city: Connection) -> None:
    edit(city, duty())
    with pytest.raises(EditConflictError, match="was changed there meanwhile: edit 1"):
        edit(city, duty(valid_to="2027-12-31"), seen=0)
    edit(city, duty("A3"), seen=0)


def test_an_edit_that_saw_a_row_before_it_was_undone_is_refused(city: Connection) -> None:
    edit(city, duty())
    editing.undo(city, "d", actor="wang")
    with pytest.raises(EditConflictError, match="edit 2, undo by wang"):
        edit(city, duty(), seen=1)
    edit(city, duty(), seen=2)


def test_what_was_approved_is_what_is_published(city: Connection) -> None:
    edit(city, duty())
    before = changes_digest(city, get_draft(city, "d").id)
    edit(city, duty("A3"))
    assert changes_digest(city, get_draft(city, "d").id) != before
    reviews.submit(city, "d", actor="li")
    with pytest.raises(DraftError, match="cannot be changed"):
        edit(city, duty("A4"))
    reviews.approve(city, "d", actor="zhou")
    done = publish(city, "d", MARCH, actor="li", approval=Approval.NEEDED)
    assert len(done.rows) == 2


def test_the_audit_log_names_the_duties(city: Connection) -> None:
    edit(city, duty(), rows.EndDuty(number(city)))
    publish(city, "d", MARCH, actor="li")
    query = select(audit_log.c.detail).where(audit_log.c.action == "publish_edition")
    detail = city.execute(query.order_by(audit_log.c.id.desc())).scalars().first()
    assert detail is not None
    (added,), (changed,) = detail["added"], detail["changed"]
    assert (added["record"]["target_code"], added["record"]["categories"]) == ("A2", ["E1"])
    assert changed["record"]["categories"] is None
    assert (changed["before"], changed["after"]) == (
        {"valid_to": None},
        {"valid_to": "2027-02-28"},
    )


def test_a_deleted_draft_leaves_no_row(city: Connection) -> None:
    edit(city, duty())
    drafts.delete(city, "d", actor="li")
    with pytest.raises(NotFoundError):
        get_draft(city, "d")
    assert len(list_duties(city)) == 1


def test_a_draft_keeps_the_day_of_publication_open(city: Connection) -> None:
    edit(city, duty())
    (record,) = read_records(city, get_draft(city, "d").id).values()
    assert record.after["valid_from"] == ON_PUBLICATION
