"""Open cases follow the edition in force: who loses and gains, and what stays as it was."""

import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.domain.judging.explanation import explain as explain_in_words
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.reroute import Fate
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import CaseChangedError, EditionError, NotFoundError
from gridmgmt.services.cases.actions import Acting, assign
from gridmgmt.services.cases.stories import explain
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.judging.reroutes import reroute
from gridmgmt.store.cases.cases import get_case, get_trace, list_events
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.schema import audit_log, cases
from tests.services.case_city import A2, NOW, SHANGHAI, case_file, row, stored, take_in
from tests.services.drafts.test_publishing_at_once import start, wait_until, waiting
from tests.services.reroute_city import asked, fill, publish_second
from tests.waiting import wait_until_blocked


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    """Cases of the first edition, and the second one in force."""
    fill(conn, tmp_path)
    publish_second(conn)
    return conn


def owners(conn: Connection) -> dict[str, str | None]:
    query = sa.select(cases.c.case_no, cases.c.responder_code)
    return {row.case_no: row.responder_code for row in conn.execute(query)}


BEFORE = {
    "KEPT": "S1",
    "MOVED": "OA",
    "UNOWNED": "S2",
    "OWNED": None,
    "ASSIGNED": "S1",
    "BOUNCED": None,
    "PLACED": "OA",
    "DONE": "OA",
    "EARLY": None,
    "LATE": "OA",
    "LATE_ASSIGNED": "S1",
    "NOWHERE": None,
}
AFTER = {
    **BEFORE,
    "MOVED": "S2",
    "UNOWNED": None,
    "OWNED": "OA",
    "PLACED": "S2",
    "EARLY": "S1",
    "LATE": "S2",
}


def test_open_cases_go_to_who_answers_under_the_edition_in_force(city: Connection) -> None:
    assert owners(city) == BEFORE
    done = reroute(city, asked())
    assert owners(city) == AFTER
    assert done.fates == {
        Fate.UNCHANGED: 2,
        Fate.MOVED: 3,
        Fate.UNOWNED: 1,
        Fate.OWNED: 2,
        Fate.ASSIGNED: 2,
        Fate.BOUNCED: 1,
    }
    assert done.open_cases == 11
    assert done.judged_again == 2
    assert done.moves == {
        ("OA", "S2"): 3,
        ("S2", None): 1,
        (None, "OA"): 1,
        (None, "S1"): 1,
    }
    assert done.numbers["OA", "S2"] == ["LATE", "MOVED", "PLACED"]
    now = stored(city, "UNOWNED")
    assert (now.unrouted_reason, now.status) == ("no_owner", CaseStatus.TRIAGE)


def test_a_second_time_changes_nothing(city: Connection) -> None:
    reroute(city, asked())
    seqs = dict(city.execute(sa.select(cases.c.case_no, cases.c.last_seq)).all())
    again = reroute(city, asked())
    assert (again.changed, again.judged_again) == (0, 0)
    assert dict(city.execute(sa.select(cases.c.case_no, cases.c.last_seq)).all()) == seqs
    told = city.execute(sa.select(audit_log).where(audit_log.c.action == "reroute_cases"))
    (entry,) = told.all()
    assert (entry.actor, entry.subject) == ("li", "edition 2")
    assert entry.detail["fates"]["moved"] == 3


def test_each_case_that_changes_has_one_event_and_keeps_its_edition_and_area(
    city: Connection,
) -> None:
    reroute(city, asked())
    event = list_events(city, "MOVED")[-1]
    assert (event.kind, event.seq, event.actor) == ("rerouted", 2, "li")
    assert event.happened_at == NOW
    assert event.detail["by_edition"] == 2
    assert (event.detail["from"]["responder"], event.detail["to"]["responder"]) == ("OA", "S2")
    now = stored(city, "MOVED")
    assert (now.location.edition, now.location.area_code, now.last_seq) == (1, "A2", 2)
    trace = get_trace(city, "MOVED")
    assert (trace["edition"], trace["decision"]["responder"]) == (1, "OA")
    again = trace["rerouted"]
    assert (again["edition"], again["area"], again["by"]) == (2, "A2", "li")
    assert again["decision"]["responder"] == "S2"
    assert again["place"]["areas"] == [["cell", "A2"], ["street", "B"]]
    assert (again["seq"], again["valid_on"]) == (2, "2026-06-01")
    assert len(list_events(city, "KEPT")) == 1
    assert "rerouted" not in get_trace(city, "KEPT")


