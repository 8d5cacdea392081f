"""Conflicts of a draft in words and as values: base, mine and theirs of what both changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from gridmgmt.geometry.merging.divergence import BorderVersions, Diverged, Divergence
from gridmgmt.sentence import Sentence

# Says who changed an area of a level on the other side, None if nobody knows.
Who = Callable[[str, tuple[str, ...]], str | None]

THIS_DRAFT = Sentence("this draft")


@dataclass(frozen=True)
class Conflict:
    """Something that a draft and others changed differently; ``by`` says who and when.

    ``mine`` is what the one side is called: the draft, or a file that was made of it.
    """

    divergence: Divergence
    by: str | None
    mine: Sentence = THIS_DRAFT

    def sentence(self) -> Sentence:
        """Return what was changed, where, by how much, and by whom."""
        told = _told(self.divergence, self.mine)
        return told if self.by is None else Sentence("{}; the other change: {}", told, self.by)

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
    divergences: Iterable[Divergence], who: Who, mine: Sentence = THIS_DRAFT
) -> list[Conflict]:
    """Return divergences with who was on the other side, and what this one is called."""
    return [Conflict(one, who(one.level, one.codes), mine) for one in divergences]


def who_of(known: Mapping[tuple[str, str], str]) -> Who:
    """Return who changed areas, from who changed each: level and code -> words."""

    def who(level: str, codes: tuple[str, ...]) -> str | None:
        found = dict.fromkeys(known[level, one] for one in codes if (level, one) in known)
        return ", ".join(found) or None

    return who


def _told(one: Divergence, mine: Sentence) -> Sentence:
    codes = ", ".join(one.codes)
    if one.borders is not None:
        place = one.borders.place
        return Sentence(
            "{} {}: the border at {} {} was redrawn by both: {} moves it over {} m², the"
            " other change over {} m²",
            one.level,
            codes,
            f"{place.x:.7f}",
            f"{place.y:.7f}",
            mine,
            f"{one.borders.mine_m2:,.2f}",
            f"{one.borders.theirs_m2:,.2f}",
        )
    if one.values is not None:
        base, changed, theirs = (
            "–" if value is None else repr(value)
            for value in (one.values.base, one.values.mine, one.values.theirs)
        )
        values = (base, mine, changed, theirs)
        if one.matter is Diverged.NAME:
            return Sentence(
                "{} {}: the name was {}, {} has {}, the other change {}",
                one.level,
                codes,
                *values,
            )
        if one.matter is Diverged.ATTRIBUTE:
            return Sentence(
                "{} {}: the attribute was {}, {} has {}, the other change {}",
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
    if one.matter is Diverged.CODE:
        return Sentence("{} {}: both gave this code to a new area", one.level, codes)
    return Sentence("{} {}: one side retired it, the other changed it", one.level, codes)


def _borders_json(borders: BorderVersions) -> dict[str, Any]:
    lines = {"base": borders.base, "mine": borders.mine, "theirs": borders.theirs}
    return {
        **{name: shapely.geometry.mapping(line) for name, line in lines.items()},
        "mine_m2": borders.mine_m2,
        "theirs_m2": borders.theirs_m2,
        "at": [borders.place.x, borders.place.y],
    }
