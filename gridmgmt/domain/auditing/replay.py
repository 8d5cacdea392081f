"""Replays: whether the rules still give the answer that a trace has, and what differs."""

from collections.abc import Sequence
from dataclasses import dataclass

from gridmgmt.domain.headings import Language
from gridmgmt.domain.judging.explained_names import Names
from gridmgmt.domain.judging.explanation import rule_in_words
from gridmgmt.domain.judging.explanation_words import named, said, word
from gridmgmt.domain.value_words import in_words

# What differs, then and now: a code, a member of an enumeration, a number, whether something
# holds, or a sequence of such; None is nothing.
Difference = tuple[str, object, object]


@dataclass(frozen=True)
class Replay:
    """The result of the same rules now, compared with the result then.

    ``duty_changes`` are (duty, kind of change), with the kinds ``gone``, ``new`` and
    ``different``.
    """

    edition: int | None
    differences: tuple[Difference, ...] = ()
    duty_changes: tuple[tuple[int, str], ...] = ()

    @property
    def is_same(self) -> bool:
        """Return whether the case would go to the same responder."""
        return not self.differences


def explain_replay(replay: Replay, names: Names, language: Language) -> list[str]:
    """Explain whether the rules still give the same result, and if not, what changed."""
    on = word(language, "no_edition")
    if replay.edition is not None:
        on = said(language, "on_edition", edition=replay.edition)
    if replay.is_same:
        return [said(language, "replay_same", on=on)]
    told = [said(language, "replay_other", on=on)]
    for what, *values in replay.differences:
        then, now = (_in_words(what, value, names, language) for value in values)
        kind = word(language, f"what_{what}")
        told.append(said(language, "difference", what=kind, then=then, now=now))
    for duty, change in replay.duty_changes:
        told.append(said(language, f"duty_{change}", duty=duty))
    if not replay.duty_changes:
        told.append(said(language, "no_duty_change"))
    return told


def _in_words(what: str, value: object, names: Names, language: Language) -> str:
    """Return a value of a difference as people write it, with the names of codes."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        several = [_in_words(what, one, names, language) for one in value]
        return word(language, "comma").join(several) or "–"
    if value is None:
        return "–"
    if what == "rule":
        return rule_in_words(str(value), names, language)
    if isinstance(value, float):
        return f"{value:.6g}"
    if what in ("responder", "overseers", "assistants"):
        return named(str(value), names.responders.get(str(value)))
    if what == "component":
        return named(str(value), names.components.get(str(value)))
    if what in ("area", "candidates", "shares"):
        known = (name for (_, code), name in names.areas.items() if code == value)
        return named(str(value), next(known, None))
    return str(in_words(value, language))
