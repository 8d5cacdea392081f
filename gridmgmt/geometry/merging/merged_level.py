"""Put together what two sides changed of the areas of a level."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import count

from gridmgmt.domain.areas.allowed_gaps import with_gaps, without_gaps
from gridmgmt.domain.areas.attributes import GAPS, Attributes, as_text, with_values
from gridmgmt.geometry.editing.chain import Chain, outline_from, total
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState, ground_of
from gridmgmt.geometry.editing.edits import changed_codes, same_area
from gridmgmt.geometry.editing.rings import together
from gridmgmt.geometry.merging.divergence import Diverged, Divergence, Take, Versions
from gridmgmt.geometry.merging.edge_changes import Meetings, Pair, SideEdges
from gridmgmt.geometry.merging.gap_changes import gaps_together
from gridmgmt.geometry.merging.upper_grounds import UpperGrounds, as_known

Stretches = AbstractSet[int]

# Stands for the changes of a side that redrew nothing; those of `_link_retired` come after it.
_NO_STRETCH = -1


class MergedLevel:
    """The changes of both sides at a level; ``state`` has the levels below put together.

    ``whole`` are areas of which everything is as the side has it that is taken.
    """

    def __init__(
        self,
        level: str,
        base: EditState,
        mine: EditState,
        theirs: EditState,
        state: EditState,
        take: Take | None,
        whole: frozenset[str],
    ) -> None:
        self._level, self._state, self._take = level, state, take
        self._whole = whole
        taken = (mine, theirs) if take is Take.MINE else (theirs, mine)
        self._kept = self._kept_parents(base, *taken)
        self._sides = base, mine, theirs
        self._mine_codes = frozenset(changed_codes(base, mine, level))
        self._their_codes = frozenset(changed_codes(base, theirs, level))
        self._both = self._mine_codes & self._their_codes
        self._following = UpperGrounds(level, base, mine, theirs, state).outlines
        self._follow = frozenset(self._following)
        self._codes = sorted(self._mine_codes | self._their_codes | self._follow)
        self.divergences: list[Divergence] = []
        # Two new areas of one code are two areas, not two versions of one.
        self._twice = frozenset(code for code in self._both if self._is_twice(code))
        self._mine = self._edges(mine, self._mine_codes)
        self._theirs = self._edges(theirs, self._their_codes)
        self._meetings = Meetings(self._mine, self._theirs, self._follow)

    def put_together(self) -> EditState:
        """Return the state with the level put together; `divergences` are known then."""
        self._link_retired()
        self._link_unclosed()
        self._link_whole()
        groups = self._meetings.groups
        if self._take is None:
            self.divergences += [
                Divergence(
                    Diverged.BORDER,
                    self._level,
                    self._meetings.codes_of(one),
                    borders=self._meetings.versions(one),
                )
                for one in groups
                if min(one.mine) >= 0 and min(one.theirs) >= 0
            ]
        taken = self._take or Take.THEIRS
        drop_mine = {n for one in groups for n in one.mine if taken is Take.THEIRS}
        drop_theirs = {n for one in groups for n in one.theirs if taken is Take.MINE}
        made: dict[str, DraftArea | None] = {}
        for code in self._codes:
            made[code] = self._area(code, drop_mine, drop_theirs)
        gone = [area for code in made if made[code] is None and (area := self._now(code))]
        return self._state.having(
            [one for one in made.values() if one is not None], without=gone
        )

    def _kept_parents(
        self, base: EditState, kept: EditState, other: EditState
    ) -> frozenset[str]:
        """Return the areas above that stay because the side that retired them is not taken.

        What lay in them does not go elsewhere then either.
        """
        above = base.level_above(self._level)
        if self._take is None or above is None:
            return frozenset()
        return frozenset(
            code
            for code in changed_codes(base, kept, above)
            if base.get(above, code) and kept.get(above, code) and not other.get(above, code)
        )

    def _now(self, code: str) -> DraftArea | None:
        return self._state.get(self._level, code)

    def _three(self, code: str) -> tuple[DraftArea | None, DraftArea | None, DraftArea | None]:
        base, mine, theirs = (one.get(self._level, code) for one in self._sides)
        return base, mine, theirs

    def _is_twice(self, code: str) -> bool:
        base, mine, theirs = self._three(code)
        if base is not None or mine is None or theirs is None or same_area(mine, theirs):
            return False
        self.divergences.append(Divergence(Diverged.CODE, self._level, (code,)))
        return True

    def _edges(self, side: EditState, codes: frozenset[str]) -> SideEdges:
        base = self._sides[0]
        pairs: dict[str, Pair] = {
            code: (base.get(self._level, code), side.get(self._level, code))
            for code in sorted(codes - self._twice)
        }
        return SideEdges(pairs)

    def _link_retired(self) -> None:
        """Let the edges of an area that one side retired meet those the other changed of it."""
        # A side that only renamed the area has no edges: a stretch of its own stands for that.
        name = count(_NO_STRETCH - 1, -1)
        for code in sorted(self._both):
            base, mine, theirs = self._three(code)
            if base is None or (mine is None) == (theirs is None):
                continue
            if self._take is None:
                self.divergences.append(Divergence(Diverged.RETIRED, self._level, (code,)))
            one, other = self._mine.stretches_of(code), self._theirs.stretches_of(code)
            self._meetings.link(one or {next(name)}, other or {next(name)})

    def _link_unclosed(self) -> None:
        """Let what both changed of an area meet if it does not enclose a ground together."""
        for code in sorted(self._both - self._twice - self._follow):
            one, other = self._mine.stretches_of(code), self._theirs.stretches_of(code)
            if not one or not other:
                continue
            try:
                outline_from(self._chain(code, frozenset(), frozenset()))
            except EditError:
                shared = [two.edge.ends for two in self._meetings.same if two.code == code]
                edges = together(shared)
                self._meetings.link(
                    self._mine.stretches_with(edges) or one,
                    self._theirs.stretches_with(edges) or other,
                )

    def _link_whole(self) -> None:
        """Let everything meet that either side changed of areas that one side alone draws."""
        if not self._whole:
            return
        one, other = (
            {n for code in self._whole for n in side.stretches_of(code)}
            for side in (self._mine, self._theirs)
        )
        # Also where the other side changed no border: it is named after no stretch.
        self._meetings.link(one or {_NO_STRETCH}, other or {_NO_STRETCH})

    def _chain(self, code: str, drop_mine: Stretches, drop_theirs: Stretches) -> Chain:
        """Return the edges around the ground of an area, without some of the changes."""
        base = self._sides[0].get(self._level, code)
        twice = [
            -one.edge
            for one in self._meetings.same
            if one.code == code and one.mine not in drop_mine and one.theirs not in drop_theirs
        ]
        parts = [self._mine.of(code, drop_mine), self._theirs.of(code, drop_theirs), *twice]
        return total([ground_of(base), *parts])

    def _area(
        self, code: str, drop_mine: Stretches, drop_theirs: Stretches
    ) -> DraftArea | None:
        base, mine, theirs = self._three(code)
        if code in self._twice:
            return theirs
        # A side that is not taken here has the area as it was.
        mine_drops = bool(self._mine.stretches_of(code) & drop_mine)
        their_drops = bool(self._theirs.stretches_of(code) & drop_theirs)
        if base is not None:
            if (mine is None and not mine_drops) or (theirs is None and not their_drops):
                return None
            mine, theirs = mine or base, theirs or base
        known = theirs or mine
        assert known is not None
        versions = [one for one in (theirs, mine, base) if one]
        if code in self._follow:
            outline = self._following[code]
        elif not (mine_drops or their_drops) and (code not in self._both or base is None):
            outline = (mine if code in self._mine.known and mine else known).outline
        else:
            chain = self._chain(code, drop_mine, drop_theirs)
            outline = as_known(chain, versions)
        if not outline and base is None:
            return None
        if base is None or mine is None or theirs is None:
            return replace(known, parent_code=self._parent_of_new(known), outline=outline)
        name = self._value(Diverged.NAME, code, Versions(base.name, mine.name, theirs.name))
        parents = Versions(base.parent_code, mine.parent_code, theirs.parent_code)
        parent = self._parent(code, parents)
        values = self._attributes(code, base.attributes, mine.attributes, theirs.attributes)
        return replace(known, name=name, parent_code=parent, outline=outline, attributes=values)

    def _parent_of_new(self, area: DraftArea) -> str | None:
        """Return the parent of a new area, whose ground the other side may have moved away.

        A piece of an area that the other side put under another parent is of neither.
        """
        base, mine, theirs = self._sides
        is_mine = theirs.get(self._level, area.code) is None
        other = theirs if is_mine else mine
        moved = self._mine_codes if not is_mine else self._their_codes
        place = area.shape.representative_point()
        for one in base.near(self._level, area.box):
            now = other.get(self._level, one.code) if one.code in moved else None
            if now is None or now.parent_code in (one.parent_code, area.parent_code):
                continue
            if one.parent_code != area.parent_code or not one.shape.covers(place):
                continue
            sides = (area.parent_code, now.parent_code)
            versions = Versions(one.parent_code, *(sides if is_mine else sides[::-1]))
            return self._told(Diverged.PARENT, area.code, versions)
        return area.parent_code

    def _parent(self, code: str, parents: Versions) -> str | None:
        if code in self._whole or parents.base in self._kept:
            return self._told(Diverged.PARENT, code, parents)
        return self._value(Diverged.PARENT, code, parents)

    def _value(self, matter: Diverged, code: str, values: Versions) -> str | None:
        if values.mine in (values.base, values.theirs):
            return values.theirs
        if values.theirs == values.base:
            return values.mine
        return self._told(matter, code, values)

    def _attributes(
        self, code: str, base: Attributes, mine: Attributes, theirs: Attributes
    ) -> Attributes:
        """Return the attributes that only one side changed, or that were to be taken."""
        sides = base, mine, theirs
        gaps, collide = gaps_together(*sides, self._take)
        found = with_gaps(without_gaps(mine if self._take is Take.MINE else theirs), gaps)
        told = [GAPS] if collide else []
        for name in sorted({*base, *mine, *theirs} - {GAPS}):
            was, is_mine, is_theirs = (one.get(name) for one in sides)
            if is_theirs == was:
                found = with_values(found, {name: is_mine})
            elif is_mine == was:
                found = with_values(found, {name: is_theirs})
            elif is_mine != is_theirs:
                told.append(name)
        for name in told:
            versions = (as_text({name: one[name]}) if name in one else None for one in sides)
            self._told(Diverged.ATTRIBUTE, code, Versions(*versions))
        return found

    def _told(self, matter: Diverged, code: str, values: Versions) -> str | None:
        if self._take is None:
            self.divergences.append(Divergence(matter, self._level, (code,), values))
        return values.mine if self._take is Take.MINE else values.theirs
