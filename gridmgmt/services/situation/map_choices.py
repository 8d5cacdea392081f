"""The choices on the map: editions with their levels, categories, days."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition, edition_at
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.services.situation.reported_days import newest_day, reported_days
from gridmgmt.store.areas.areas import LevelCount, count_areas
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.responsibility.categories import list_categories


@dataclass(frozen=True, slots=True)
class MapEdition:
    """An edition that was not withdrawn, and its levels from the topmost down."""

    edition: Edition
    levels: tuple[LevelCount, ...]


@dataclass(frozen=True, slots=True)
class MapChoices:
    """All choices; ``chosen`` is the edition in force, else the newest.

    Editions without areas are left out.

    ``classes`` has the categories by major class; those without one are under ``""`` and last.
    ``newest`` is the day of the last reported case, at most today. ``oldest`` is that of the
    first, or the same day without cases.
    """

    editions: tuple[MapEdition, ...]
    chosen: Edition
    classes: Mapping[str, tuple[Category, ...]]
    newest: date
    oldest: date


def map_choices(conn: Connection, *, now: datetime, tz: ZoneInfo) -> MapChoices | None:
    """Return the choices on the map, or None if no edition has areas."""
    counted = {one: tuple(count_areas(conn, one.number)) for one in list_editions(conn)}
    editions = [one for one, levels in counted.items() if levels]
    if not editions:
        return None
    newest = newest_day(conn, tz, now=now)
    reported = reported_days(conn, tz)
    return MapChoices(
        editions=tuple(MapEdition(edition, counted[edition]) for edition in editions),
        # Before the first edition takes effect, the map shows what will come.
        chosen=edition_at(editions, now) or editions[-1],
        classes=_by_class(list_categories(conn)),
        newest=newest,
        oldest=newest if reported is None else min(reported[0], newest),
    )


def _by_class(categories: list[Category]) -> dict[str, tuple[Category, ...]]:
    found: dict[str, list[Category]] = defaultdict(list)
    for category in categories:
        found[category.major_class or ""].append(category)
    return {
        # Categories without a major class come last.
        name: tuple(found[name])
        for name in sorted(found, key=lambda name: (not name, name))
    }
