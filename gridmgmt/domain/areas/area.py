"""Levels and the codes of areas: street > community > cell, or whatever a city has."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence, joined

# The key of an area in duties, cases and statistics: its level and its code.
AreaKey = tuple[str, str]

# An area and the areas it lies in, the deepest first.
Chain = tuple[AreaKey, ...]

# The code of the parent of each area, by level from the topmost down, and by code.
Parents = Mapping[str, Mapping[str, str | None]]

LEVEL_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Level:
    """A level of the area tree; rank 0 is the topmost.

    ``code_pattern`` is a regular expression that codes should match in full; ``size_m2`` is the
    usual size of an area. Both only give warnings and forbid nothing. ``tolerance_m2`` is for
    overlaps, gaps and overhangs of this level; None is the tolerance of the check.
    """

    name: str
    rank: int
    name_zh: str
    name_en: str
    code_pattern: str | None = None
    size_m2: float | None = None
    tolerance_m2: float | None = None


def ordered_levels(levels: Sequence[Level]) -> list[Level]:
    """Return levels with their ranks; raise an error if they cannot form one tree.

    Raises
    ------
    InputError
        naming every invalid or duplicate name and every pattern that is not a regular
        expression

    Examples
    --------
    >>> [level.rank for level in ordered_levels([Level("ward", 7, "选区", "Ward")])]
    [0]
    """
    problems: list[str] = []
    seen: set[str] = set()
    for level in levels:
        problems += level_problems(level, seen)
        seen.add(level.name)
    if not levels:
        problems.append(Sentence("no level at all"))
    if problems:
        raise InputError(field="levels", message=joined("; ", problems))
    return [replace(level, rank=rank) for rank, level in enumerate(levels)]


def level_problems(level: Level, earlier: Collection[str]) -> list[str]:
    """Return what is wrong with a level's name and pattern, given the names before it.

    Examples
    --------
    >>> level_problems(Level("ward", 0, "选区", "Ward"), {"ward"})
    ["'ward' is named twice"]
    """
    problems: list[str] = []
    if not LEVEL_NAME.fullmatch(level.name):
        problems.append(
            Sentence("{} is not lower-case letters, digits and _", repr(level.name))
        )
    if level.name in earlier:
        problems.append(Sentence("{} is named twice", repr(level.name)))
    return [*problems, *pattern_problems(level)]


def pattern_problems(level: Level) -> list[str]:
    """Return why a level's pattern is not a regular expression; [] if it is one."""
    try:
        re.compile(level.code_pattern or "")
    except re.error as error:
        pattern = repr(level.code_pattern)
        return [Sentence("{}: pattern {}: {}", repr(level.name), pattern, error)]
    return []


def chains_of(parents: Parents, level: str) -> dict[str, Chain]:
    """Return for each area of a level the areas it lies in.

    The parent lies at the nearest level above that has areas. A chain ends where no parent is
    stated, or there is none of that code. Empty if the level has no areas.

    Examples
    --------
    >>> chains_of({"street": {"A": None}, "cell": {"A1": "A", "B1": "B"}}, "cell")
    {'A1': (('cell', 'A1'), ('street', 'A')), 'B1': (('cell', 'B1'),)}
    """
    above: dict[str, Chain] = {}
    for name, here in parents.items():
        if not here:
            continue
        found = {
            code: ((name, code), *(above.get(parent, ()) if parent is not None else ()))
            for code, parent in here.items()
        }
        if name == level:
            return found
        above = found
    return {}
