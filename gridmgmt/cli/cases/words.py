"""Print cases, their explanations and summaries on the terminal or as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.work import say
from gridmgmt.domain.auditing.replay import explain_replay
from gridmgmt.domain.cases.case import PERSONAL_FIELDS, Case
from gridmgmt.domain.headings import Language
from gridmgmt.domain.judging import explanation
from gridmgmt.domain.judging.due_explanation import explain_due
from gridmgmt.domain.moments import shown, with_clock
from gridmgmt.indicators.rates import SHOULD_SET, DeadlineCounts, Rate
from gridmgmt.services.cases.stories import CaseStory, Explanation
from gridmgmt.services.cases.summaries import CaseSummary
from gridmgmt.store.cases.case_counts import ResponderCount

_LISTED = (
    "case_no",
    "category",
    "reported_at",
    "due_at",
    "status",
    "edition",
    "area_code",
    "responder_code",
    "reason",
)
_LANGUAGES: dict[str, tuple[Language, ...]] = {
    "en": ("en",),
    "zh": ("zh",),
    "both": ("en", "zh"),
}


def case_rows(
    found: Sequence[Case], tz: ZoneInfo
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return the columns and rows of a list of cases, without personal data."""
    rows: list[tuple[object, ...]] = [
        (
            case.given.case_no,
            case.given.category,
            _local(case.given.reported_at, tz),
            _local(case.given.due_at, tz),
            str(case.status),
            None if case.location.edition is None else str(case.location.edition),
            case.location.area_code,
            case.responder_code,
            case.location.unlocated_reason or case.unrouted_reason,
        )
        for case in found
    ]
    return _LISTED, rows


def _local(at: datetime | None, tz: ZoneInfo) -> str | None:
    return None if at is None else shown(at, tz)


def story_json(story: CaseStory, tz: ZoneInfo, *, personal: bool) -> dict[str, Any]:
    """Return a case with its events as JSON values."""
    told = asdict(story.case)
    # Programs that read this output know the location as "placed", at its place in the order.
    told = {"placed" if name == "location" else name: value for name, value in told.items()}
    if not personal:
        for name in PERSONAL_FIELDS:
            del told["given"][name]
    # Only the trace has these values.
    for name in ("candidate_m", "border_m", "shares"):
        del told["placed"][name]
    return {**told, "events": [asdict(event) for event in story.events]}


def print_story(story: CaseStory, tz: ZoneInfo, *, personal: bool) -> None:
    """Print a case, then its events as a table."""
    case = story.case
    columns, rows = case_rows([case], tz)
    facts: dict[str, object] = dict(zip(columns, rows[0], strict=True))
    facts["due_limit"] = case.given.due_limit
    if case.given.due_provisional:
        facts["due_provisional"] = "yes (plain hours)"
    facts["disposed_at"] = _local(case.given.disposed_at, tz)
    facts["closed_at"] = _local(case.given.closed_at, tz)
    facts["forgotten_at"] = _local(case.forgotten_at, tz)
    facts["channel"] = case.given.channel
    facts["marks"] = " ".join(case.marks) or None
    if case.location.lon is not None:
        facts["position"] = f"{case.location.lon:.8f} {case.location.lat:.8f}"
    if personal:
        facts["description"] = case.given.description
        facts["address"] = case.given.address
    for name, value in facts.items():
        if value is not None:
            click.echo(f"{name + ':':<16}{value}")
    click.echo("")
    print_columns(
        ("seq", "happened", "event", "by", "detail"),
        [
            (
                event.seq,
                _local(event.happened_at, tz),
                str(event.kind),
                event.actor,
                _detail(event.detail, tz),
            )
            for event in story.events
        ],
    )


def _detail(detail: Any, tz: ZoneInfo) -> str:
    # A whole trace, which would fill the screen; --json has it.
    left_out = {"trace_before"}
    told = ", ".join(
        f"{name} {value}"
        for name, value in detail.items()
        if name not in left_out and value is not None
    )
    return with_clock(told, tz)


def explanation_json(explained: Explanation, tz: ZoneInfo, *, personal: bool) -> dict[str, Any]:
    """Return an explanation as JSON values: the trace, the sentences and the replay."""
    told: dict[str, Any] = {
        "case_no": explained.case.given.case_no,
        "trace": explained.trace,
        "sentences": {
            language: _sentences(explained, language, tz) for language in _LANGUAGES["both"]
        },
        "replay": {**asdict(explained.replay), "same": explained.replay.is_same},
    }
    if personal:
        told["phones"] = explained.phones
        told["description"] = explained.case.given.description
        told["address"] = explained.case.given.address
    return told


