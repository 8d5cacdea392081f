"""Find the differences between two states of a level, as changes that can be applied."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely

from gridmgmt.arrays import BoolArray, GeometryArray, ObjectArray, objects
from gridmgmt.domain.areas.draft import Action
from gridmgmt.geometry.coverage.level_areas import LevelAreas


@dataclass(frozen=True)
class LevelChanges:
    """The changes of k codes of one level, codes ascending.

    ``actions`` are `Action`; ``names``, ``parent_codes`` and ``geoms`` are None for a drop, and
    it has no ``attributes``.
    """

    level: str
    actions: ObjectArray
    codes: ObjectArray
    names: ObjectArray
    parent_codes: ObjectArray
    geoms: GeometryArray
    attributes: ObjectArray = field(default_factory=lambda: objects([]))

    def __post_init__(self) -> None:
        if not len(self.attributes):
            object.__setattr__(self, "attributes", objects({} for _ in self.codes))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def stated(self) -> LevelAreas:
        """Return the areas that the changes add or alter, as they state them."""
        rows = self.actions != Action.DROP
        return LevelAreas(
            self.level,
            self.codes[rows],
            self.names[rows],
            self.parent_codes[rows],
            self.geoms[rows],
            self.attributes[rows],
        )

    def count(self, action: Action) -> int:
        """Count the changes of one kind."""
        return int(np.count_nonzero(self.actions == action))

    def codes_of(self, *actions: Action) -> list[str]:
        """List the codes that are changed by one of these actions."""
        pairs = zip(self.actions, self.codes, strict=True)
        return [code for action, code in pairs if action in actions]


@dataclass(frozen=True)
class Alterations:
    """The differences of k codes that exist in both states, codes ascending."""

    codes: ObjectArray
    geometry: BoolArray
    name: BoolArray
    parent: BoolArray
    attributes: BoolArray

    @property
    def any(self) -> BoolArray:
        """Return for each code whether anything is different."""
        different: BoolArray = self.geometry | self.name | self.parent | self.attributes
        return different


def no_areas(level: str) -> LevelAreas:
    """Return a level without areas.

    Examples
    --------
    >>> len(no_areas("cell").codes)
    0
    """
    nothing = np.array([], dtype=object)
    return LevelAreas(level, nothing, nothing, nothing, nothing, nothing)


def pick(areas: LevelAreas, codes: Iterable[str]) -> LevelAreas:
    """Return the areas with these codes, in ascending order; unknown codes are skipped.

    Examples
    --------
    >>> codes = np.array(["B", "A"], dtype=object)
    >>> pick(LevelAreas("cell", codes, codes, codes, codes), ["A", "B", "C"]).codes.tolist()
    ['A', 'B']
    """
    wanted = set(codes)
    keep = [i for i, code in enumerate(areas.codes) if code in wanted]
    keep.sort(key=lambda i: str(areas.codes[i]))
    return LevelAreas(
        areas.level,
        areas.codes[keep],
        areas.names[keep],
        areas.parent_codes[keep],
        areas.geoms[keep],
        areas.attributes[keep],
    )


def joined(one: LevelAreas, other: LevelAreas) -> LevelAreas:
    """Return the areas of both, which have no code in common, in ascending order."""
    both = LevelAreas(
        one.level,
        np.concatenate([one.codes, other.codes]),
        np.concatenate([one.names, other.names]),
        np.concatenate([one.parent_codes, other.parent_codes]),
        np.concatenate([one.geoms, other.geoms]),
        np.concatenate([one.attributes, other.attributes]),
    )
    return pick(both, both.codes)


def alterations(old: LevelAreas, new: LevelAreas) -> Alterations:
    """Compare the areas that exist in both states.

    Two geometries are equal if they have the same vertices, whatever the start of a ring and
    the order of parts and rings. Both are on the storage grid.
    """
    common = set(old.codes) & set(new.codes)
    before, after = pick(old, common), pick(new, common)
    return Alterations(
        codes=before.codes,
        geometry=~same_ground(before.geoms, after.geoms),
        name=before.names != after.names,
        parent=before.parent_codes != after.parent_codes,
        attributes=before.attributes != after.attributes,
    )


def difference(old: LevelAreas, new: LevelAreas) -> LevelChanges:
    """Return the changes that lead from one state of a level to another.

    An area with the same name, parent, attributes and geometry is no change.

    Parameters
    ----------
    old, new : the same level, each code at most once

    Examples
    --------
    >>> def cells(**geoms):
    ...     codes = np.array(list(geoms), dtype=object)
    ...     return LevelAreas("cell", codes, codes, codes, np.array(list(geoms.values())))
    >>> one, other = shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 2)
    >>> found = difference(cells(A=one, B=one, C=one), cells(A=one, B=other, D=one))
    >>> [(str(action), code) for action, code in zip(found.actions, found.codes)]
    [('alter', 'B'), ('drop', 'C'), ('add', 'D')]
    """
    altered = alterations(old, new)
    actions = dict.fromkeys(set(old.codes) - set(new.codes), Action.DROP)
    actions |= dict.fromkeys(set(new.codes) - set(old.codes), Action.ADD)
    actions |= dict.fromkeys(altered.codes[altered.any], Action.ALTER)
    codes = sorted(actions)
    row = {code: i for i, code in enumerate(new.codes)}

    def given(values: ObjectArray) -> ObjectArray:
        return objects([values[row[code]] if code in row else None for code in codes])

    return LevelChanges(
        level=new.level,
        actions=objects([actions[code] for code in codes]),
        codes=objects(codes),
        names=given(new.names),
        parent_codes=given(new.parent_codes),
        geoms=given(new.geoms),
        attributes=objects(
            [new.attributes[row[code]] if code in row else {} for code in codes]
        ),
    )


def applied(base: LevelAreas, changes: LevelChanges) -> LevelAreas:
    """Apply changes to a state of a level; this is the reverse of `difference`.

    A change wins over the base, whatever its action: an added code that already exists is
    replaced, and a dropped code that does not exist stays absent.

    Returns
    -------
    codes ascending; may be empty
    """
    changed = set(changes.codes)
    rest = pick(base, set(base.codes) - changed)
    return joined(rest, changes.stated)


def same_ground(one: GeometryArray, other: GeometryArray) -> BoolArray:
    """Compare polygons pairwise by their vertices; the order of rings and parts is ignored.

    Examples
    --------
    >>> square = shapely.box(0, 0, 1, 1)
    >>> same_ground(np.array([square]), np.array([square.reverse()])).tolist()
    [True]
    """
    left = shapely.normalize(as_multipolygons(one))
    right = shapely.normalize(as_multipolygons(other))
    same: BoolArray = shapely.equals_exact(left, right, tolerance=0.0)
    return same


def as_multipolygons(geoms: GeometryArray) -> GeometryArray:
    """Convert polygons to multipolygons; None stays None.

    Examples
    --------
    >>> as_multipolygons(np.array([shapely.box(0, 0, 1, 1)]))[0].geom_type
    'MultiPolygon'
    """
    wrapped = np.array(geoms, dtype=object)
    single = np.flatnonzero(shapely.get_type_id(wrapped) == shapely.GeometryType.POLYGON)
    wrapped[single] = shapely.multipolygons(wrapped[single], indices=np.arange(len(single)))
    wrapped[single[shapely.is_empty(wrapped[single])]] = shapely.MultiPolygon()
    return wrapped
