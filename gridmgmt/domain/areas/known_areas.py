"""The existing area codes, and the area that a person means by a code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gridmgmt.sentence import Sentence


@dataclass(frozen=True)
class KnownArea:
    """A code of a level; ``standing`` if the newest edition has it, else an older one."""

    level: str
    code: str
    standing: bool


class KnownAreas:
    """All areas of the editions that were not withdrawn.

    Parameters
    ----------
    levels : names of all levels, from the topmost down
    """

    def __init__(self, levels: Sequence[str], areas: Iterable[KnownArea]) -> None:
        self.levels = tuple(levels)
        self._standing: dict[str, list[str]] = {}
        self._older: dict[str, list[str]] = {}
        for area in areas:
            kind = self._standing if area.standing else self._older
            kind.setdefault(area.code, []).append(area.level)

    def with_standing(self, areas: Iterable[tuple[str, str]]) -> "KnownAreas":
        """Return them where other areas (level, code) stand, such as those of a draft.

        Examples
        --------
        >>> known = KnownAreas(["cell"], [KnownArea("cell", "A1", True)])
        >>> known.with_standing([("cell", "A2")]).level_of("A2", None)
        ('cell', None)
        >>> known.with_standing([]).level_of("A1", None)
        ('cell', "cell 'A1' is in an older edition only")
        """
        now = set(areas)
        before = {
            (level, code)
            for kind in (self._standing, self._older)
            for code, levels in kind.items()
            for level in levels
        }
        return KnownAreas(
            self.levels,
            [
                *(KnownArea(*one, standing=True) for one in sorted(now)),
                *(KnownArea(*one, standing=False) for one in sorted(before - now)),
            ],
        )

    def level_of(self, code: str, level: str | None) -> tuple[str, str | None]:
        """Return the level of a code; without a stated level, only one level may have it.

        Returns
        -------
        the level, and a warning if only an older edition has the area

        Raises
        ------
        ValueError
            when there is no such area or more than one, naming the levels that have the code

        Examples
        --------
        >>> known = KnownAreas(["street", "cell"], [KnownArea("cell", "A1", True)])
        >>> known.level_of("A1", None)
        ('cell', None)
        """
        if level is not None and level not in self.levels:
            raise ValueError(
                Sentence(
                    "there is no level {}; there are {}", repr(level), ", ".join(self.levels)
                )
            )
        standing = self._standing.get(code, [])
        older = [name for name in self._older.get(code, []) if name not in standing]
        here = standing if level is None else [name for name in standing if name == level]
        if len(here) == 1:
            return here[0], None
        if len(here) > 1:
            raise ValueError(
                Sentence(
                    "area {} exists on several levels: {}; name one",
                    repr(code),
                    ", ".join(here),
                )
            )
        gone = older if level is None else [name for name in older if name == level]
        if len(gone) == 1:
            return gone[0], Sentence("{} {} is in an older edition only", gone[0], repr(code))
        raise ValueError(self._absent(code, level, [*standing, *older]))

    def levels_of(self, code: str) -> list[str]:
        """Return the levels that have or had a code, from the topmost down."""
        found = {*self._standing.get(code, ()), *self._older.get(code, ())}
        return [level for level in self.levels if level in found]

    def _absent(self, code: str, level: str | None, found: list[str]) -> str:
        if level is not None and found:
            return Sentence(
                "there is no {} {}; the code exists as {}", level, repr(code), ", ".join(found)
            )
        if found:
            return Sentence(
                "area {} is in older editions only, as {}; name one",
                repr(code),
                ", ".join(found),
            )
        if not self._standing and not self._older:
            return Sentence("there is no area {}: no edition is published yet", repr(code))
        if level:
            return Sentence("no edition has an area {} on level {}", repr(code), level)
        return Sentence("no edition has an area {}", repr(code))