def print_explanation(explained: Explanation, lang: str, tz: ZoneInfo) -> None:
    """Print the sentences, one in a line, in one language or both, on the clock in ``tz``."""
    for n, language in enumerate(_LANGUAGES[lang]):
        if n:
            click.echo("")
        for sentence in _sentences(explained, language, tz):
            click.echo(with_clock(sentence, tz))
    given = explained.case.given
    personal = {"description": given.description, "address": given.address}
    personal |= {f"phone of {code}": phone for code, phone in explained.phones.items()}
    for name, value in personal.items():
        if value is not None:
            click.echo(f"{name}: {value}")


def _sentences(explained: Explanation, language: Language, tz: ZoneInfo) -> list[str]:
    case_no = explained.case.given.case_no
    return [
        *explanation.explain(
            case_no,
            explained.trace,
            explained.names,
            language,
            explained.reasons,
            default=explained.default,
        ),
        *explain_due(explained.case.given, language, tz),
        *explain_replay(explained.replay, explained.names, language),
    ]


def summary_json(counted: CaseSummary) -> dict[str, Any]:
    """Return a summary for `print_json`.

    Rates come with both counts, and are None where there is nothing to divide by.
    """
    return {
        "responders": [asdict(one) for one in counted.responders],
        "places": dict(counted.places),
        "on_boundary": counted.on_boundary,
        "level": counted.level,
        "as_of": counted.as_of,
        # A rate means nothing without the name of its denominator (GB/T 30428).
        "should_set": SHOULD_SET,
        "areas": [
            {"code": one.code, "name": one.name, **_counts_json(one.counts)}
            for one in counted.areas
        ],
        **(
            {"at_default": _counts_json(counted.at_default)} if counted.at_default.cases else {}
        ),
        "city": _counts_json(counted.city),
    }


# The sets that together are all cases; what is open is not one of them.
_SUMMED = ("cases", "without_due", "on_time", "late", "overdue", "pending")
# Beside them: of the should set, whose deadline is provisional.
_OF_SUMMED = ("provisional",)


def _counts_json(counts: DeadlineCounts) -> dict[str, Any]:
    return {
        **{name: getattr(counts, name) for name in (*_SUMMED, *_OF_SUMMED)},
        "on_time_rate": _rate_json(counts.on_time_rate),
        "disposal_rate": _rate_json(counts.disposal_rate),
    }


def _rate_json(rate: Rate) -> dict[str, Any]:
    return {**asdict(rate), "value": rate.value}


def print_summary(counted: CaseSummary, tz: ZoneInfo, *, top: int = 0) -> None:
    """Print the counts as three tables.

    ``top`` responders have their own row and the others share one; 0 means all.
    """
    listed = counted.responders[: top or None]
    # Summed in one row, so that the column still adds up to all cases.
    rest = counted.responders[len(listed) :]
    responders: list[tuple[object, ...]] = [
        (one.responder_code or f"({one.unrouted_reason})", one.name, *_responder_row([one]))
        for one in listed
    ]
    if rest:
        responders.append((f"({len(rest)} others)", None, *_responder_row(rest)))
    print_columns(("responder", "name", "cases", "open", "disposed", "closed"), responders)
    click.echo("")
    places = [(place, n) for place, n in counted.places.most_common()]
    print_columns(("place", "cases"), [*places, ("(on a boundary)", counted.on_boundary)])
    click.echo("")
    heading = (counted.level, "name", "cases", "no deadline", "not yet due", "on time")
    rows: list[tuple[object, ...]] = [
        (one.code or "(none)", one.name, *_counts_row(one.counts)) for one in counted.areas
    ]
    if counted.at_default.cases:
        # Nobody knows in which area they happened.
        rows.append(("(default coordinate)", None, *_counts_row(counted.at_default)))
    city = ("all", None, *_counts_row(counted.city))
    print_columns((*heading, "rate"), [*rows, city])
    say(
        "rate = disposed on time / should be disposed, the should set being "
        f"{SHOULD_SET} (disposed, or overdue and not disposed) as of "
        f"{_local(counted.as_of, tz)}; cases without a deadline are outside it"
    )
    if counted.city.provisional:
        say(
            f"{counted.city.provisional:,} of {counted.city.due:,} that should be disposed of "
            "have a provisional deadline, counted in plain hours"
        )


def _responder_row(counted: Sequence[ResponderCount]) -> tuple[int, ...]:
    return tuple(
        sum(getattr(one, name) for one in counted)
        for name in ("cases", "open", "disposed", "closed")
    )


def _counts_row(counts: DeadlineCounts) -> tuple[object, ...]:
    rate = counts.on_time_rate
    return (
        counts.cases,
        counts.without_due,
        counts.pending,
        # With both counts: the rate of three cases says little.
        f"{rate.numerator}/{rate.denominator}",
        rate.percent(),
    )
