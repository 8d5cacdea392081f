"""Conflicts of a draft in words and as values: base, mine and theirs of what both changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely

from gridmgmt.domain.areas.attributes import GAPS, AreaAttribute
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.merging.divergence import BorderVersions, Diverged, Divergence, Versions
from gridmgmt.sentence import Sentence

# Says who changed an area of a level on the other side, None if nobody knows.
Who = Callable[[str, tuple[str, ...]], str | None]

THIS_DRAFT = Sentence("this draft")


@dataclass(frozen=True)
class Conflict:
    """Something that a draft and others changed differently; ``by`` says who and when.

    ``names`` are those of its areas by code, ``title`` is what people call its attribute,
    ``mine`` the one side: the draft, or a file that was made of it.
    """

    divergence: Divergence
    by: str | None
    names: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    mine: Sentence = THIS_DRAFT

    def sentence(self) -> Sentence:
        """Return what was changed, where, by how much, and by whom."""
        told = self._told()
        return told if self.by is None else Sentence("{}; the other change: {}", told, self.by)

    def _told(self) -> Sentence:
        one = self.divergence
        codes = ", ".join(self._named(code) for code in one.codes)
        if one.borders is not None:
            place = one.borders.place
            return Sentence(
                "{} {}: the border at {} {} was redrawn by both: {} moves it over {} m², the"
                " other change over {} m²",
                one.level,
                codes,
                f"{place.x:.7f}",
                f"{place.y:.7f}",
                self.mine,
                f"{one.borders.mine_m2:,.2f}",
                f"{one.borders.theirs_m2:,.2f}",
            )
        if one.values is not None:
            return self._values_told(codes, one.values)
        if one.matter is Diverged.CODE:
            return Sentence("{} {}: both gave this code to a new area", one.level, codes)
        if one.matter is Diverged.EMPTIED:
            return Sentence(
                "{} {}: each side gives a part of it away, and nothing would be left of it",
                one.level,
                codes,
            )
        return Sentence("{} {}: one side retired it, the other changed it", one.level, codes)

    def _named(self, code: str) -> str:
        name = self.names.get(code, code)
        return code if name == code else f"{name} {code}"

    def _values_told(self, codes: str, versions: Versions) -> Sentence:
        one = self.divergence
        three: tuple[str | None, ...] = (versions.base, versions.mine, versions.theirs)
        if one.matter is Diverged.ATTRIBUTE:
            # Each is written with the name of the attribute before it.
            three = tuple(value and value.partition("=")[2] for value in three)
        base, changed, theirs = ("–" if value is None else repr(value) for value in three)
        values = (base, self.mine, changed, theirs)
        if one.matter is Diverged.ATTRIBUTE:
            return Sentence(
                "{} {}: {} was {}, {} has {}, the other change {}",
                one.level,
                codes,
                self.title or one.attribute,
                *values,
            )
        if one.matter is Diverged.NAME:
            return Sentence(
                "{} {}: the name was {}, {} has {}, the other change {}",
                one.level,
                codes,
                *values,
            )
        return Sentence(
            "{} {}: the parent was {}, {} has {}, the other change {}",
            one.level,
            codes,
            *values,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values, borders as GeoJSON geometries."""
        one = self.divergence
        found: dict[str, Any] = {
            "matter": one.matter.value,
            "level": one.level,
            "codes": list(one.codes),
            "by": self.by,
            "message": str(self.sentence()),
        }
        if one.values is not None:
            found |= vars(one.values)
        if one.borders is not None:
            found |= _borders_json(one.borders)
        return found


def conflicts(
    divergences: Iterable[Divergence],
    who: Who,
    states: Sequence[EditState],
    declared: Mapping[str, Mapping[str, AreaAttribute]],
    mine: Sentence = THIS_DRAFT,
) -> list[Conflict]:
    """Return divergences with who was on the other side.

    Parameters
    ----------
    states : have the names of areas; the first that has an area names it
    declared : attributes by level and name
    mine : what the one side is called
    """
    return [
        Conflict(
            one, who(one.level, one.codes), _names(one, states), _title(one, declared), mine
        )
        for one in divergences
    ]


def _names(one: Divergence, states: Sequence[EditState]) -> dict[str, str]:
    areas = {code: [state.get(one.level, code) for state in states] for code in one.codes}
    return {
        code: name
        for code, found in areas.items()
        if (name := next((area.name for area in found if area and area.name), None))
    }


def _title(one: Divergence, declared: Mapping[str, Mapping[str, AreaAttribute]]) -> str | None:
    if one.attribute is None:
        return None
    if one.attribute == GAPS:
        return Sentence("allowed gaps")
    known = declared.get(one.level, {}).get(one.attribute)
    return one.attribute if known is None else known.name_zh


def who_of(known: Mapping[tuple[str, str], str]) -> Who:
    """Return who changed areas, from who changed each: level and code -> words."""

    def who(level: str, codes: tuple[str, ...]) -> str | None:
        found = dict.fromkeys(known[level, one] for one in codes if (level, one) in known)
        return ", ".join(found) or None

    return who


def _borders_json(borders: BorderVersions) -> dict[str, Any]:
    lines = {"base": borders.base, "mine": borders.mine, "theirs": borders.theirs}
    return {
        **{name: shapely.geometry.mapping(line) for name, line in lines.items()},
        "mine_m2": borders.mine_m2,
        "theirs_m2": borders.theirs_m2,
        "at": [borders.place.x, borders.place.y],
    }