def test_a_case_of_its_time_is_judged_again_in_full(city: Connection) -> None:
    before = get_trace(city, "LATE")
    reroute(city, asked())
    now = stored(city, "LATE")
    assert (now.location.edition, now.location.area_code, now.responder_code) == (2, "A2", "S2")
    assert get_trace(city, "LATE")["edition"] == 2
    assert "rerouted" not in get_trace(city, "LATE")
    event = list_events(city, "LATE")[-1]
    assert (event.detail["from"]["edition"], event.detail["to"]["edition"]) == (1, 2)
    assert event.detail["trace_before"] == before, "nothing is lost"
    # Who was chosen by a person has it on; where it lies follows the edition of its day.
    chosen = stored(city, "LATE_ASSIGNED")
    assert (chosen.location.edition, chosen.responder_code) == (2, "S1")
    assert "assigned" in get_trace(city, "LATE_ASSIGNED")


def test_a_case_older_than_every_edition_is_given_to_somebody_without_an_area(
    city: Connection,
) -> None:
    reroute(city, asked())
    now = stored(city, "EARLY")
    assert (now.responder_code, now.location.area_code) == ("S1", None)
    assert now.location.unlocated_reason == "before_first_edition"
    assert get_trace(city, "EARLY")["rerouted"]["area"] == "A1"


def test_what_people_wrote_and_given_facts_stay(city: Connection) -> None:
    before = stored(city, "MOVED")
    reroute(city, asked())
    now = stored(city, "MOVED")
    assert now.given == before.given
    assert now.location == before.location


def in_words(conn: Connection, no: str) -> str:
    told = explain(conn, no, rules=JudgingRules(SHANGHAI), personal=False, actor="t")
    english = explain_in_words(no, told.trace, told.names, "en")
    return "\n".join(english + explain_in_words(no, told.trace, told.names, "zh"))


def test_explain_says_how_it_was_first_judged_and_by_what_it_was_rerouted(
    city: Connection,
) -> None:
    reroute(city, asked())
    told = in_words(city, "MOVED")
    first, again = (
        told.index("In edition 1, in force then"),
        told.index("In edition 2, in force"),
    )
    assert first < told.index("A街道办 (OA), the street's own office, does") < again
    assert again < told.index("二中队 (S2) disposes of it")
    assert "li had open cases follow edition 2" in told
    assert "由 li 按当时生效的第 2 版网格" in told


@pytest.mark.parametrize("no", ["MOVED", "UNOWNED", "OWNED", "PLACED", "EARLY", "LATE"])
def test_the_replay_of_a_rerouted_case_replays_the_reroute(city: Connection, no: str) -> None:
    reroute(city, asked())
    told = explain(city, no, rules=JudgingRules(SHANGHAI), personal=False, actor="t")
    assert told.replay.is_same, told.replay
    assert told.replay.edition == 2


def test_duties_are_those_of_today_and_hours_those_of_the_report(city: Connection) -> None:
    since = date(2026, 5, 15)
    on = (DutyTarget.AREA, "cell", "A2", None)
    add_duties(
        city,
        [
            Duty(0, "S1", DutyRole.DISPOSE, *on, hours="08:00-20:00", valid_from=since),
            Duty(0, "H", DutyRole.DISPOSE, *on, hours="20:00-08:00", valid_from=since),
        ],
    )
    night = datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert night.astimezone(SHANGHAI).hour == 0
    done = reroute(city, asked(now=night))
    # MOVED and PLACED were reported at half past nine, whatever the time it is now.
    assert done.moves["OA", "S1"] == 2
    assert stored(city, "MOVED").responder_code == "S1"
    assert reroute(city, asked()).changed == 0
    told = explain(city, "MOVED", rules=JudgingRules(SHANGHAI), personal=False, actor="t")
    assert told.replay.is_same


