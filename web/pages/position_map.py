"""The map on which a person chooses a position, over the areas, roads and components."""

from collections.abc import Sequence
from datetime import UTC, datetime

import shapely
from flask import Response, url_for

from gridmgmt.domain.areas.edition import Edition, edition_shown
from gridmgmt.maps.document import MapParts
from gridmgmt.maps.small import MapGround, MapSource, Pick, small_map
from gridmgmt.services.case_reports.places import places_within
from gridmgmt.store.areas.areas import count_areas
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.situation.map_cases import Box
from web.app.features import collection, feature
from web.app.transaction import connection
from web.door.access import account
from web.pages.base_map import base_map
from web.pages.map_shapes import shapes_url, shown_edition

# The inputs that `maps/_position.html` writes.
_PICK = Pick("lon", "lat", "accuracy_m")


def position_map(
    sources: Sequence[MapSource] = (), *, edition: Edition | None = None
) -> MapParts:
    """Return the map of a form with the fields of a position.

    Parameters
    ----------
    sources : layers above the ground
    edition : the one whose areas are drawn; None: the one in force, else the newest
    """
    return small_map(sources, base=base_map(), pick=_PICK, ground=_ground(edition))


def place_features(view: Box) -> Response:
    """Return the roads and components that a view meets, as GeoJSON."""
    found = places_within(connection(), shapely.box(*view), area=account().area)
    roads = (
        feature(line, label=one.name, **{"class": "road_segment"})
        for one, line in zip(found.segments, found.lines, strict=True)
    )
    points = (
        feature(point, label=name, **{"class": "place"})
        for name, point in zip(found.names, found.points, strict=True)
    )
    return collection([*roads, *points])


def _ground(edition: Edition | None) -> MapGround | None:
    """Return the areas, roads and components for the map; None before the first edition."""
    if edition is None:
        edition = edition_shown(list_editions(connection()), datetime.now(UTC))
    levels = [] if edition is None else count_areas(connection(), edition.number)
    if edition is None or not levels:
        return None
    return MapGround(
        shapes=shapes_url(),
        places=url_for("report_places.places"),
        search=url_for("map_data.search", places=1, edition=edition.number),
        edition=shown_edition(edition.number, levels),
    )
