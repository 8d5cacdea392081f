"""Duties that a draft leaves without their area, areas without a duty, and what to do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.auditing.leaf_answers import LeafAnswering
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.geometry.coverage.changes import joined, pick
from gridmgmt.geometry.coverage.lineage import Descent, lineage
from gridmgmt.services.judging.directory import StandingDuties, standing_duties
from gridmgmt.services.judging.router import RoutingRows
from gridmgmt.services.workbench.impact_sides import DraftSides, stated
from gridmgmt.store.areas.area_tree import shapes_of
from gridmgmt.store.areas.edition_changes import areas_meeting
from gridmgmt.store.responsibility.responders import list_responders

# A smaller part of an area is no reason to put its duty on another one.
_LEAST_SHARE = 0.01


@dataclass(frozen=True)
class Heir:
    """An area that has a share of the ground of an area that is gone."""

    code: str
    share: float


@dataclass(frozen=True)
class LeftDuty:
    """Something that points at an area which the draft retires.

    ``kind`` is ``duty``, ``group_member`` or ``station`` (the area in which a responder is
    stationed). ``duty`` is the number of a duty, ``group`` the code of a group. It is proposed
    to point it at the ``heirs``, which have the ground now, the largest share first.
    """

    kind: str
    level: str
    code: str
    responder: str | None
    role: str | None
    duty: int | None
    group: str | None
    heirs: tuple[Heir, ...]


@dataclass(frozen=True)
class BareArea:
    """An area for which a draft leaves a duty to be given.

    Its ground came from the area ``from_code`` of the same level, None if from none.
    ``uncovered`` are the categories that no duty covers there, but one did before. It is
    proposed to put the ``duties`` on it, which held on its ground before.
    """

    level: str
    code: str
    name: str | None
    from_code: str | None
    uncovered: tuple[str, ...]
    duties: tuple[int, ...]


class Inheritance:
    """What became of the areas that a draft changes, level by level."""

    def __init__(self, conn: Connection, sides: DraftSides) -> None:
        self._conn = conn
        self._sides = sides
        self._known: dict[str, Sequence[Descent]] = {}

    def _descents(self, level: str) -> Sequence[Descent]:
        """Return where the ground of the changed areas of a level went; measured once."""
        if level not in self._known:
            self._known[level] = self._measured(level)
        return self._known[level]

    def _measured(self, level: str) -> Sequence[Descent]:
        changes, edition = self._sides.changes.get(level), self._sides.draft.base_edition
        if changes is None or edition is None:
            return ()
        gone = shapes_of(self._conn, edition, level, changes.codes)
        if not len(gone.codes):
            return ()
        near = areas_meeting(self._conn, edition, level, gone.codes, of=edition)
        others = pick(near, set(near.codes) - set(changes.codes))
        new = joined(stated(changes, level), others)
        return lineage(gone.codes, gone.geoms, new.codes, new.geoms)

    def heirs(self, key: AreaKey) -> tuple[Heir, ...]:
        """Return who has the ground of an area now, the largest share first."""
        level, code = key
        return tuple(
            Heir(one.new_code, one.share)
            for one in self._descents(level)
            if one.old_code == code and one.new_code and one.share >= _LEAST_SHARE
        )

    def forebears(self, level: str) -> Mapping[str, str]:
        """Return for each area of a level the one from which most of its new ground came."""
        largest: dict[str, Descent] = {}
        for one in self._descents(level):
            known = None if one.new_code is None else largest.get(one.new_code)
            if one.new_code and (known is None or known.overlap_m2 < one.overlap_m2):
                largest[one.new_code] = one
        return {code: one.old_code for code, one in largest.items()}


def left_duties(
    conn: Connection, sides: DraftSides, inheritance: Inheritance, today: date
) -> list[LeftDuty]:
    """List what points at areas that a draft retires and has not ended, by area."""
    gone = [
        (level, code)
        for level, codes in sides.before.parents.items()
        for code in codes
        if not sides.after.has((level, code))
    ]
    if not gone:
        return []
    pointing: dict[AreaKey, list[_Pointing]] = defaultdict(list)
    for key, one in _pointing(conn, sides, today):
        pointing[key].append(one)
    return [
        LeftDuty(one.kind, *key, one.responder, one.role, one.duty, one.group, heirs)
        for key in gone
        if key in pointing
        for heirs in [inheritance.heirs(key)]
        for one in pointing[key]
    ]


class _Pointing(NamedTuple):
    kind: str
    responder: str | None = None
    role: str | None = None
    duty: int | None = None
    group: str | None = None


def _pointing(
    conn: Connection, sides: DraftSides, today: date
) -> Iterator[tuple[AreaKey, _Pointing]]:
    """Yield each area at which something points that has not ended with the draft."""
    known = _after(conn, sides)
    for duty in known.duties:
        if duty.target is DutyTarget.AREA and _lasts(duty.valid_to, today):
            key = duty.level or "", duty.target_code
            yield key, _Pointing("duty", duty.responder_code, duty.role.value, duty.id)
    for one in known.members:
        if _lasts(one.valid_to, today):
            key = one.level, one.area_code
            yield key, _Pointing("group_member", group=one.group_code)
    for responder in list_responders(conn):
        if responder.area_level is not None and responder.area_code is not None:
            key = responder.area_level, responder.area_code
            yield key, _Pointing("station", responder.code)


def _after(conn: Connection, sides: DraftSides) -> RoutingRows | StandingDuties:
    """Return the duties and members of groups that a draft would leave."""
    return standing_duties(conn) if sides.trial is None else sides.trial.rows


def _lasts(valid_to: date | None, today: date) -> bool:
    return valid_to is None or valid_to >= today


def bare_areas(
    conn: Connection,
    sides: DraftSides,
    inheritance: Inheritance,
    answering: tuple[LeafAnswering, LeafAnswering],
    today: date,
) -> list[BareArea]:
    """List the areas for which a draft leaves duties to be given, levels from the topmost.

    These are new areas whose forebear had duties of its own, of which they have none, and leaf
    areas in which a category is covered no more.

    Parameters
    ----------
    answering : by the duties before and after
    """
    own = _own_duties(standing_duties(conn).duties, today)
    own_then = _own_duties(_after(conn, sides).duties, today)
    found: dict[AreaKey, tuple[str | None, set[str], dict[int, None]]] = {}
    for level, changes in sides.changes.items():
        every = [(level, str(code)) for code in changes.codes]
        new = [one for one in every if sides.after.has(one) and not sides.before.has(one)]
        # Measured only where areas are new: it takes longer than all else.
        forebears = inheritance.forebears(level) if new else {}
        for key in new:
            code = key[1]
            inherited = own.get((level, forebears.get(code, "")), ())
            if inherited and key not in own_then:
                found[key] = forebears.get(code), set(), dict.fromkeys(inherited)
    for key, source, uncovered, duties in _uncovered(sides, inheritance, *answering):
        known = found.setdefault(key, (source, set(), {}))
        known[1].update(uncovered)
        known[2].update(dict.fromkeys(one.id for one in duties))
    names = sides.names(conn, found)
    order = list(sides.after.parents)
    return [
        BareArea(*key, names.get(key), source, tuple(sorted(uncovered)), tuple(duties))
        for key, (source, uncovered, duties) in sorted(
            found.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
        )
    ]


def _own_duties(duties: Iterable[Duty], today: date) -> Mapping[AreaKey, Sequence[int]]:
    """Return the numbers of the duties that point at each area and have not ended."""
    found: dict[AreaKey, list[int]] = defaultdict(list)
    for duty in duties:
        if duty.target is DutyTarget.AREA and _lasts(duty.valid_to, today):
            found[duty.level or "", duty.target_code].append(duty.id)
    return found


def _uncovered(
    sides: DraftSides, inheritance: Inheritance, answering: LeafAnswering, then: LeafAnswering
) -> Iterator[tuple[AreaKey, str | None, frozenset[str], list[Duty]]]:
    """Yield the touched leaf areas in which categories are covered no more, and by what."""
    if sides.after.leaf is None:
        return
    codes = [str(code) for code in sides.new.codes]
    is_new = any(code not in sides.before.chains for code in codes)
    forebears = inheritance.forebears(sides.after.leaf) if is_new else {}
    for code in codes:
        source = code if code in sides.before.chains else forebears.get(code)
        before = sides.before.chains.get(source or "")
        if before is None:
            continue
        chain = sides.after.chains[code]
        lost = then.at(chain).uncovered - answering.at(before).uncovered
        if not lost:
            continue
        standing = {one.id for one in then.duties(chain)}
        duties = [
            one
            for one in answering.duties(before)
            if one.id not in standing
            and one.role is DutyRole.DISPOSE
            and (one.categories is None or one.categories & lost)
        ]
        yield chain[0], source, lost, duties
