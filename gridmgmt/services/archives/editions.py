"""Prepare the areas of editions, or of a file, for judging the rows of an archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import InputError
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.services.archives.area_file import read_area_file
from gridmgmt.services.archives.areas import SavedAreas, save_areas, save_index
from gridmgmt.services.archives.counting import Judging
from gridmgmt.services.archives.tables import crossing_notes
from gridmgmt.services.areas.chosen_editions import edition_to_use
from gridmgmt.services.judging.edition_locators import EditionLocators
from gridmgmt.store.areas.areas import areas_content, areas_in, chains
from gridmgmt.store.areas.editions import list_editions

# (edition, code of a leaf area) -> code of the requested level's area that it lies in.
Above = Mapping[tuple[int, str], str]


@dataclass(frozen=True)
class JudgingAreas:
    """The areas that judge rows, and the area under which each leaf counts (None: itself)."""

    judging: Judging
    above: Above | None


def file_areas(file: AreaFile, folder: Path) -> tuple[JudgingAreas, list[str]]:
    """Read the areas of a file and save their locator in ``folder``; return also notes."""
    layer = read_area_file(file)
    judging = Judging({0: save_areas(layer.areas, folder)})
    return JudgingAreas(judging, None), [*layer.notes, *crossing_notes(layer.areas)]


def edition_areas(
    conn: Connection,
    folder: Path,
    *,
    number: int | None,
    level: str | None,
    now: datetime,
    home: Path | None = None,
) -> JudgingAreas:
    """Save the locators of the leaf areas of editions in ``folder``.

    They are copied from ``home``, where locators of cases are kept too.

    Parameters
    ----------
    number : the edition for all rows; None for the one in force when each row was reported
    level : the level whose areas are counted, None for the leaf level

    Raises
    ------
    NotFoundError, EditionError
        when there is no such edition
    InputError
        naming every edition that has no areas of the level
    """
    # Every edition, since each row is judged by the one that was in force at its time.
    if number is None:
        editions = tuple(list_editions(conn))
        if not editions:
            edition_to_use(conn, None, now)  # which raises the error
    else:
        editions = (edition_to_use(conn, number, now),)
    if level is not None:
        _check_level(conn, editions, level)
    locators = EditionLocators(conn, home)
    saved: dict[int, SavedAreas] = {}
    above: dict[tuple[int, str], str] = {}
    for edition in (one.number for one in editions):
        found = locators.get(edition)
        if found is None:
            continue
        leaf, index = found
        content = areas_content(conn, edition, leaf)
        assert content is not None
        saved[edition] = save_index(index, content, folder)
        if level is not None:
            for code, chain in chains(conn, edition, leaf).items():
                above[edition, code] = next((one for name, one in chain if name == level), "")
    judging = Judging(saved, editions if number is None else None)
    return JudgingAreas(judging, None if level is None else above)


def _check_level(conn: Connection, editions: tuple[Edition, ...], level: str) -> None:
    without = [
        str(edition.number)
        for edition in editions
        if level not in areas_in(conn, edition.number, level)
    ]
    if without:
        message = f"edition {', '.join(without)} has no areas of level {level!r}"
        raise InputError(field="--level", message=message)
