"""Set the levels of the area tree from a table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import Level, level_problems, ordered_levels, pattern_problems
from gridmgmt.domain.numbers import number_of
from gridmgmt.errors import InputError, LayerError
from gridmgmt.sentence import Sentence, joined
from gridmgmt.services.areas.declarations import read_declarations
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.editions import wait_for_turn
from gridmgmt.store.areas.levels import (
    count_uses,
    levels_with_parents,
    list_levels,
    store_levels,
)

COLUMNS = ("level", "name_zh", "name_en", "code_pattern", "size_m2", "tolerance_m2")
REQUIRED = COLUMNS[:3]


@dataclass(frozen=True)
class LevelsSet:
    """The result of setting the levels: all in their new order, and what changed.

    ``added`` and ``removed`` are names of levels, ``changed`` are new values of levels that
    stay.
    """

    levels: tuple[Level, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    notes: tuple[str, ...]
    changed: tuple["LevelChange", ...] = ()


@dataclass(frozen=True)
class LevelChange:
    """A new value in a field of a level, such as another name; None for no value."""

    level: str
    field: str
    before: object
    after: object

    @property
    def sentence(self) -> Sentence:
        """Return what changed, old -> new."""
        old, new = (_shown(value) for value in (self.before, self.after))
        return Sentence("{}: {} {} -> {}", self.level, self.field, old, new)


def read_levels(
    path: Path, *, encoding: str | None = None, sheet: str | None = None
) -> tuple[list[Level], list[str]]:
    """Read levels from a table with the columns `COLUMNS`, topmost first.

    Returns
    -------
    the levels, and notes for people

    Raises
    ------
    LayerError
        naming every row that is incomplete, has an invalid or duplicate name, a pattern that is
        not a regular expression, or a size or tolerance that is not a number of square metres
    """
    table = read_declarations(path, "levels", COLUMNS, REQUIRED, encoding=encoding, sheet=sheet)
    # A file with only a header would remove every level.
    if not table.rows and not table.problems:
        raise LayerError(
            path, Sentence("names no level"), remedy=Sentence("write a row for each level")
        )
    problems = [*table.problems]
    levels: list[Level] = []
    for one in table.rows:
        problems += one.problems
        levels.append(_level(one.given))
        problems += one.told(*_metre_problems(one.given))
        earlier = {level.name for level in levels[:-1]}
        problems += one.told(
            *(
                pattern_problems(levels[-1])
                if one.given["level"] is None
                else level_problems(levels[-1], earlier)
            )
        )
    table.refuse(problems)
    return ordered_levels(levels), [*table.notes]


def _metre_problems(given: dict[str, str | None]) -> list[str]:
    """Return what is wrong with the square metres of a row."""
    size_m2, tolerance_m2 = _metres(given, "size_m2"), _metres(given, "tolerance_m2")
    problems: list[str] = []
    # Written in this way so that NaN, the result of a wrong text, is refused too.
    if size_m2 is not None and not size_m2 > 0:
        problems.append(Sentence("size_m2 {} is no number above 0", repr(given["size_m2"])))
    if tolerance_m2 is not None and not tolerance_m2 >= 0:
        text = repr(given["tolerance_m2"])
        problems.append(Sentence("tolerance_m2 {} is no number of 0 or more", text))
    return problems


def _metres(given: dict[str, str | None], column: str) -> float | None:
    text = given[column]
    return None if text is None else number_of(text)


def _level(given: dict[str, str | None]) -> Level:
    return Level(
        name=given["level"] or "",
        rank=0,
        name_zh=given["name_zh"] or "",
        name_en=given["name_en"] or "",
        code_pattern=given["code_pattern"],
        size_m2=_metres(given, "size_m2"),
        tolerance_m2=_metres(given, "tolerance_m2"),
    )


def set_levels(
    conn: Connection,
    path: Path,
    *,
    actor: str,
    encoding: str | None = None,
    sheet: str | None = None,
) -> LevelsSet:
    """Replace the levels of the deployment by those of a file.

    Raises
    ------
    InputError
        listing every level in use that would be removed, and every order that contradicts the
        parents of areas
    LayerError
        when the file cannot be used
    """
    wanted, notes = read_levels(path, encoding=encoding, sheet=sheet)
    # Publishing reads the levels and must not see them half changed.
    wait_for_turn(conn)
    old = list_levels(conn)
    names = [level.name for level in wanted]
    removed = [level.name for level in old if level.name not in names]
    problems = [*_still_used(conn, removed), *_contradicted(conn, old, names)]
    if problems:
        raise InputError(field="levels", message=joined("; ", problems))
    store_levels(conn, wanted)
    known = {level.name: level for level in old}
    added = [name for name in names if name not in known]
    changed = [
        change
        for level in wanted
        if level.name in known
        for change in _changes(known[level.name], level)
    ]
    detail = {
        "added": added,
        "removed": removed,
        "changed": [asdict(change) for change in changed],
    }
    audit.record(conn, actor, "set_levels", ", ".join(names), detail)
    return LevelsSet(tuple(wanted), tuple(added), tuple(removed), tuple(notes), tuple(changed))


def _changes(before: Level, after: Level) -> list[LevelChange]:
    return [
        LevelChange(after.name, field, getattr(before, field), getattr(after, field))
        for field in COLUMNS[1:]
        if getattr(before, field) != getattr(after, field)
    ]


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.10g}"
    return "none" if value is None else repr(value)


def _still_used(conn: Connection, removed: Sequence[str]) -> list[str]:
    uses = count_uses(conn)
    return [
        f"{name!r} cannot go, it is used by "
        + ", ".join(f"{rows} row(s) of {table}" for table, rows in uses[name].items())
        for name in removed
        if name in uses
    ]


def _contradicted(conn: Connection, old: Sequence[Level], names: Sequence[str]) -> list[str]:
    """Return levels with areas that would change places.

    Their order cannot change if the areas of the lower level name parents.
    """
    in_use = levels_with_parents(conn)
    place = {name: i for i, name in enumerate(names)}
    standing = [level.name for level in old if level.name in in_use and level.name in place]
    return [
        Sentence(
            "{} cannot move above {}: its areas have parents on a higher level",
            repr(below),
            repr(above),
        )
        for i, above in enumerate(standing)
        for below in standing[i + 1 :]
        if place[below] < place[above] and in_use[below]
    ]
