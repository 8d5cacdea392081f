"""Explain the trace of a case in sentences, in English or Chinese.

The words are in ``explanation_words``; this module chooses and orders them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from gridmgmt.domain.cases.case import CaseMark, UnlocatedReason
from gridmgmt.domain.cases.default_position import DefaultPosition
from gridmgmt.domain.judging.decision import COMPONENT, Considered, Decision, WhyNot
from gridmgmt.domain.judging.explained_names import Names
from gridmgmt.domain.judging.explanation_words import Language, named, percent, said, word
from gridmgmt.domain.judging.trace import ASSIGNED, BOUNCED, REROUTED, judged_last
from gridmgmt.domain.moments import shown
from gridmgmt.domain.responsibility.duty import DutyTarget
from gridmgmt.domain.responsibility.hours_words import hours_in_words

# The number of possible areas of a case that are listed with their shares.
_MOST_SHARES = 6


def explain(
    case_no: str,
    trace: Mapping[str, Any],
    names: Names,
    language: Language,
    reasons: Mapping[int, str] | None = None,
    *,
    default: DefaultPosition | None = None,
    tz: tzinfo | None = None,
) -> list[str]:
    """Explain why a case went to its responder.

    Parameters
    ----------
    trace : as stored with the case
    names : the names of its codes
    reasons : what people wrote when they decided about it, by the number of their event
    default : the default position at which it lies, if any
    tz : time zone of times; None: as in the trace

    Returns
    -------
    sentences: what was given, where it lies, which duties were considered, whom the rules
    chose, the same for being routed again, and what people decided
    """
    teller = _Teller(language, names, tz)
    return [
        *teller.given(case_no, trace),
        *teller.at_default(default),
        *teller.judged(trace),
        *teller.rerouted(trace),
        *teller.bounced(trace, reasons or {}),
        *teller.assigned(trace, reasons or {}),
    ]


def rule_in_words(rule: str | None, names: Names, language: Language) -> str:
    """Return the name of a precedence class, with the name of the level of an area."""
    kind, _, level = (rule or "none").partition(":")
    label = word(language, f"rule_{kind}")
    return f"{label} {_level(level, names, language)}" if level else label


def _level(level: str, names: Names, language: Language) -> str:
    chinese, english = names.levels.get(level, (level, level))
    return chinese if language == "zh" else english.lower()


class _Teller:
    def __init__(self, language: Language, names: Names, tz: tzinfo | None) -> None:
        self._language = language
        self._names = names
        self._tz = tz

    def given(self, case_no: str, trace: Mapping[str, Any]) -> Iterator[str]:
        category = trace["category"]
        yield self._say(
            "reported",
            case_no=case_no,
            category=named(category, self._names.categories.get(category)),
            at=self._at(trace["reported_at"]),
        )
        lonlat = {}
        if trace["lon"] is not None:
            lonlat = {name: f"{round(trace[name], 7):.10g}" for name in ("lon", "lat")}
        position, put = trace["given"], trace.get("placed")
        if position is not None:
            given = {"x": f"{position['x']:.12g}", "y": f"{position['y']:.12g}"}
            key = "position" if put is None else "position_given"
            yield self._say(key, crs=position["crs"], **given, **lonlat)
        if put is not None:
            yield self._say("placed", **self._by(put), **lonlat)

    def at_default(self, default: DefaultPosition | None) -> Iterator[str]:
        if default is not None:
            at = self._at(default.accepted_at.isoformat(timespec="seconds"))
            by = self._names.person(default.accepted_by)
            yield self._say(f"mark_{CaseMark.DEFAULT_POSITION}", by=by, at=at)

    def judged(self, trace: Mapping[str, Any]) -> Iterator[str]:
        decision = Decision.from_json(trace["decision"])
        yield from self.place(trace)
        yield from self.considered(decision)
        yield from self.tied(decision, trace["place"] or {})
        yield from self.doubted(decision, trace["settings"])
        yield from self.decided(decision)

    def tied(self, decision: Decision, place: Mapping[str, Any]) -> Iterator[str]:
        """Yield which component the case is about, if it is about one."""
        if decision.component is not None:
            by_owner = decision.rule == COMPONENT
            key = "tied" if by_owner else "tied_to_nobody"
            yield self._say(key, component=self._component(decision.component))
        elif decision.rule == COMPONENT:
            yield self._say("not_tied", m=f"{place['apart_m']:g}")

    def doubted(self, decision: Decision, settings: Mapping[str, Any]) -> Iterator[str]:
        """Yield for how many possible positions the answer holds, if these are too few."""
        if decision.would_be is not None:
            listed = self._listed(
                f"{self._responder(code)} {percent(share)}" for code, share in decision.answers
            )
            yield self._say(
                "doubted",
                who=self._responder(decision.would_be),
                share=percent(dict(decision.answers).get(decision.would_be, 0.0)),
                confidence=f"{settings['confidence']:.0%}",
                listed=listed,
            )

    def rerouted(self, trace: Mapping[str, Any]) -> Iterator[str]:
        if REROUTED not in trace:
            return
        again = trace[REROUTED]
        yield self._say("rerouted", edition=again["edition"], **self._by(again))
        yield from self.judged(judged_last(trace))

    def place(self, trace: Mapping[str, Any]) -> Iterator[str]:
        if trace["area"] is None:
            yield self._unlocated(trace)
        else:
            yield self._located(trace)
            chain = [tuple(area) for area in trace["place"]["areas"]]
            if len(chain) > 1:
                areas = " < ".join(self._area(*area) for area in chain)
                yield self._say("chain", areas=areas)
        if trace["candidates"]:
            listed = self._listed(f"{code} ({m:g} m)" for code, m in trace["candidates"])
            yield self._say("candidates", m=trace["settings"]["candidate_m"], listed=listed)
        if trace.get("shares"):
            yield from self._disc(trace)
        if trace["border_m"] is not None:
            yield self._say("border", m=f"{trace['border_m']:.1f}")
        for code in (trace["place"] or {}).get("zones", ()):
            yield self._say("in_zone", zone=self._place(DutyTarget.ZONE, code))
        for code, metres in (trace["place"] or {}).get("road_segments", ()):
            segment = self._place(DutyTarget.ROAD_SEGMENT, code)
            yield self._say("near_road", segment=segment, m=f"{metres:.1f}")
        for code, metres in (trace["place"] or {}).get("components", ()):
            component = self._component(code)
            yield self._say("near_component", component=component, m=f"{metres:.1f}")

    def _disc(self, trace: Mapping[str, Any]) -> Iterator[str]:
        shares = trace["shares"]
        told = [
            f"{self._area(trace['level'], code)} {percent(share)}" for code, share in shares
        ]
        facts = {"m": f"{trace['accuracy_m']:g}", "listed": self._listed(told[:_MOST_SHARES])}
        if len(told) > _MOST_SHARES:
            yield self._say("disc_on_many", others=len(told) - _MOST_SHARES, **facts)
        else:
            yield self._say("disc", **facts)

    def _located(self, trace: Mapping[str, Any]) -> str:
        facts: dict[str, Any] = {
            "edition": trace["edition"],
            "area": self._area(trace["level"], trace["area"]),
        }
        if trace["snapped"]:
            metres = f"{trace['distance_m']:.3g}"
            return self._say("snapped", m=metres, snap_m=trace["settings"]["snap_m"], **facts)
        return self._say("on_boundary" if trace["on_boundary"] else "covered", **facts)

    def _unlocated(self, trace: Mapping[str, Any]) -> str:
        key = f"unlocated_{UnlocatedReason(trace['unlocated'])}"
        return self._say(key, edition=trace["edition"], snap_m=trace["settings"]["snap_m"])

    def considered(self, decision: Decision) -> Iterator[str]:
        if not decision.considered and decision.rule is None and decision.reason != "unlocated":
            yield self._say("no_duty_here")
        for duty in decision.considered:
            facts = self._duty_facts(duty)
            if duty.applies:
                yield self._say("duty_applies", **facts)
            else:
                why = self._why_not(duty)
                yield self._say("duty_does_not", why=why, **facts)

    def _duty_facts(self, duty: Considered) -> dict[str, Any]:
        if duty.level is not None:
            where = self._area(duty.level, duty.code)
        else:
            target = word(self._language, f"target_{duty.target}")
            where = f"{target} {self._place(duty.target, duty.code)}"
        letter = ""
        if duty.letter_no is not None:
            letter = self._say("letter", letter=duty.letter_no)
        return {
            "duty": duty.duty_id,
            "who": self._responder(duty.responder),
            "role": word(self._language, f"role_{duty.role}"),
            "where": where,
            "letter": letter,
        }

    def _why_not(self, duty: Considered) -> str:
        hours = hours_in_words(duty.hours or "", self._language)
        return self._say(f"why_{WhyNot(duty.why_not or '')}", hours=hours)

    def decided(self, decision: Decision) -> Iterator[str]:
        if decision.responder is None:
            owners = self._listed(map(self._responder, decision.disposers))
            yield self._say(
                f"unrouted_{decision.reason}", owners=owners, rule=self._rule(decision.rule)
            )
        else:
            who = self._responder(decision.responder)
            if decision.rule == COMPONENT:
                yield self._say("won_as_owner", who=who, rule=self._rule(COMPONENT))
            elif decision.fallback is not None:
                yield self._say(f"fallback_{decision.fallback}", who=who)
            else:
                letters = self._letters(decision)
                yield self._say("won", who=who, rule=self._rule(decision.rule), by=letters)
        for mark in decision.marks:
            yield self._say(f"mark_{mark}")
        if decision.overseers:
            chain = " > ".join(map(self._responder, decision.overseers))
            yield self._say("overseers", chain=chain)
        if decision.assistants:
            yield self._say(
                "assistants", who=self._listed(map(self._responder, decision.assistants))
            )

    def bounced(self, trace: Mapping[str, Any], reasons: Mapping[int, str]) -> Iterator[str]:
        if BOUNCED not in trace:
            return
        bounce = trace[BOUNCED]
        yield self._say("bounced", who=self._responder(bounce["from"]), **self._by(bounce))
        if bounce["suggested"] is not None:
            yield self._say("bounced_to", who=self._responder(bounce["suggested"]))
        if bounce["seq"] in reasons:
            yield self._say("reason_given", reason=reasons[bounce["seq"]])
        if ASSIGNED not in trace:
            yield self._say("unrouted_bounced")

    def assigned(self, trace: Mapping[str, Any], reasons: Mapping[int, str]) -> Iterator[str]:
        if ASSIGNED not in trace:
            return
        choice = trace[ASSIGNED]
        who, instead = self._responder(choice["responder"]), choice["instead"]
        facts = {**self._by(choice), "who": who}
        if instead is None:
            yield self._say("assigned", **facts)
        else:
            yield self._say("assigned_instead", instead=self._responder(instead), **facts)
        if choice["seq"] in reasons:
            yield self._say("reason_given", reason=reasons[choice["seq"]])

    def _by(self, mark: Mapping[str, Any]) -> dict[str, str]:
        """Return who made a decision, and when."""
        return {"by": self._names.person(mark["by"]), "at": self._at(mark["at"])}

    def _letters(self, decision: Decision) -> str:
        letters = {duty.duty_id: duty.letter_no for duty in decision.considered}
        told = []
        for duty in decision.duty_ids:
            letter = letters.get(duty)
            suffix = "" if letter is None else self._say("letter", letter=letter)
            told.append(self._say("duty", duty=duty, letter=suffix))
        return self._listed(told)

    def _rule(self, rule: str | None) -> str:
        return rule_in_words(rule, self._names, self._language)

    def _say(self, key: str, **facts: Any) -> str:
        return said(self._language, key, **facts)

    def _listed(self, items: Iterator[str] | Sequence[str]) -> str:
        return word(self._language, "comma").join(items)

    def _at(self, text: str) -> str:
        return text if self._tz is None else shown(datetime.fromisoformat(text), self._tz)

    def _level(self, level: str) -> str:
        return _level(level, self._names, self._language)

    def _area(self, level: str, code: str) -> str:
        name = self._names.areas.get((level, code))
        return f"{self._level(level)} {named(code, name)}"

    def _place(self, target: DutyTarget, code: str) -> str:
        return named(code, self._names.places.get((target, code)))

    def _component(self, code: str) -> str:
        return named(code, self._names.components.get(code))

    def _responder(self, code: str) -> str:
        return named(code, self._names.responders.get(code))
