"""Print the duty audit as sentences or as JSON."""

from collections.abc import Iterator
from typing import Any

from gridmgmt.cli.problems import problem_sections
from gridmgmt.domain.auditing.duty_audit import DutyAudit, Finding, FindingKind, Outcome
from gridmgmt.domain.listing import listed
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.shaped_records import described

_SHOWN = 8
_HEADINGS = {
    FindingKind.DOUBLE: "two owners",
    FindingKind.HOLE: "no owner",
    FindingKind.PARTLY: "no owner at some hours",
}


def audit_lines(audit: DutyAudit) -> Iterator[str]:
    """Yield the findings as lines, the worst first, and then the totals.

    Of a long list there are some of each kind; all of them are in a table beside.
    """
    sections = {heading: _findings(audit, kind) for kind, heading in _HEADINGS.items()}
    sections["stale"] = [
        Sentence(
            "duty {} of {} points at {} {}, which is not in the edition in force",
            duty.id,
            duty.responder_code,
            duty.level,
            duty.target_code,
        )
        for duty in audit.stale
    ]
    for heading, lines in problem_sections(sections, f"duty-audit-{audit.day}").items():
        if lines:
            yield f"{heading}:"
        yield from (f"  {line}" for line in lines)
    total = audit.areas * audit.categories
    counted = ", ".join(f"{audit.pairs.get(kind, 0):,} {kind}" for kind in FindingKind)
    fine = total - sum(audit.pairs.values())
    yield (
        f"{audit.day}: {audit.areas:,} areas × {audit.categories:,} categories ="
        f" {total:,} pairs: {counted}, {max(fine, 0):,} with one owner at any hour"
    )


def _findings(audit: DutyAudit, kind: FindingKind) -> list[str]:
    found = [one for one in audit.findings if one.outcome.kind is kind]
    # The findings with the most cells first: one missing letter often explains hundreds of
    # cells.
    return [
        Sentence("{}; {}: {}", _where(one), _what(one, audit.categories), _outcome(one.outcome))
        for one in sorted(found, key=lambda one: (-one.leaf_count, one.categories))
    ]


def audit_json(audit: DutyAudit) -> dict[str, Any]:
    """Return the audit as JSON values."""
    return {
        "day": audit.day.isoformat(),
        "areas": audit.areas,
        "categories": audit.categories,
        "pairs": {kind.value: audit.pairs.get(kind, 0) for kind in FindingKind},
        "findings": [_finding_json(one) for one in audit.findings],
        "stale_duties": [dict(described(duty)) for duty in audit.stale],
    }


def _finding_json(one: Finding) -> dict[str, Any]:
    outcome = one.outcome._asdict()
    return {
        # Programs that read this know the disposers by their former name.
        **{"owners" if name == "disposers" else name: outcome[name] for name in outcome},
        "categories": one.categories,
        "target": one.target,
        "whole": [vars(area) for area in one.whole],
        "leaves": one.leaves,
        "leaf_count": one.leaf_count,
        "places": one.places,
    }


def _where(one: Finding) -> str:
    if one.places:
        joined = " and ".join(one.places)
        return f"{one.target} {joined}" + (" (overlapping)" if len(one.places) > 1 else "")
    parts = [f"{area.level} {area.code}: all {area.leaves:,}" for area in one.whole]
    if one.leaves:
        parts.append(f"{len(one.leaves):,} single: {listed(one.leaves, most=_SHOWN)}")
    return ", ".join(parts)


def _what(one: Finding, categories: int) -> str:
    if len(one.categories) == categories:
        return f"all {categories:,} categories"
    if len(one.categories) == 1:
        return f"category {one.categories[0]}"
    return f"{len(one.categories):,} categories: {listed(one.categories, most=_SHOWN)}"


def _outcome(outcome: Outcome) -> str:
    if outcome.kind is FindingKind.DOUBLE:
        when = f" during {' / '.join(outcome.hours)}" if outcome.hours else ""
        return f"{' and '.join(outcome.disposers)} as {outcome.rule}{when}"
    falls = f"falls to {' and '.join(outcome.falls_to)} ({outcome.fallback})"
    falls = falls if outcome.falls_to else "nobody answers"
    if outcome.kind is FindingKind.HOLE:
        return falls
    return f"only {' / '.join(outcome.hours)}, else {falls}"
