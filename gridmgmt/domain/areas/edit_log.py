"""The log of a draft's edits: what stands, what can be undone, what can be redone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

UNDO, REDO = "undo", "redo"


class Side(StrEnum):
    """Whether an area of the log is as before the edit or as after it."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class LoggedEdit:
    """An entry of the log; ``number`` counts from 1 within the draft.

    ``operation`` is that of an edit, or `UNDO` or `REDO` of the edit that ``of`` names.
    """

    number: int
    operation: str
    arguments: dict[str, Any]
    made_at: datetime
    made_by: str
    reason: str | None = None
    of: int | None = None


@dataclass(frozen=True)
class LoggedArea:
    """An area that an entry changed: whether it stood before, stands after, and its names."""

    level: str
    code: str
    stood: bool
    stands: bool
    before: str | None
    after: str | None

    @property
    def name(self) -> str | None:
        """Return the name after the edit, or the last one."""
        return self.after or self.before


@dataclass(frozen=True)
class LoggedSides:
    """What an entry changed: areas by level from the top and by code, and rows beside them.

    A row is told as its kind and its name.
    """

    areas: tuple[LoggedArea, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class EditStacks:
    """Numbers of edits: those that stand, oldest first, and those undone, next to redo last."""

    done: tuple[int, ...]
    undone: tuple[int, ...]


def stacks(log: Iterable[LoggedEdit]) -> EditStacks:
    """Return what of a log stands; a new edit makes what was undone final.

    Examples
    --------
    >>> at = datetime(2026, 1, 1)
    >>> def entry(number, operation, of=None):
    ...     return LoggedEdit(number, operation, {}, at, "ada", None, of)
    >>> stacks([entry(1, "split"), entry(2, "merge"), entry(3, UNDO, 2)])
    EditStacks(done=(1,), undone=(2,))
    """
    done: list[int] = []
    undone: list[int] = []
    for entry in log:
        if entry.operation == UNDO:
            undone.append(done.pop())
        elif entry.operation == REDO:
            done.append(undone.pop())
        else:
            done.append(entry.number)
            undone.clear()
    return EditStacks(tuple(done), tuple(undone))
