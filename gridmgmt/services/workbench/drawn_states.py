"""The state of a draft as the features of an edited file draw it.

What an editor does without changing anything is no change: other numbers of features, rings
that begin elsewhere or turn round, heights, columns dropped or added.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.attributes import with_values
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.draft_features import DrawnFeature, DrawnLevel
from gridmgmt.geometry.coverage.changes import same_ground
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.ground_edits import NewCodes, west_to_east
from gridmgmt.geometry.editing.outline import Outline, Ring, outline_of
from gridmgmt.geometry.editing.rings import once_around
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence


@dataclass(frozen=True)
class Drawn:
    """The state that a file draws, with notes on what was made of its features."""

    state: EditState
    notes: tuple[str, ...]


def drawn_state(
    exported: EditState,
    levels: Sequence[DrawnLevel],
    path: Path,
    new_codes: Callable[[EditState], NewCodes],
) -> Drawn:
    """Return the state of a draft with what was changed in a file of it.

    Of several features with one code, as a split leaves them, the largest keeps it. The others,
    and features without a code, get new ones within their parent, from west to east and then
    from north to south. A feature with a new code and the ground of an area that is gone is
    that area under another code. A blank name or parent is that of the area; a new area gets
    the parent that it overlaps most. An empty cell takes an attribute away, a column that is
    not there keeps it.

    Parameters
    ----------
    exported : the state of which the file was made; what the file leaves out stays

    Raises
    ------
    LayerError
        naming every new feature without a name
    InputError
        when new codes cannot be numbered
    """
    state, notes, problems = exported, [], []
    recoded: dict[str, str] = {}
    for one in levels:
        drawn = _Level(exported, state, one, recoded)
        problems += drawn.problems
        if drawn.problems:
            continue
        state = drawn.made(new_codes)
        notes += [*one.notes, *drawn.notes]
        recoded = drawn.recoded
    if problems:
        raise LayerError(
            path,
            Sentence("{} new feature(s) cannot become areas", len(problems)),
            problems=problems,
            remedy=Sentence("correct these features in the file and import it again"),
        )
    # What is so of all levels is one note.
    return Drawn(state, tuple(dict.fromkeys(notes)))


@dataclass
class _Level:
    """The features of a level beside its areas as they were exported."""

    exported: EditState
    state: EditState
    drawn: DrawnLevel
    # Areas of the level above that have another code: the old one -> the new one.
    parents: dict[str, str]
    notes: list[str] = field(default_factory=list)
    recoded: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.level = self.drawn.level
        self._kept: dict[str, DrawnFeature] = {}
        self._pieces: list[DrawnFeature] = []
        self._codes_of_pieces: dict[int, str] = {}
        self._sort()
        self._same = self._unchanged()
        self._find_recoded()

    @property
    def problems(self) -> list[str]:
        """Return what is wrong with new features."""
        new = [one for code, one in self._kept.items() if self._stood(code) is None]
        return [
            Sentence("feature {} is new and has no name", one.number)
            for one in (*new, *self._pieces)
            if one.name is None
        ]

    def made(self, new_codes: Callable[[EditState], NewCodes]) -> EditState:
        """Return the state with the level as it is drawn; `notes` are known then."""
        named = [self._named(code, one) for code, one in sorted(self._kept.items())]
        gone = [
            area
            for code in sorted(self.exported.codes(self.level))
            if code not in self._kept and (area := self._stood(code)) is not None
        ]
        state = self.state.having(
            [one for one in named if one is not self._stood(one.code)], without=gone
        )
        return self._with_pieces(state, new_codes)

    def _stood(self, code: str) -> DraftArea | None:
        return self.exported.get(self.level, code)

    def _sort(self) -> None:
        by_code: dict[str, list[DrawnFeature]] = defaultdict(list)
        for one in self.drawn.features:
            if one.code is None:
                self._pieces.append(one)
            else:
                by_code[one.code].append(one)
        for code, several in by_code.items():
            m2 = area_m2([one.ground for one in several])
            largest = int(np.argmax(m2))
            self._kept[code] = several[largest]
            others = [one for n, one in enumerate(several) if n != largest]
            self._pieces += others
            self._codes_of_pieces.update((one.number, code) for one in others)

    def _unchanged(self) -> set[str]:
        """Return the codes of areas with just the ground that they had."""
        codes = [code for code in self._kept if self._stood(code) is not None]
        then = objects(self.exported.area(self.level, code).shape for code in codes)
        now = objects(self._kept[code].ground for code in codes)
        same = same_ground(then, now) if codes else np.empty(0, dtype=np.bool_)
        return {code for code, is_same in zip(codes, same.tolist(), strict=True) if is_same}

    def _find_recoded(self) -> None:
        gone = {
            shapely.to_wkb(shapely.normalize(area.shape)): code
            for code in self.exported.codes(self.level)
            if code not in self._kept and (area := self._stood(code)) is not None
        }
        for code, one in self._kept.items():
            if gone and self._stood(code) is None:
                old = gone.get(shapely.to_wkb(shapely.normalize(one.ground)))
                if old is not None:
                    self.recoded[old] = code
                    self.notes.append(Sentence("{} {} got the code {}", self.level, old, code))

    def _named(self, code: str, one: DrawnFeature) -> DraftArea:
        stood = self._stood(code)
        if stood is None:
            old = next((o for o, new in self.recoded.items() if new == code), None)
            stood_as = None if old is None else self._stood(old)
            outline = _outline(one.ground) if stood_as is None else stood_as.outline
            values = with_values(
                {} if stood_as is None else stood_as.attributes, one.attributes
            )
            parent = self._parent(one, stood_as)
            return DraftArea(self.level, code, one.name, parent, outline, values)
        outline = stood.outline if code in self._same else _outline(one.ground)
        name, parent = one.name or stood.name, self._parent(one, stood)
        values = with_values(stood.attributes, one.attributes)
        stated = (name, parent, values)
        is_stated_so = stated == (stood.name, stood.parent_code, stood.attributes)
        if is_stated_so and outline is stood.outline:
            return stood
        return DraftArea(self.level, code, name, parent, outline, values)

    def _piece(self, code: str, one: DrawnFeature, parent: str | None) -> DraftArea:
        # A piece of an area has its attributes, as after a split.
        of = self._stood(self._codes_of_pieces.get(one.number, ""))
        values = with_values({} if of is None else of.attributes, one.attributes)
        return DraftArea(self.level, code, one.name, parent, _outline(one.ground), values)

    def _parent(self, one: DrawnFeature, stood: DraftArea | None) -> str | None:
        given = one.parent
        if given is None and stood is not None:
            given = stood.parent_code
        if given is not None:
            return self.parents.get(given, given)
        return self._overlapped(one)

    def _overlapped(self, one: DrawnFeature) -> str | None:
        """Return the area of the level above that a feature lies in by the largest part."""
        above = self.state.level_above(self.level)
        if above is None:
            return None
        probe = DraftArea(self.level, "", None, None, _outline(one.ground))
        near = self.state.near(above, probe.box)
        if not near:
            return None
        ground = shapely.make_valid(one.ground)
        shared = area_m2(
            [shapely.intersection(ground, shapely.make_valid(area.shape)) for area in near]
        )
        best = int(np.argmax(shared))
        return near[best].code if shared[best] > 0 else None

    def _with_pieces(
        self, state: EditState, new_codes: Callable[[EditState], NewCodes]
    ) -> EditState:
        by_parent: dict[str | None, list[DrawnFeature]] = defaultdict(list)
        for one in self._pieces:
            by_parent[self._parent(one, None)].append(one)
        for parent, several in sorted(by_parent.items(), key=lambda item: item[0] or ""):
            several.sort(key=lambda one: west_to_east(one.ground))
            codes = new_codes(state)(self.level, parent, len(several))
            state = state.having(
                self._piece(code, one, parent) for code, one in zip(codes, several, strict=True)
            )
            for code, one in zip(codes, several, strict=True):
                of = self._codes_of_pieces.get(one.number)
                said = Sentence("feature {} is {} {}", one.number, self.level, code)
                if of is not None:
                    said = Sentence(
                        "feature {} has the code {} too, as after a split: it is {} {}",
                        one.number,
                        of,
                        self.level,
                        code,
                    )
                self.notes.append(said)
        return state


def _outline(ground: shapely.MultiPolygon) -> Outline:
    return tuple(tuple(map(_once, part)) for part in outline_of(ground))


def _once(ring: Ring) -> Ring:
    made = once_around(ring)
    # What is no ring without them is told as it was drawn.
    return made if len(made) > 2 else ring
