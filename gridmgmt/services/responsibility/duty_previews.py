"""Preview a change of duties, and store the change that somebody saw."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.auditing.duty_audit import Compression, FindingKind, Whole
from gridmgmt.domain.auditing.duty_effects import (
    DutyEffects,
    OwnerChange,
    PlaceKey,
    duty_effects,
)
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.reroute import CaseDisposer, Reroute, fate_of
from gridmgmt.domain.judging.targets import TargetKey
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.duty_change import DutyChange
from gridmgmt.errors import OutdatedPreviewError
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.judging.open_case_routes import OpenCaseRoutes, movable_cases
from gridmgmt.services.record_imports.shaped_records import described
from gridmgmt.services.responsibility.duty_changes import (
    StatedChange,
    read_change,
    store_change,
)
from gridmgmt.services.responsibility.duty_grounds import DutyGround
from gridmgmt.store.responsibility import duties as store
from gridmgmt.store.responsibility.turns import wait_for_turn


@dataclass(frozen=True)
class EffectPlaces:
    """A change of owners for some categories: in leaf areas, or on zones or a road segment.

    ``whole`` are areas of which all leaf areas are meant, ``leaves`` the codes of the others.
    """

    change: OwnerChange
    categories: tuple[str, ...]
    target: DutyTarget
    whole: tuple[Whole, ...]
    leaves: tuple[str, ...]
    places: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class DutyPreview:
    """What a change of duties does, on the first day from today on, on which it counts.

    ``pairs`` are the pairs of a place and a category that change owners; ``opened`` and
    ``closed`` count faults in pairs. ``cases`` are the open cases that a reroute by that day's
    duties would give to others than without the change. ``seen`` names all this, except for
    the cases: it is the same again if nothing changes meanwhile.
    """

    change: DutyChange
    notes: tuple[str, ...]
    ended: tuple[tuple[Duty, Duty], ...]
    day: date
    edition: int
    leaf: str | None
    pairs: int
    effects: tuple[EffectPlaces, ...]
    opened: Mapping[FindingKind, int]
    closed: Mapping[FindingKind, int]
    cases: Reroute
    seen: str


def preview_change(
    conn: Connection, stated: StatedChange, *, rules: JudgingRules, today: date
) -> DutyPreview:
    """Store a change, look at what it does, and roll it back.

    Raises
    ------
    FieldsError
        with everything that is wrong, by field
    EditionError
        when no edition is in force on the day from which the change counts
    """
    read = read_change(conn, stated, rules.tz)
    change, stored = read.change, read.stored
    day = change.first_day(today)
    ground = DutyGround.load(conn, day, tz=rules.tz)
    before = {duty.id: duty for duty in stored}
    ended = tuple((before[after.id], after) for after in change.applied(stored))
    disposing = [
        duty
        for duty in (*change.new, *(old for old, _ in ended))
        if duty.role is DutyRole.DISPOSE
    ]
    places = _places(ground, stored, disposing)
    routes = _routes(conn, ground, rules, disposing, places)
    routed = None if routes is None else routes.routed(day)
    # The change itself, rolled back: effects computed in another way could differ from it.
    with rehearsal(conn):
        store_change(conn, change, actor="")
        changed = store.list_duties(conn)
        then = None if routes is None else routes.routed(day)
    found = duty_effects(
        ground.book(stored), ground.book(changed), places, _about(ground, disposing), day
    )
    compress = Compression(list(ground.chain_of.values()))
    effects = tuple(
        _with_places(one.change, one.categories, one.places, ground, compress)
        for one in found.effects
    )
    return DutyPreview(
        change=change,
        notes=read.notes,
        ended=ended,
        day=day,
        edition=ground.edition,
        leaf=ground.leaf,
        pairs=found.pairs,
        effects=effects,
        opened=found.opened,
        closed=found.closed,
        cases=_moves(ground.edition, routed or {}, then or {}),
        seen=_digest(change, ended, ground.edition, found),
    )


def change_duties(
    conn: Connection,
    stated: StatedChange,
    *,
    rules: JudgingRules,
    today: date,
    actor: str,
    seen: str | None = None,
) -> DutyPreview:
    """Store a change, and return what it does.

    One change or import of duties runs at a time.

    Parameters
    ----------
    seen : what the person saw that it does (`DutyPreview.seen`); None: whatever it does

    Raises
    ------
    OutdatedPreviewError
        when it would do something else by now than was seen; nothing is stored
    FieldsError, EditionError
        as `preview_change`
    """
    wait_for_turn(conn)
    preview = preview_change(conn, stated, rules=rules, today=today)
    if seen not in (None, preview.seen):
        raise OutdatedPreviewError
    store_change(conn, preview.change, actor=actor)
    return preview


_ON_AREAS = (DutyTarget.AREA, DutyTarget.GROUP)


def _key(duty: Duty) -> TargetKey:
    return duty.target, duty.level, duty.target_code


def _places(
    ground: DutyGround, stored: Sequence[Duty], changing: Sequence[Duty]
) -> dict[PlaceKey, Surroundings]:
    """Return every place at which one of these duties points."""
    touched = set(map(_key, changing))
    if not touched:
        return {}
    finder = ground.book(stored).finder
    found: dict[PlaceKey, Surroundings] = {}
    for leaf, chain in ground.chain_of.items():
        there = Surroundings(chain)
        if any(here.key in touched for here in finder.at(there, ground.day)):
            found[DutyTarget.AREA.value, leaf] = there
    for codes in ground.zone_sets:
        if any((DutyTarget.ZONE, None, code) in touched for code in codes):
            found[DutyTarget.ZONE.value, *codes] = Surroundings((), zones=codes)
    for code in ground.road_segments:
        if (DutyTarget.ROAD_SEGMENT, None, code) in touched:
            segments = ((code, 0.0),)
            found[DutyTarget.ROAD_SEGMENT.value, code] = Surroundings((), (), segments)
    return found


def _about(ground: DutyGround, changing: Sequence[Duty]) -> list[str]:
    """Return the mapped categories that one of these duties is about."""
    if any(duty.categories is None for duty in changing):
        return list(ground.categories)
    named = frozenset[str]().union(*(duty.categories or () for duty in changing))
    return [category for category in ground.categories if category in named]


def _digest(
    change: DutyChange,
    ended: Sequence[tuple[Duty, Duty]],
    edition: int,
    found: DutyEffects,
) -> str:
    """Return a name of what a change does, other than to cases, which come every minute."""
    told = [
        [dict(described(duty)) for pair in ended for duty in pair],
        [dict(described(duty)) for duty in change.new],
        [found.day.isoformat(), edition, found.effects],
        [sorted(found.opened.items()), sorted(found.closed.items())],
    ]
    return sha256(json.dumps(told, default=vars).encode()).hexdigest()[:32]


def _routes(
    conn: Connection,
    ground: DutyGround,
    rules: JudgingRules,
    changing: Sequence[Duty],
    places: Iterable[PlaceKey],
) -> OpenCaseRoutes | None:
    """Return the open cases that the change may move; None if it can move none."""
    if not changing:
        return None
    leaves = None
    if all(duty.target in _ON_AREAS for duty in changing):
        leaves = {key[1] for key in places if key[0] == DutyTarget.AREA}
    return OpenCaseRoutes(conn, movable_cases(conn), ground.edition, rules, leaves)


def _moves(
    edition: int, before: Mapping[str, CaseDisposer], after: Mapping[str, CaseDisposer]
) -> Reroute:
    found = Reroute(edition)
    for case_no, there in sorted(after.items()):
        was = before[case_no]
        found.add(case_no, fate_of(was, there), (was.responder, there.responder))
    return found


def _with_places(
    change: OwnerChange,
    categories: tuple[str, ...],
    keys: Sequence[PlaceKey],
    ground: DutyGround,
    compress: Compression,
) -> EffectPlaces:
    kinds = Counter(key[0] for key in keys)
    target = DutyTarget(keys[0][0])
    chains = [ground.chain_of[key[1]] for key in keys if key[0] == DutyTarget.AREA]
    whole, leaves = compress.grouped(chains)
    places = tuple(" + ".join(key[1:]) for key in keys if key[0] != DutyTarget.AREA)
    return EffectPlaces(change, categories, target, whole, leaves, places, kinds.total())
