"""Changes of duties: checked as the import checks, previewed, stored once."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import FieldsError, LayerError, OutdatedPreviewError
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.responsibility.duties import import_duties
from gridmgmt.services.responsibility.duty_audits import audit
from gridmgmt.services.responsibility.duty_changes import DutyPlace, StatedChange
from gridmgmt.services.responsibility.duty_grounds import DutyGround
from gridmgmt.services.responsibility.duty_mends import find_faults, mend_of
from gridmgmt.services.responsibility.duty_previews import change_duties, preview_change
from gridmgmt.services.responsibility.named_categories import written_categories
from gridmgmt.store.responsibility.duties import add_duties, list_duties
from gridmgmt.store.responsibility.turns import wait_for_turn
from gridmgmt.store.schema import audit_log
from tests.services.answering import PLAIN, make_city, table
from tests.services.case_city import A1, A2, B1, SHANGHAI, case_file, give_duties, row, take_in
from tests.services.case_city import stored as stored_case

RULES = JudgingRules(SHANGHAI)
TODAY = date(2026, 5, 4)
CELLS = {"responder_code": "S1", "role": "dispose", "categories": "*"}


@pytest.fixture
def city(conn):
    make_city(conn)
    give_duties(conn)
    return conn


def stated(*places, ends=(), **more):
    cells = {**CELLS, **more.pop("cells", {})}
    return StatedChange(
        ends=ends,
        places=tuple(DutyPlace("area", code, "cell") for code in places),
        cells=cells if places else {},
        **more,
    )


def numbered(conn, change):
    """The change with numbers of duties in place of their order: the first is 1."""
    ids = dict(enumerate((one.id for one in list_duties(conn)), 1))
    return replace(change, ends=tuple(ids.get(nth, nth) for nth in change.ends))


def preview(conn, change):
    return preview_change(conn, numbered(conn, change), rules=RULES, today=TODAY)


def commit(conn, change, seen=None):
    change = numbered(conn, change)
    if seen is None:
        seen = preview_change(conn, change, rules=RULES, today=TODAY).seen
    return change_duties(conn, change, seen=seen, rules=RULES, today=TODAY, actor="li")


def test_everything_wrong_is_told_at_once_by_field(city):
    change = StatedChange(
        ends=(1, 10**6),
        places=(DutyPlace("area", "Z9", "cell"),),
        cells={
            "responder_code": "S9",
            "role": "dispose",
            "categories": "E1;E7",
            "hours": "sometimes",
            "valid_from": "2026-05-02",
            "valid_to": "2026-05-01",
            "letter_no": "17\x01",
        },
    )
    with pytest.raises(FieldsError) as raised:
        preview(city, change)
    told = raised.value.by_field
    assert set(told) == {
        "ends", "from_day", "places", "responder_code", "categories", "hours", "valid_to",
        "letter_no",
    }  # fmt: skip
    assert told["ends"] == ("there is no duty 1000000",)
    assert told["categories"] == ("there is no category 'E7'",)
    assert told["valid_to"] == ("valid_to 2026-05-01 lies before valid_from 2026-05-02",)


def test_a_cell_is_refused_for_the_same_reason_as_a_row_of_a_file(city, tmp_path):
    with pytest.raises(LayerError) as of_file:
        import_duties(
            city,
            table(tmp_path, "responder_code,role,target,target_code,categories,hours\n"
                  "S1,dispose,area,Z9,X9,PH 08:00-12:00"),
            PLAIN,
            actor="li",
        )  # fmt: skip
    cells = {"categories": "X9", "hours": "PH 08:00-12:00"}
    change = StatedChange(places=(DutyPlace("area", "Z9"),), cells={**CELLS, **cells})
    with pytest.raises(FieldsError) as of_form:
        preview(city, change)
    said = {one for some in of_form.value.by_field.values() for one in some}
    assert {f"row 2: {one}" for one in said} == set(of_file.value.problems)


def test_a_duty_ends_with_the_day_before_and_the_log_says_who_and_why(city):
    commit(city, stated(ends=(1,), from_day="2026-06-01", why="中队撤并"))
    assert list_duties(city)[0].valid_to == date(2026, 5, 31)
    entry = city.execute(select(audit_log).order_by(audit_log.c.id.desc())).first()
    assert (entry.actor, entry.action) == ("li", "change_duties")
    assert entry.detail["why"] == "中队撤并"
    assert entry.detail["changed"][0]["after"] == {"valid_to": "2026-05-31"}


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (stated(), "ends", "nothing changes"),
        (stated(ends=(1,)), "from_day", "state a day"),
        (stated(ends=(1,), from_day="soon"), "from_day", "soon"),
        (stated("A1", cells={"letter_no": "17号"}), "valid_from", "says the same already"),
        (stated("A2", "A2"), "places", "the same place is stated twice"),
        (stated("A2", why="x" * 501), "why", "has 501 characters; at most 500"),
        (stated(*(f"A{n}" for n in range(501))), "places", "at most 500 places"),
    ],
)  # fmt: skip
def test_what_changes_nothing_or_is_there_already_is_refused(city, change, name, words):
    with pytest.raises(FieldsError) as raised:
        preview(city, change)
    assert any(words in one for one in raised.value.by_field[name])


def test_a_duty_cannot_end_before_it_begins_or_after_its_end(city):
    add_duties(
        city,
        [
            Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A2", None, None,
                 date(2026, 5, 10), date(2026, 5, 20))
        ],
    )  # fmt: skip
    for day, words in (("2026-05-10", "begins on 2026-05-10"), ("2026-06-01", "has ended")):
        with pytest.raises(FieldsError) as raised:
            preview(city, stated(ends=(3,), from_day=day))
        assert any(words in one for one in raised.value.by_field["from_day"])


def test_a_preview_stores_nothing_and_says_what_it_would_do(city, tmp_path):
    take_in(city, case_file(tmp_path, [row("C1", A1), row("C3", A2), row("C4", B1)]))
    before = list_duties(city)
    found = preview(city, stated("A2", cells={"hours": "08:00-18:00"}))
    assert list_duties(city) == before
    assert found.pairs == 2
    assert dict(found.closed) == {FindingKind.HOLE: 2}
    assert dict(found.opened) == {FindingKind.PARTLY: 2}
    (effect,) = found.effects
    assert effect.leaves == ("A2",)
    assert effect.categories == ("E1", "E2")
    assert effect.change.hours.opened == ("08:00-18:00",)
    assert (effect.change.before, effect.change.after) == ((), ("S1",))
    assert dict(found.cases.moves) == {("OA", "S1"): 1}
    assert found.cases.numbers["OA", "S1"] == ["C3"]


def test_cases_are_routed_as_the_preview_says(city, tmp_path):
    take_in(city, case_file(tmp_path, [row("C1", A1)]))
    cells = {"responder_code": "S2", "hours": "09:00-10:00", "valid_from": "2026-05-04"}
    change = stated("A2", "A1", ends=(1,), from_day="2026-05-04", cells=cells)
    found = commit(city, change)
    told = {
        (leaf, one.change.hours): (one.change.before, one.change.after)
        for one in found.effects
        for leaf in one.leaves
    }
    open_then = [key for key in told if key[1].opened]
    assert {told[key][1] for key in open_then} == {("S2",)}
    at = {"A1": A1, "A2": A2}
    rows = [
        row(f"N{leaf}{hour}", at[leaf], reported_at=f"2026-05-05 {hour}:30")
        for leaf in at
        for hour in ("09", "11")
    ]
    take_in(city, case_file(tmp_path, rows, "new.csv"))
    for leaf in at:
        assert stored_case(city, f"N{leaf}09").responder_code == "S2"
        # Nobody's hour: the street's office, before and after.
        assert stored_case(city, f"N{leaf}11").responder_code == "OA"
    assert found.cases.moves == {("S1", "S2"): 1}


def test_what_somebody_else_changed_meanwhile_is_told_and_nothing_is_lost(city):
    mine, other = stated("A2"), stated("A2", cells={"responder_code": "S2"})
    seen = preview(city, mine).seen
    commit(city, other)
    before = list_duties(city)
    with pytest.raises(OutdatedPreviewError):
        commit(city, mine, seen)
    assert list_duties(city) == before
    # A change elsewhere is no reason to look again.
    seen = preview(city, stated("A3")).seen
    commit(city, stated("A4"))
    commit(city, stated("A3"), seen)


def test_an_import_and_a_change_wait_for_each_other(engine, tmp_path):
    with engine.begin() as conn:
        make_city(conn)
    with engine.connect() as first, engine.connect() as second:
        wait_for_turn(first)
        second.exec_driver_sql("SET lock_timeout = '200ms'")
        path = table(tmp_path, "responder_code,role,target,target_code,categories\n"
                     "S1,dispose,area,A2,*")  # fmt: skip
        with pytest.raises(Exception, match="lock timeout"):
            import_duties(second, path, PLAIN, actor="li")


def test_a_double_is_mended_only_for_its_categories(city):
    add_duties(
        city,
        [
            Duty(0, who, DutyRole.DISPOSE, DutyTarget.AREA, "cell", "B2", frozenset(named))
            for who, named in (("S1", {"E1", "E2"}), ("S2", {"E1"}))
        ],
    )
    found = find_faults(city, TODAY, tz=SHANGHAI, kind=FindingKind.DOUBLE)
    (double,) = found.findings
    mend = mend_of(city, found, double, tz=SHANGHAI)
    assert [one.responder_code for one in mend.duties] == ["S1", "S2"]
    commit(city, StatedChange((3,), "2026-05-04", only_for=mend.categories))
    kept = list_duties(city)[-1]
    assert (kept.responder_code, kept.categories) == ("S1", frozenset({"E2"}))
    kinds = {one.outcome.kind for one in audit(city, TODAY, tz=SHANGHAI).findings}
    assert FindingKind.DOUBLE not in kinds


HOURS = (None, None, "08:00-18:00", "22:00-06:00", "Mo-Fr 08:00-18:00")
PLACES = (
    ("cell", "A1"), ("cell", "A2"), ("cell", "B1"), ("street", "A"), ("street", "B"),
)  # fmt: skip


def random_duties(seed):
    dice = random.Random(seed)
    for _ in range(dice.randint(2, 9)):
        named = dice.choice((None, {"E1"}, {"E2"}, {"E1", "E2"}))
        yield Duty(
            0,
            dice.choice(("S1", "S2")),
            DutyRole.DISPOSE,
            DutyTarget.AREA,
            *dice.choice(PLACES),
            None if named is None else frozenset(named),
            dice.choice(HOURS),
        )


def faults(conn):
    """Every fault of today, pair by pair."""
    found = audit(conn, TODAY, tz=SHANGHAI)
    chains = DutyGround.load(conn, TODAY, tz=SHANGHAI).chain_of
    return {
        (one.outcome.kind, leaf, category)
        for one in found.findings
        for leaf, chain in chains.items()
        if leaf in one.leaves or {(area.level, area.code) for area in one.whole} & set(chain)
        for category in one.categories
    }


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_mended_the_audit_then_says_what_the_preview_said(conn, seed):
    make_city(conn)
    add_duties(conn, list(dict.fromkeys(random_duties(seed))))
    found = find_faults(conn, TODAY, tz=SHANGHAI)
    assert found.findings
    for finding in found.findings:
        mend = mend_of(conn, found, finding, tz=SHANGHAI)
        before = faults(conn)
        if mend.duties:
            # Of the rivals the first stays.
            stays = mend.duties[0].responder_code
            ends = tuple(one.id for one in mend.duties if one.responder_code != stays)
            change = StatedChange(ends, "2026-05-04", only_for=frozenset(finding.categories))
        else:
            cells = {
                **CELLS,
                "categories": written_categories(mend.categories),
                "hours": mend.hours,
            }
            change = StatedChange(places=mend.places, cells=cells)
        with rehearsal(conn):
            seen = preview_change(conn, change, rules=RULES, today=TODAY)
            change_duties(conn, change, seen=seen.seen, rules=RULES, today=TODAY, actor="li")
            after = faults(conn)
        kind = finding.outcome.kind
        mended = {one for one in before if one[0] is kind} & {
            (kind, leaf, category)
            for one in (finding,)
            for leaf in leaves_of(conn, one)
            for category in one.categories
        }
        assert mended
        assert not mended & after, (finding, seen)
        gone, come = before - after, after - before
        assert dict(seen.closed) == dict(Counter(one[0] for one in gone))
        assert dict(seen.opened) == dict(Counter(one[0] for one in come))
        # A gap is mended without any new fault.
        assert mend.duties or not come


def leaves_of(conn, finding):
    whole = {(one.level, one.code) for one in finding.whole}
    chains = DutyGround.load(conn, TODAY, tz=SHANGHAI).chain_of
    return {
        leaf for leaf, chain in chains.items() if leaf in finding.leaves or whole & set(chain)
    }