def test_a_duty_that_changes_later_is_followed_by_another_reroute(city: Connection) -> None:
    reroute(city, asked())
    first = get_trace(city, "MOVED")["rerouted"]
    add_duties(city, [Duty(0, "H", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A2", None)])
    assert reroute(city, asked()).moves == {("S2", "H"): 3}
    assert list_events(city, "MOVED")[-1].detail["trace_before"] == first
    assert get_trace(city, "MOVED")["decision"]["responder"] == "OA", "as it was first judged"


def test_a_rerouted_case_given_to_another_is_left_alone_afterwards(city: Connection) -> None:
    reroute(city, asked())
    acting = Acting("MOVED", 2, "wang", now=NOW)
    assign(city, acting, responder_code="S1", reason="x")
    assert reroute(city, asked()).fates[Fate.ASSIGNED] == 3
    told = in_words(city, "MOVED")
    assert told.index("had open cases follow") < told.index("gave it to 一中队")


def test_a_rehearsal_tells_the_same_and_changes_nothing(city: Connection) -> None:
    with rehearsal(city):
        told = reroute(city, asked())
    assert owners(city) == BEFORE
    assert reroute(city, asked()) == told


def test_a_chunk_at_a_time_gives_the_same(
    city: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rehearsal(city):
        whole = reroute(city, asked())
    monkeypatch.setattr("gridmgmt.services.judging.reroutes.AT_ONCE", 2)
    steps: list[tuple[str, int, int]] = []
    assert reroute(city, asked(), lambda *step: steps.append(step)) == whole
    assert steps == [("rerouting", done, 11) for done in (2, 4, 6, 8, 10, 11)]


def test_an_edition_that_is_not_in_force_is_refused_with_the_one_that_is(
    conn: Connection, tmp_path: Path
) -> None:
    fill(conn, tmp_path)
    publish_second(conn, effective_from=datetime(2030, 1, 1, tzinfo=UTC))
    with pytest.raises(EditionError, match=r"edition 2 \(second\) takes effect on 2030.*1 \("):
        reroute(conn, asked())
    with pytest.raises(EditionError, match=r"edition 1 .* was in force until 2030.*2 \(second"):
        reroute(conn, asked(1, now=datetime(2030, 2, 1, tzinfo=UTC)))
    withdraw(conn, 2, actor="a test")
    with pytest.raises(EditionError, match=r"edition 2 \(second\) is withdrawn; edition"):
        reroute(conn, asked())
    with pytest.raises(NotFoundError):
        reroute(conn, asked(3))


def test_without_open_cases_nothing_happens(conn: Connection, tmp_path: Path) -> None:
    fill(conn, tmp_path)
    publish_second(conn)
    conn.execute(sa.update(cases).values(status="closed"))
    assert reroute(conn, asked()).open_cases == 0


def test_a_dispatcher_who_acts_first_is_not_overwritten(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    with engine.begin() as conn:
        fill(conn, tmp_path)
        publish_second(conn)
    with engine.begin() as conn:
        # The dispatcher holds the case while the other process already wants to change it.
        assign(conn, Acting("MOVED", 1, "wang", now=NOW), responder_code="S1", reason="x")
        process = start(database_url, "case", "reroute", "--edition", "2", "--commit", "--json")
        wait_until(lambda: waiting(engine) == 1)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    with engine.connect() as conn:
        assert stored(conn, "MOVED").responder_code == "S1"
        assert stored(conn, "PLACED").responder_code == "S2"
        kinds = [event.kind for event in list_events(conn, "MOVED")]
        assert kinds == ["reported", "assigned"]
    assert '"assigned": 3' in out


def test_a_dispatcher_who_acts_second_is_told(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as conn:
        fill(conn, tmp_path)
        publish_second(conn)
    told: list[str] = []

    def give(no: str) -> None:
        try:
            with engine.begin() as conn:
                seen = Acting(no, 1, "wang", now=NOW)
                assign(conn, seen, responder_code="H", reason="x")
        except CaseChangedError as error:
            told.append(f"{error.by} did {error.kind}")
        else:
            told.append("given")

    with engine.begin() as first:
        reroute(first, asked())
        other = threading.Thread(target=give, args=("MOVED",))
        other.start()
        wait_until_blocked(engine)
        # What does not change is not held up.
        give("KEPT")
    other.join(timeout=30)
    assert told == ["given", "li did rerouted"]


@pytest.mark.proof
def test_a_reroute_waits_for_an_import_and_the_other_way_round(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    with engine.begin() as conn:
        fill(conn, tmp_path)
        publish_second(conn)
    file = case_file(tmp_path, [row("MOVED", A2, description="again")], "again.csv")
    with engine.begin() as conn:
        take_in(conn, file, update_known=True)
        process = start(database_url, "case", "reroute", "--edition", "2", "--commit")
        wait_until(lambda: waiting(engine) == 1)
    assert process.communicate(timeout=60) is not None
    assert process.returncode == 0
    with engine.connect() as conn:
        now = get_case(conn, "MOVED")
        assert (now.given.description, now.responder_code) == ("again", "S2")
        assert now.last_seq == 3
