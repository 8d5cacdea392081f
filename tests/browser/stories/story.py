"""What a person of a role wants in the first ten minutes, as steps that a player plays.

A step is a click, a field that is typed into, a key, or a look at the page. Selectors are those
of Playwright; where a control has a name, it is found by its role and its name, as assistive
technology finds it. What a step notes is put into later steps in braces: ``{case}``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Click:
    """Press something that has a place on the page: a link, a button, a box to tick."""

    on: str


@dataclass(frozen=True)
class Agree:
    """Press something that asks whether it is meant, and say yes: two clicks."""

    on: str


@dataclass(frozen=True)
class Type:
    """Fill a field in: one click, however long the text."""

    into: str
    text: str


@dataclass(frozen=True)
class Choose:
    """Choose an entry of a list by its words; its first entry that is one where None."""

    of: str
    label: str | None = None


@dataclass(frozen=True)
class Key:
    """Press a key."""

    name: str


@dataclass(frozen=True)
class Press:
    """Press on the middle of something that is drawn, such as a map."""

    on: str


@dataclass(frozen=True)
class Send:
    """Choose a file of the own machine; it is made of the city that is being served."""

    into: str
    make: Callable[[Any, Path], Path]


@dataclass(frozen=True)
class Takes:
    """Press something and get a file; ``check`` reads it."""

    on: str
    check: Callable[[Path, dict[str, str]], None]


@dataclass(frozen=True)
class Sees:
    """See a text in a part of the page, in time; costs no click."""

    text: str
    within: str = "main"


@dataclass(frozen=True)
class SeesNot:
    """Not see a text, or anything, in a part of the page."""

    text: str
    within: str = "main"


@dataclass(frozen=True)
class Notes:
    """Remember the text of something under a name; ``find`` takes the part of it that matters.

    ``attribute`` remembers that instead of the text.
    """

    name: str
    of: str
    find: str = r"(.+)"
    attribute: str | None = None


@dataclass(frozen=True)
class Lists:
    """See a list of cases that has as many as were noted."""

    noted: str


@dataclass(frozen=True)
class Holds:
    """Check something that no single text says, by page, city and notes."""

    check: Callable[[Any, Any, dict[str, str]], None]


Step = (
    Click
    | Agree
    | Type
    | Choose
    | Key
    | Press
    | Send
    | Takes
    | Sees
    | SeesNot
    | Notes
    | Lists
    | Holds
)
CLICKS = {Click: 1, Agree: 2, Type: 1, Choose: 1, Key: 1, Press: 1, Send: 1, Takes: 1}


@dataclass(frozen=True)
class Want:
    """One thing that somebody of a role wants: how it is done, and what it took before.

    ``before`` is the number of clicks on the pages before they were made for roles (cf83c327),
    played in the browser too; None: not possible there. ``why`` says more, for the documents.
    """

    zh: str
    en: str
    before: int | None
    steps: tuple[Step, ...]
    why: str = ""
    why_zh: str = ""

    @property
    def clicks(self) -> int:
        """Return the number of clicks, fields and keys that it takes."""
        return sum(CLICKS.get(type(one), 0) for one in self.steps)


@dataclass(frozen=True)
class Story:
    """The first ten minutes of a role, at the width of the screen it works at."""

    role: str
    width: int
    wants: tuple[Want, ...] = field(default=())


def link(name: str) -> str:
    """Return the selector of a link by its whole name."""
    return f'role=link[name="{name}"]'


def button(name: str) -> str:
    """Return the selector of a button by its whole name."""
    return f'role=button[name="{name}"]'


def menu(path: str) -> str:
    """Return the selector of an entry of the menu by its address."""
    return f"#menu a[href='{path}']"
