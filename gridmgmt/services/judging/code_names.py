"""The names of codes, as files for people have them in a column beside the code."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.level_words import LevelWords
from gridmgmt.domain.headings import Language
from gridmgmt.domain.responsibility.duty import DutyTarget
from gridmgmt.services.judging.directory import Directory, directory, standing_duties
from gridmgmt.store.areas.areas import chains, latest_names

_ALL = {"zh": "全部类别", "en": "all categories"}


class CodeNames:
    """Looks up names in one language, as the directory has them; areas are read by level.

    A code without a name gives None: its column stays empty, and the code stands beside it.
    """

    def __init__(self, conn: Connection, language: Language) -> None:
        self._conn = conn
        self.language = language
        self._areas: dict[str, dict[str, str]] = {}

    def level(self, level: str | None) -> str | None:
        """Return the name of a level."""
        return self._levels.said(level, self.language)

    def area(self, level: str | None, code: str | None) -> str | None:
        """Return the name of an area."""
        if level is None or code is None:
            return None
        if level not in self._areas:
            self._areas[level] = latest_names(self._conn, level)
        return self._areas[level].get(code)

    def parents(self, edition: int, level: str, codes: Iterable[str]) -> list[str | None]:
        """Return the names of the areas in which the areas of a level lie; None: in none."""
        found = chains(self._conn, edition, level)
        return [
            self.area(*chain[1]) if len(chain := found[code]) > 1 else None for code in codes
        ]

    def responder(self, code: str | None, *, persons: bool = True) -> str | None:
        """Return the name of a responder; without ``persons`` only that of a body."""
        found = self._known.responders.get(code or "")
        return None if found is None or (found.is_person and not persons) else found.name

    def category(self, code: str | None) -> str | None:
        """Return the name of a category; None if it is known only from cases."""
        found = self._known.categories.get(code or "")
        return found.name if found is not None and found.mapped else None

    def categories(self, codes: Iterable[str] | None) -> str:
        """Return the names of categories; None means all of them."""
        if codes is None:
            return _ALL[self.language]
        named = (self.category(code) or code for code in sorted(codes))
        return ("、" if self.language == "zh" else ", ").join(named)

    def place(self, target: DutyTarget, level: str | None, code: str) -> str | None:
        """Return the name of where a duty is."""
        if target is DutyTarget.AREA:
            return self.area(level, code)
        return self._known.place_names.get((target, code))

    def letter(self, duty_id: int) -> str | None:
        """Return the number of the letter of a duty."""
        return self._letters.get(duty_id)

    @cached_property
    def _known(self) -> Directory:
        return directory(self._conn)

    @cached_property
    def _levels(self) -> LevelWords:
        return LevelWords(self._known.levels)

    @cached_property
    def _letters(self) -> Mapping[int, str | None]:
        return {one.id: one.letter_no for one in standing_duties(self._conn).duties}


def language_of(names: CodeNames | None) -> Language | None:
    """Return the language of the names; None: no names, for programs."""
    return None if names is None else names.language
