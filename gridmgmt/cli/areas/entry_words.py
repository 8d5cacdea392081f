"""What an entry of a draft's log did to which areas, in a few words."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gridmgmt.cli.areas.edit_words import told_values

if TYPE_CHECKING:
    from gridmgmt.domain.areas.edit_log import LoggedArea, LoggedEdit, LoggedSides

# So many areas of an entry are named; --json has all.
_MOST = 4


def told_entry(entry: "LoggedEdit", sides: "LoggedSides") -> str:
    """Return what an entry did: operation, codes and names; an undo tells what was undone."""
    words = _Words(entry.arguments, sides.areas)
    told = _TOLD[entry.operation](words) if entry.operation in _TOLD else words.rows(sides.rows)
    return f"{entry.operation} {told}".rstrip()


class _Words:
    """The areas of an entry by name, and the arguments of its operation."""

    def __init__(self, arguments: Mapping[str, Any], areas: "Sequence[LoggedArea]") -> None:
        self.arguments = arguments
        self._areas = areas
        self._names = {(one.level, one.code): one.name for one in areas}
        self.level = arguments.get("level") or (areas[-1].level if areas else None)

    def __getitem__(self, argument: str) -> Any:
        return self.arguments.get(argument)

    @property
    def mine(self) -> "list[LoggedArea]":
        """The areas of the level that the operation names."""
        return [one for one in self._areas if one.level == self.level]

    def one(self, code: str | None) -> str:
        """Return a code with the name of its area, of the own level or the one above."""
        if code is None:
            return ""
        levels = [self.level, *(one.level for one in reversed(self._areas))]
        found = (self._names.get((level, code)) for level in levels if level is not None)
        name = next((name for name in found if name), None)
        return code if name in (None, code) else f"{code} {name}"

    def each(self, codes: Iterable[str]) -> str:
        """Return codes with names, some of many."""
        told = [*codes]
        more = f" and {len(told) - _MOST} more" if len(told) > _MOST else ""
        return ", ".join(map(self.one, told[:_MOST])) + more

    def changed(self) -> str:
        """Return the areas of the level that it made or took away, else those it changed."""
        # An allowed gap is kept with the area above, on another level than is named.
        areas = self.mine or self._areas
        ends = [one.code for one in areas if not (one.stood and one.stands)]
        return self.each(ends or [one.code for one in areas])

    def but(self, codes: Iterable[str], left_out: Collection[str]) -> str:
        """Return codes with names, without some."""
        return self.each(code for code in codes if code not in left_out)

    def split(self) -> str:
        """Return what an area was split into."""
        # Neighbours may have got a vertex where the line ends.
        kept = [one.code for one in self.mine if one.code == self["code"] and one.stands]
        made = [one.code for one in self.mine if not one.stood]
        return f"{self.one(self['code'])} into {self.each([*kept, *made])}"

    def renamed(self) -> str:
        """Return a name before and after."""
        before = next((one.before for one in self.mine if one.code == self["code"]), None)
        return f"{self['code']} from {before or '–'} to {self['name']}"

    def recoded(self) -> str:
        """Return a code before and after."""
        return f"{self.one(self['code'])} to {self['to']}"

    def aligned(self) -> str:
        """Return a border and the line it was drawn along."""
        border = self.each(self["between"] or ()) or self.changed()
        line = " ".join(filter(None, (self["layer"], self["feature"])))
        return f"{border} along {line or 'a line'}"

    def imported(self) -> str:
        """Return a file, and how many areas of each level it changed."""
        return " ".join(filter(None, (self["file"], self.counted())))

    def counted(self) -> str:
        """Return how many areas of each level are new, other, and gone."""
        told = []
        for level in dict.fromkeys(one.level for one in self._areas):
            areas = [one for one in self._areas if one.level == level]
            new = sum(not one.stood for one in areas)
            gone = sum(not one.stands for one in areas)
            counts = {"new": new, "altered": len(areas) - new - gone, "gone": gone}
            said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
            told.append(f"{level}: {said}")
        return f"({'; '.join(told)})" if told else ""

    def rows(self, rows: Sequence[str]) -> str:
        """Return the rows beside the areas that it is about, or the areas."""
        return ", ".join(rows) or self.changed()


_TOLD: dict[str, Callable[[_Words], str]] = {
    "split": _Words.split,
    "merge": lambda w: f"{w.but(w['codes'], [w['into']])} into {w.one(w['into'])}",
    "reassign": lambda w: f"{w.each(w['codes'])} to {w.one(w['to'])}",
    "reassign_within": lambda w: f"{w.changed()} to {w.one(w['to'])}",
    "give": lambda w: f"a strip of {w.one(w['code'])} to {w.one(w['to'])}",
    "trim": lambda w: f"{w.one(w['give_up'])} along {w.one(w['keep'])}",
    "rename": _Words.renamed,
    "recode": _Words.recoded,
    "retire": lambda w: w.one(w["code"]),
    "set_attributes": lambda w: f"{w.each(w['codes'])}: {told_values(w['values'])}",
    "align": _Words.aligned,
    "allow_gap": lambda w: f"{w['name']} in {w.changed()}",
    "import": _Words.imported,
    "take_back": _Words.counted,
    "revert": lambda w: f"edition {w['edition']} {w.counted()}",
    "rebase": lambda w: f"from edition {w['from'] or '–'} to {w['to']} {w.counted()}",
}
