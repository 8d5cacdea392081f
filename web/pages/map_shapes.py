"""Outlines for the scripts of maps: where they are fetched, and which levels there are."""

from collections.abc import Sequence

from flask import url_for

from gridmgmt.maps.city import ShownEdition, ShownLevel
from gridmgmt.services.situation.map_areas import shapes_version
from gridmgmt.store.areas.areas import LevelCount
from web.app.transaction import connection
from web.door.access import account
from web.words.level_names import level_name


def shapes_url() -> str:
    """Return the URL of the outlines of a level; names in braces are placeholders."""
    given = url_for("map_data.shapes", edition=0, level="l", zoom="far")
    return given.replace("/0/l/far.json", "/{edition}/{level}/{zoom}.json")


def shown_edition(number: int, levels: Sequence[LevelCount]) -> ShownEdition:
    """Return an edition for scripts, with the version of the outlines this account sees."""
    version = shapes_version(connection(), number, area=account().area)
    shown = (ShownLevel(one.level, level_name(one.level), one.areas) for one in levels)
    return ShownEdition(number, version, tuple(shown))
