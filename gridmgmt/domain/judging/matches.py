"""Match the duties on a target with a case, by day and category."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from gridmgmt.domain.judging.decision import Considered, WhyNot
from gridmgmt.domain.judging.duty_index import DutyIndex
from gridmgmt.domain.judging.precedence import Precedence, precedence_of
from gridmgmt.domain.judging.targets import TargetHere, TargetKey
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget


class Match(NamedTuple):
    """A duty on a target.

    ``told`` is its line in the trace, ``told_closed`` the line outside its hours.
    """

    precedence: Precedence
    rule: str
    duty: Duty
    told: Considered
    told_closed: Considered

    @property
    def stands(self) -> bool:
        """Return whether the duty applies, during its hours."""
        return self.told.applies


class Matches:
    """Matches duties with targets and cases; matches that many positions share are cached."""

    def __init__(self, index: DutyIndex) -> None:
        self._index = index
        self._known: dict[tuple[TargetHere, int, int], tuple[Match, ...]] = {}
        self._starts: dict[TargetKey, list[date]] = {}
        self._told: dict[tuple[int, WhyNot | None], Considered] = {}

    def on(self, here: TargetHere, day: date, category: str | None) -> tuple[Match, ...]:
        """Return the duties on a target that matter to a case."""
        starts = self._starts.get(here.key)
        if starts is None:
            starts = self._starts[here.key] = self._index.starts_on([here.key])
        kind = self._index.kind(category) & self._index.named_on([here.key])
        key = (here, bisect_right(starts, day), kind)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._match_all(here, day, category)
        return found

    def forget(self) -> None:
        """Clear the cache."""
        self._known.clear()
        self._starts.clear()

    def _match_all(
        self, here: TargetHere, day: date, category: str | None
    ) -> tuple[Match, ...]:
        matches = [
            self._match(here, duty, day, category) for duty in self._telling(here, category)
        ]
        standing = {
            (match.duty.responder_code, match.duty.role) for match in matches if match.stands
        }
        return tuple(match for match in matches if _tells(match, standing))

    def _telling(self, here: TargetHere, category: str | None) -> Sequence[Duty]:
        """Return the duties on a target that may matter to a case of this category."""
        duties = self._index.duties_on(here.key)
        if here.target in (DutyTarget.ZONE, DutyTarget.ROAD_SEGMENT):
            # They are few, and people ask why their responder was not chosen.
            return duties
        # Areas have the duties for all other matters, and these explain nothing.
        return [
            duty for duty in duties if duty.categories is None or category in duty.categories
        ]

    def _match(self, here: TargetHere, duty: Duty, day: date, category: str | None) -> Match:
        why_not = here.why_not
        if duty.categories is not None and category not in duty.categories:
            why_not = WhyNot.OTHER_CATEGORY
        elif why_not is None and duty.valid_from and day < duty.valid_from:
            why_not = WhyNot.NOT_YET_VALID
        elif why_not is None and duty.valid_to and day > duty.valid_to:
            why_not = WhyNot.EXPIRED
        return Match(
            precedence_of(duty, here.rank),
            here.rule,
            duty,
            self._considered(duty, why_not),
            self._considered(duty, why_not or WhyNot.OUTSIDE_HOURS),
        )

    def _considered(self, duty: Duty, why_not: WhyNot | None) -> Considered:
        told = self._told.get((duty.id, why_not))
        if told is None:
            told = Considered(
                duty_id=duty.id,
                responder=duty.responder_code,
                role=duty.role,
                target=duty.target,
                level=duty.level,
                code=duty.target_code,
                letter_no=duty.letter_no,
                hours=duty.hours,
                applies=why_not is None,
                why_not=why_not,
            )
            self._told[duty.id, why_not] = told
        return told


def _tells(match: Match, standing: set[tuple[str, DutyRole]]) -> bool:
    """Return whether a duty matters to the case, beside those of the same responder."""
    if match.told.why_not in (WhyNot.EXPIRED, WhyNot.NOT_YET_VALID):
        # A letter that was renewed, or will be, is not a reason for anything.
        return (match.duty.responder_code, match.duty.role) not in standing
    return True
