"""Find the area that a person means by what they type: a code, a name or a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.known_areas import KnownArea, KnownAreas
from gridmgmt.domain.areas.level_words import LevelWords
from gridmgmt.domain.headings import LANGUAGES, Language
from gridmgmt.errors import EditionError, InputError
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.chosen_editions import edition_to_show
from gridmgmt.services.areas.scopes import area_scope
from gridmgmt.store.areas.area_tree import MeantArea, areas_meant
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.levels import list_levels

# So many are offered while somebody types, and named where several are meant.
MOST_OFFERED = 20
# Longer than any name with its code; what is longer means nothing.
LONGEST = 300
_BETWEEN = " · "
# More than any edition has areas.
_EVERY = 1_000_000


@dataclass(frozen=True)
class OfferedArea:
    """An area to choose.

    ``written`` is the text of a field, which `meant` reads again; ``note`` says what the area
    is and where it lies: the area above, the level and the code.
    """

    level: str
    code: str
    name: str
    written: str
    note: str


def find_areas(
    conn: Connection,
    text: str,
    language: Language,
    *,
    most: int = MOST_OFFERED,
    within: AreaKey | None = None,
) -> list[OfferedArea]:
    """Return areas of any level that a text may mean, the likeliest first.

    They are of the edition in force, or else the newest one. Each word must be in the code, the
    name or the name of the area above. An empty text means none. ``within``: only this area,
    what lies in it and what it lies in.
    """
    words, typed = LevelWords(list_levels(conn)), " ".join(text.split())
    return [
        _offered(one, words, language)
        for one in _found(conn, text, most, within)
        # What was picked stands in the field, and is offered when somebody looks again.
        if one.by_words or typed in _every_written(one, words)
    ]


def area_written(conn: Connection, area: AreaKey, language: Language) -> str:
    """Return an area as a field shows it; one that is not in the edition as level and code."""
    level, code = area
    words = LevelWords(list_levels(conn))
    for one in _found(conn, code, MOST_OFFERED):
        if (one.level, one.code) == area:
            return _offered(one, words, language).written
    return f"{level}:{code}"


def meant(
    conn: Connection, text: str, *, field: str, within: AreaKey | None = None
) -> AreaKey | None:
    """Return the level and code of the area that a text means; None if it is empty.

    A text means what `OfferedArea.written` turns into it, in either language, or what is
    written level:code; else the area of this code, else the only one of this name, else the
    only one that `find_areas` finds. A code may be of an older edition. ``within`` is that of
    `find_areas`: every other area is unknown.

    Raises
    ------
    InputError
        when the text means none or several; the message names them
    """
    typed = " ".join(text.split())
    if not typed:
        return None
    words = LevelWords(list_levels(conn))
    found = _found(conn, typed, MOST_OFFERED + 1, within)
    for some in (
        [one for one in found if typed in _every_written(one, words)],
        [one for one in found if one.code == typed],
    ):
        if len(some) == 1:
            return some[0].level, some[0].code
        if some:
            raise InputError(field=field, message=_several(typed, some, words))
    known = known_areas(conn)
    if within is not None:
        here = (KnownArea(*key, standing=True) for key in sorted(_seen(conn, within)))
        known = KnownAreas(known.levels, here)
    level, colon, code = typed.partition(":")
    named = words.read(level) if colon else None
    try:
        if named in known.levels:
            return known.level_of(code.strip(), named)[0], code.strip()
        matching = [one for one in found if one.by_words]
        same = [one for one in matching if one.name == typed] or matching
        if not same:
            return known.level_of(typed, None)[0], typed
    except ValueError as error:
        raise InputError(field=field, message=str(error)) from error
    if len(same) > 1:
        raise InputError(field=field, message=_several(typed, same, words))
    return same[0].level, same[0].code


def _found(
    conn: Connection, text: str, most: int, within: AreaKey | None = None
) -> list[MeantArea]:
    # A character that PostgreSQL cannot store is in no name there.
    if len(text) > LONGEST or "\0" in text:
        return []
    try:
        edition = edition_to_show(conn, None, datetime.now(UTC)).number
    except EditionError:
        # Nothing is published yet.
        return []
    if within is None:
        return areas_meant(conn, edition, text, most=most)
    seen = _seen(conn, within)
    # Cut only afterwards: the likeliest of the city may all be out of sight.
    found = areas_meant(conn, edition, text, most=_EVERY)
    return [one for one in found if (one.level, one.code) in seen][:most]


def _seen(conn: Connection, within: AreaKey) -> frozenset[AreaKey]:
    scope = area_scope(conn, edition_to_show(conn, None, datetime.now(UTC)).number, *within)
    return scope.within | scope.above


def _offered(one: MeantArea, words: LevelWords, language: Language) -> OfferedArea:
    # Of most cells the name is the code.
    name = None if one.name == one.code else one.name
    note = [one.parent_name, f"{words.said(one.level, language)} {one.code}"]
    told = [text for text in note if text]
    return OfferedArea(
        level=one.level,
        code=one.code,
        name=one.name,
        written=_BETWEEN.join(text for text in (name, *told) if text),
        note=_BETWEEN.join(told),
    )


def _every_written(one: MeantArea, words: LevelWords) -> list[str]:
    written = (_offered(one, words, language).written for language in LANGUAGES)
    return [" ".join(text.split()) for text in written]


def _several(typed: str, found: Sequence[MeantArea], words: LevelWords) -> str:
    if len(found) > MOST_OFFERED:
        return Sentence(
            "{} means more than {} areas; type more of the name or the code",
            repr(typed),
            MOST_OFFERED,
        )
    named = ", ".join(_offered(one, words, "zh").written for one in found)
    return Sentence("{} means {} areas: {}", repr(typed), len(found), named)
