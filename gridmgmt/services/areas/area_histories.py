"""The history of an area: what each edition did to it, with its lineage in both directions."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area_history import (
    AreaEvent,
    AreaState,
    AreaStep,
    GroundShare,
    origins,
)
from gridmgmt.domain.areas.attributes import GAPS, AttributeValue, told
from gridmgmt.domain.areas.edition import Edition, edition_at
from gridmgmt.errors import EditionError, InputError, NotFoundError
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.tree import Version, versions_in_editions
from gridmgmt.store.areas.area_tree import AreaDescent, descents_of
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.editions import list_editions


def history(conn: Connection, level: str, code: str) -> list[AreaStep]:
    """Return what each edition did to an area, oldest first.

    Raises
    ------
    NotFoundError
        when no edition has or had it
    """
    versions = versions_in_editions(conn, level, code)
    if not versions:
        raise NotFoundError(kind=level, key=code)
    descents = descents_of(conn, level, code)
    return [_with_lineage(step, code, descents) for step in _steps(versions)]


def level_of(conn: Connection, code: str, level: str | None) -> str:
    """Return the level of a code that a person names, in whatever edition it is.

    Raises
    ------
    NotFoundError
        when no edition has such an area, on that level if one is named
    InputError
        when it is on several levels and none is named
    """
    known = known_areas(conn)
    if level is not None and level not in known.levels:
        raise NotFoundError(kind="level", key=level, known=known.levels)
    levels = known.levels_of(code)
    if not levels or (level is not None and level not in levels):
        there = [f"{one} {code}" for one in levels]
        raise NotFoundError(kind=level or "area", key=code, known=there)
    try:
        return known.level_of(code, level)[0]
    except ValueError as error:
        message = error.args[0]
        raise InputError(field="code", message=message) from None


def edition_on(conn: Connection, at: datetime) -> Edition:
    """Return the edition that is or was in force at an instant (aware).

    Raises
    ------
    EditionError
        when none was
    """
    editions = list_editions(conn)
    found = edition_at(editions, at)
    if found is None:
        first = min((one.effective_from for one in editions), default=None)
        if first is None:
            raise EditionError(
                Sentence("no edition has been published yet; publish a draft first")
            )
        raise EditionError(
            Sentence(
                "no edition was in force then: the first is since {}",
                f"{first.astimezone(at.tzinfo):%Y-%m-%d %H:%M}",
            )
        )
    return found


def _steps(versions: list[Version]) -> Iterator[AreaStep]:
    first, last = versions[0], versions[-1]
    yield _step(first.since, AreaEvent.MADE, None, first)
    for before, now in pairwise(versions):
        # As `Version.before`: after a gap the area is another one as far as the table knows.
        if now.before is None:
            yield _retired(before)
            yield _step(now.since, AreaEvent.BROUGHT_BACK, None, now)
        else:
            yield _step(now.since, AreaEvent.CHANGED, before, now)
    if last.until is not None:
        yield _retired(last)


def _retired(version: Version) -> AreaStep:
    assert version.until is not None, "a later version begins after a gap"
    return _step(version.until, AreaEvent.RETIRED, version, None)


def _step(
    edition: Edition, event: AreaEvent, before: Version | None, after: Version | None
) -> AreaStep:
    redrawn = after is not None and after.redrawn
    return AreaStep(edition, event, _state(before), _state(after), redrawn, (), ())


def _state(version: Version | None) -> AreaState | None:
    if version is None:
        return None
    return AreaState(version.name, version.parent_code, version.area_m2, _told(version))


def _told(version: Version) -> dict[str, AttributeValue]:
    # Where gaps lie is shown with the area; its history has their names.
    return {
        name: told(name, value) if name == GAPS else value
        for name, value in version.attributes.items()
    }


def _with_lineage(step: AreaStep, code: str, descents: list[AreaDescent]) -> AreaStep:
    mine = [one for one in descents if one.edition == step.edition.number]
    came: tuple[GroundShare, ...] = ()
    went: tuple[GroundShare, ...] = ()
    if step.after is not None:
        pieces = [(one.old_code, one.overlap_m2) for one in mine if one.new_code == code]
        came = origins(pieces, step.after.area_m2)
    if step.before is not None:
        went = tuple(
            GroundShare(one.new_code, one.overlap_m2, one.share)
            for one in mine
            if one.old_code == code
        )
    return AreaStep(step.edition, step.event, step.before, step.after, step.redrawn, came, went)
