"""Categories that a duty or a zone names, as written in files, and checked."""

import re
from collections.abc import Iterable, Mapping

from gridmgmt.domain.codes import code
from gridmgmt.sentence import Sentence

ALL_CATEGORIES = "*"


def category_code(text: str) -> str:
    """Return the code of a category, which can stand in a list of codes.

    Examples
    --------
    >>> category_code("0601")
    '0601'
    """
    if text == ALL_CATEGORIES or not {";", "；"}.isdisjoint(text):
        raise ValueError(
            Sentence("{}: lists of categories are separated by ;, and * means all", repr(text))
        )
    return code(text)


def read_categories(text: str) -> frozenset[str] | None:
    """Parse codes separated by ;, or * for all, which gives None.

    Examples
    --------
    >>> sorted(read_categories("0601; 0602") or ()), read_categories("*")
    (['0601', '0602'], None)
    """
    # A Chinese keyboard types the wide semicolon.
    named = {part.strip() for part in re.split("[;；]", text) if part.strip()}
    if named == {ALL_CATEGORIES}:
        return None
    # Not read as all: one slip would give somebody every category.
    if ALL_CATEGORIES in named or not named:
        raise ValueError(
            Sentence("{} is neither a list of codes separated by ; nor * for all", repr(text))
        )
    return frozenset(map(code, named))


def written_categories(named: Iterable[str] | None) -> str:
    """Return codes as text that ``read_categories`` parses.

    Examples
    --------
    >>> written_categories(["0602", "0601"]), written_categories(None)
    ('0601;0602', '*')
    """
    return ALL_CATEGORIES if named is None else ";".join(sorted(named))


def check_categories(named: Iterable[str] | None, known: Mapping[str, bool]) -> None:
    """Raise ValueError with every code that cannot be named.

    ``known`` says which categories are mapped.
    """
    problems: list[str] = []
    for one in sorted(named or ()):
        if one not in known:
            problems.append(Sentence("there is no category {}", repr(one)))
        elif not known[one]:
            problems.append(
                Sentence(
                    "category {} is known only from cases; import it as a category first",
                    repr(one),
                )
            )
    if problems:
        raise ValueError(*problems)
