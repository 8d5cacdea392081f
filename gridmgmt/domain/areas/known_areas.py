"""The existing area codes, and the area that a person means by a code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


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
            message = f"there is no level {level!r}; there are {', '.join(self.levels)}"
            raise ValueError(message)
        standing = self._standing.get(code, [])
        older = [name for name in self._older.get(code, []) if name not in standing]
        here = standing if level is None else [name for name in standing if name == level]
        if len(here) == 1:
            return here[0], None
        if len(here) > 1:
            message = f"area {code!r} exists on several levels: {', '.join(here)}; name one"
            raise ValueError(message)
        gone = older if level is None else [name for name in older if name == level]
        if len(gone) == 1:
            return gone[0], f"{gone[0]} {code!r} is in an older edition only"
        raise ValueError(self._absent(code, level, [*standing, *older]))

    def _absent(self, code: str, level: str | None, found: list[str]) -> str:
        if level is not None and found:
            return f"there is no {level} {code!r}; the code exists as {', '.join(found)}"
        if found:
            return f"area {code!r} is in older editions only, as {', '.join(found)}; name one"
        if not self._standing and not self._older:
            return f"there is no area {code!r}: no edition is published yet"
        return f"no edition has an area {code!r}" + (f" on level {level}" if level else "")
