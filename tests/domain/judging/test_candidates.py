from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.judging.candidates import WhyCandidate, candidates
from gridmgmt.domain.judging.decision import Considered, Decision, WhyNot
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget

codes = st.sampled_from("ABCDEFGH")
several = st.lists(codes, max_size=4, unique=True).map(tuple)


@st.composite
def duties(draw: st.DrawFn) -> Considered:
    applies = draw(st.booleans())
    return Considered(
        duty_id=1,
        responder=draw(codes),
        role=draw(st.sampled_from(DutyRole)),
        target=DutyTarget.AREA,
        level="cell",
        code="A1",
        letter_no=None,
        hours=None,
        applies=applies,
        why_not=None if applies else draw(st.sampled_from(WhyNot)),
    )


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    responder = draw(st.none() | codes)
    shares = draw(several)
    return Decision(
        responder,
        UnroutedReason.UNCERTAIN if responder is None else None,
        disposers=draw(several),
        answers=tuple((code, 1 / (n + 2)) for n, code in enumerate(shares)),
        would_be=draw(st.none() | codes),
        considered=tuple(draw(st.lists(duties(), max_size=5))),
        assistants=draw(several),
        overseers=draw(several),
    )


bounces = st.none() | st.fixed_dictionaries({"from": codes, "suggested": st.none() | codes})


@given(decision=decisions(), bounced=bounces, present=st.none() | codes)
def test_each_named_responder_is_a_candidate_once_and_the_best_reason_counts(
    decision: Decision, bounced: dict[str, str | None] | None, present: str | None
) -> None:
    found = candidates(decision, bounced, present=present)
    listed = [one.code for one in found]
    assert len(listed) == len(set(listed))
    named = {
        *(code for code, _ in decision.answers),
        *decision.disposers,
        *decision.assistants,
        *decision.overseers,
        *(duty.responder for duty in decision.considered if duty.role is DutyRole.DISPOSE),
        decision.responder,
        decision.would_be,
        (bounced or {}).get("suggested"),
    }
    assert set(listed) == named - {None, present, (bounced or {}).get("from")}
    ranks = [list(WhyCandidate).index(one.why) for one in found]
    assert ranks == sorted(ranks)
    shares = [one.share for one in found if one.share is not None]
    assert shares == sorted(shares, reverse=True)
    for one in found:
        assert (one.share is not None) == (one.why is WhyCandidate.MAY_ANSWER)
        assert (one.why_not is not None) == (one.why is WhyCandidate.DUTY_NOT_NOW)


def test_who_was_suggested_comes_first_whatever_else_they_are() -> None:
    decision = Decision("S1", None, considered=(), assistants=("S3",), overseers=("S9",))
    found = candidates(decision, {"from": "S1", "suggested": "S3"}, present=None)
    assert [(one.code, one.why) for one in found] == [
        ("S3", WhyCandidate.SUGGESTED),
        ("S9", WhyCandidate.OVERSEES),
    ]


def considered(code: str, why_not: WhyNot | None, hours: str | None = None) -> Considered:
    return Considered(
        duty_id=1,
        responder=code,
        role=DutyRole.DISPOSE,
        target=DutyTarget.AREA,
        level="cell",
        code="A1",
        letter_no=None,
        hours=hours,
        applies=why_not is None,
        why_not=why_not,
    )


def test_whose_duty_is_nearest_to_applying_comes_first() -> None:
    decision = Decision(
        None,
        UnroutedReason.NO_DISPOSER,
        considered=(
            considered("S1", WhyNot.OTHER_CATEGORY),
            considered("S2", WhyNot.EXPIRED),
            considered("S3", WhyNot.OUTSIDE_HOURS, "Mo-Fr 08:00-18:00"),
            considered("S4", None),
        ),
    )
    found = candidates(decision, None, present=None)
    assert [(one.code, one.why_not, one.hours) for one in found] == [
        ("S4", None, None),
        ("S3", WhyNot.OUTSIDE_HOURS, "Mo-Fr 08:00-18:00"),
        ("S2", WhyNot.EXPIRED, None),
        ("S1", WhyNot.OTHER_CATEGORY, None),
    ]


def test_a_case_that_nobody_has_to_do_with_has_no_candidate() -> None:
    assert candidates(Decision(None, UnroutedReason.UNLOCATED), None, present=None) == ()
