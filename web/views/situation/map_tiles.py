"""Tiles of the base map, served by the application whatever their source."""

import base64

from flask import Blueprint, Response, abort

from gridmgmt.exchange.tiles.tiles import image_type
from web.door.access import allow
from web.door.displays import on_displays
from web.pages.base_map import tile_source

bp = Blueprint("map_tiles", __name__, url_prefix="/map/tiles")

# One transparent pixel, stretched to a tile: nothing is drawn, and no error is shown.
_EMPTY = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII="
)
_A_DAY = "private, max-age=86400"
_A_MINUTE = "private, max-age=60"


@bp.get("/<int:zoom>/<int:column>/<int:row>")
@allow()
@on_displays
def tile(zoom: int, column: int, row: int) -> Response:
    """Return one tile.

    If the source has none just now, return a transparent tile that is cached for a minute.
    """
    source = tile_source()
    if source is None or not source.matrix.holds(zoom, column, row):
        abort(404)
    picture = source.picture(zoom, column, row)
    kind = image_type(picture) if picture else None
    answer = Response(picture if kind else _EMPTY, mimetype=kind or "image/png")
    answer.headers["Cache-Control"] = _A_DAY if kind else _A_MINUTE
    return answer
