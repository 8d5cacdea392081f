"""The names of levels, as files for people have them, and the levels they mean."""

from collections import Counter
from collections.abc import Sequence

from gridmgmt.domain.areas.area import Level
from gridmgmt.domain.columns import plain
from gridmgmt.domain.headings import Language


class LevelWords:
    """Reads and writes levels by their names.

    Examples
    --------
    >>> words = LevelWords([Level("cell", 0, "单元网格", "Cell")])
    >>> words.said("cell", "zh"), words.read("单元网格"), words.read("cell"), words.read("区")
    ('单元网格', 'cell', 'cell', '区')
    """

    def __init__(self, levels: Sequence[Level]) -> None:
        self._names = {one.name: {"zh": one.name_zh, "en": one.name_en} for one in levels}
        names = [(name, one.name) for one in levels for name in {one.name_zh, one.name_en}]
        counted = Counter(name.casefold() for name, _ in names)
        # A name that two levels share says nothing; one that is the key of another means that.
        self._level_of = {
            **{
                name.casefold(): level for name, level in names if counted[name.casefold()] == 1
            },
            **{key.casefold(): key for key in self._names},
        }

    def read(self, text: str) -> str:
        """Return the level that a text means; the text itself if it means none."""
        found = plain(text)
        return found if found in self._names else self._level_of.get(found.casefold(), found)

    def said(self, level: str | None, language: Language) -> str | None:
        """Return the name of a level, or its key if the name would not be read as it."""
        if level is None or level not in self._names:
            return level
        name = self._names[level][language]
        return name if self.read(name) == level else level
