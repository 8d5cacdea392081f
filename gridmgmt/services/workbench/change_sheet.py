"""The sheet on which a bureau tells in public what a draft changes about areas."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray
from gridmgmt.domain.areas.area import AreaKey, Chain, chains_of
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.errors import DraftError
from gridmgmt.exchange.change_sheets.change_sheet import ChangeKind, ChangeSheet, SheetArea
from gridmgmt.geometry.coverage.changes import LevelChanges, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts.alterations import Alteration, altered
from gridmgmt.services.workbench.impact_sides import area_sides, stated
from gridmgmt.services.workbench.sheet_maps import SEEN_M2, ChangedGround, DrawnGroups
from gridmgmt.store.areas.area_tree import shapes_of
from gridmgmt.store.areas.areas import area_names
from gridmgmt.store.areas.draft_edits import read_log
from gridmgmt.store.areas.draft_reviews import changes_digest
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.areas.editions import get_edition
from gridmgmt.store.areas.levels import list_levels

# Maps of more groups would be more than a notice board holds.
MOST_MAPS = 12


def change_sheet(
    conn: Connection,
    label: str,
    *,
    in_force: date | None = None,
    bureau: str = "",
    now: datetime,
    tz: ZoneInfo,
    most_maps: int = MOST_MAPS,
) -> ChangeSheet:
    """Return the sheet about a draft, published or not, compared with its base edition.

    Parameters
    ----------
    in_force : the day that is meant for the edition; of a published draft it is known
    now : when the sheet is made
    tz : whose days are told

    Raises
    ------
    NotFoundError
        when no draft has this label
    DraftError
        when it changes no area, or a day is given and it is published
    """
    draft = get_draft(conn, label)
    changed = _Changed(conn, draft)
    areas = list(changed.areas())
    if not areas:
        raise DraftError(
            Sentence("draft {} changes no area, so there is nothing to put up", repr(label))
        )
    log = read_log(conn, draft.id)
    drawn = changed.drawn
    return ChangeSheet(
        draft=draft,
        levels={one.name: one for one in changed.levels},
        places=changed.places(),
        in_force=_day(conn, draft, in_force, tz),
        edits=log[-1].number if log else 0,
        digest=changes_digest(conn, draft.id),
        made_at=now.astimezone(tz),
        bureau=bureau,
        areas=tuple(areas),
        given=tuple(one for ground in changed.grounds for one in ground.given),
        maps=tuple(drawn.maps(most_maps)),
        groups=len(drawn.groups),
    )


def _day(conn: Connection, draft: Draft, given: date | None, tz: ZoneInfo) -> date | None:
    if draft.edition is None:
        return given
    day = get_edition(conn, draft.edition).effective_from.astimezone(tz).date()
    if given is not None and given != day:
        raise DraftError(
            Sentence(
                "draft {} is published: edition {} is in force from {}",
                repr(draft.label),
                draft.edition,
                day,
            )
        )
    return day


class _Changed:
    """The areas that a draft changes, level by level, the deepest first."""

    def __init__(self, conn: Connection, draft: Draft) -> None:
        self._conn, self._edition = conn, draft.base_edition
        self.levels = list_levels(conn)
        self._changes = read_changes(conn, draft.id)
        self._sides = area_sides(conn, self._edition, self._changes)
        self._level = {
            one.name: _ChangedLevel(conn, self._edition, self._changes[one.name])
            for one in reversed(self.levels)
            if one.name in self._changes
        }
        self._chains = {
            level: tuple(chains_of(side.parents, level) for side in self._sides)
            for level in self._level
        }

    @cached_property
    def grounds(self) -> list[ChangedGround]:
        """Return the ground that changes at each level."""
        found: list[ChangedGround] = []
        first = 1
        for one in self._level.values():
            ground = ChangedGround.between(one.before, one.after, first)
            codes = one.elsewhere | ground.given_codes
            first += len(ground.given)
            if codes:
                found.append(ground.of(codes))
        return found

    @cached_property
    def drawn(self) -> DrawnGroups:
        """Return the groups of areas of which maps are drawn."""
        names = [one.name for one in self.levels]
        return DrawnGroups(self._conn, self._edition, self._changes, self.grounds, names)

    def areas(self) -> Iterator[SheetArea]:
        """Yield the areas that change, by level and code."""
        given = {ground.before.level: ground.given_codes for ground in self.grounds}
        for level, changed in self._level.items():
            before, after = self._chains[level]
            for one in changed.areas(given.get(level, frozenset())):
                old, new = before.get(one.code), after.get(one.code)
                upper = self._named(new or old or (), is_old=not new)
                if old and new and old[1:] != new[1:]:
                    yield replace(one, upper=upper, old_upper=self._named(old, is_old=True))
                else:
                    yield replace(one, upper=upper)

    def places(self) -> tuple[str, ...]:
        """Return the names of the deepest area in which all lie, or of the topmost ones.

        Those where borders move by hairs only are not named.
        """
        codes = {
            ground.before.level: {
                code
                for one in ground.given
                if one.m2 >= SEEN_M2
                for code in (one.from_code, one.to_code)
                if code is not None
            }
            for ground in self.grounds
        }
        chains = [
            chain[1:] or chain
            for level, changed in self._level.items()
            for side in self._chains[level]
            for code in changed.clearly_changed(codes.get(level, set()))
            if (chain := side.get(code))
        ]
        shared = set(chains[0]).intersection(*chains[1:]) if chains else set()
        deepest = next((key for key in chains[0] if key in shared), None) if chains else None
        keys = [deepest] if deepest else sorted({chain[-1] for chain in chains})
        return tuple(self._names[True].get(key) or self._names[False][key] for key in keys)

    def _named(self, chain: Chain, *, is_old: bool) -> tuple[str, ...]:
        return tuple(
            self._names[is_old].get(key) or self._names[not is_old].get(key) or key[1]
            for key in chain[1:]
        )

    @cached_property
    def _names(self) -> Mapping[bool, Mapping[AreaKey, str]]:
        """Return the names of the areas that are told, after (False) and before (True)."""
        keys = {
            key
            for level, changed in self._level.items()
            for side in self._chains[level]
            for code in changed.codes
            for key in side.get(code, ())
        }
        old = area_names(self._conn, self._edition or 0, sorted(keys))
        new = {
            (level, str(code)): name
            for level, changed in self._changes.items()
            for code, name in zip(changed.codes, changed.names, strict=True)
            if name is not None
        }
        return {True: old, False: {**old, **new}}


class _ChangedLevel:
    """The areas of a level that a draft changes, before and after, in valid outlines."""

    def __init__(self, conn: Connection, edition: int | None, changes: LevelChanges) -> None:
        self.level = changes.level
        before = shapes_of(conn, edition or 0, self.level, changes.codes)
        self._altered = {one.code: one for one in altered(before, changes.stated)}
        after = stated(changes, self.level)
        same = {*before.codes} & {*after.codes} - {*self._altered}
        self.before = pick(before, {*before.codes} - same)
        self.after = pick(after, {*after.codes} - same)
        self.codes = sorted({*self.before.codes, *self.after.codes})

    @property
    def elsewhere(self) -> set[str]:
        """Return the codes of areas that are new or gone, or lie in another area."""
        told = self._altered
        return {code for code in self.codes if code not in told or told[code].moved}

    def clearly_changed(self, seen: Set[str]) -> list[str]:
        """Return the codes of areas whose change somebody sees; ``seen``: that of ground."""
        told = self._altered
        clear = [
            code
            for code in self.codes
            if code in seen or code not in told or told[code].moved or told[code].renamed
        ]
        return clear or self.codes

    def areas(self, with_other_ground: Set[str]) -> Iterator[SheetArea]:
        """Yield the areas by code, without those in which they lie.

        What only gets a vertex on its border, where that of a neighbour ends now, is left out.
        """
        old, new = _by_code(self.before), _by_code(self.after)
        for code in self.codes:
            told = self._altered.get(code)
            kinds = _kinds(told, is_new=code not in old, redrawn=code in with_other_ground)
            if not kinds:
                continue
            name, m2 = new.get(code, (None, None))
            old_name, old_m2 = old.get(code, (None, None))
            yield SheetArea(
                self.level,
                code,
                name or old_name or "",
                kinds,
                (),
                old_m2,
                m2,
                old_name=old_name if told is not None and told.renamed else None,
            )


def _by_code(areas: LevelAreas) -> dict[str, tuple[str | None, float]]:
    m2: FloatArray = area_m2(areas.geoms)
    rows = zip(areas.codes, areas.names, m2.tolist(), strict=True)
    return {str(code): (name, size) for code, name, size in rows}


def _kinds(told: Alteration | None, *, is_new: bool, redrawn: bool) -> tuple[ChangeKind, ...]:
    if told is None:
        return (ChangeKind.NEW if is_new else ChangeKind.RETIRED,)
    kinds = {
        ChangeKind.REDRAWN: redrawn,
        ChangeKind.MOVED: told.moved,
        ChangeKind.RENAMED: told.renamed,
        ChangeKind.RESTATED: bool(told.attributes),
    }
    return tuple(kind for kind, is_so in kinds.items() if is_so)
