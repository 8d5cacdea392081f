"""The base map under the maps of pages, as configured."""

from pathlib import Path

from flask import Flask, current_app, url_for
from flask_babel import gettext as _

from gridmgmt.domain.tile_matrix import MATRICES
from gridmgmt.errors import GridMgmtError, SettingsError
from gridmgmt.exchange.tiles.files import open_tile_file
from gridmgmt.exchange.tiles.service import TileService
from gridmgmt.exchange.tiles.tiles import TileRange, TileSource
from gridmgmt.maps.document import BaseMap, PageAssets, Tiles
from gridmgmt.settings import Settings
from web.app.assets import asset
from web.app.security import csp_nonce
from web.app.transaction import current_settings

_EXTENSION = "gridmgmt_tiles"


def words() -> dict[str, str]:
    """Return the texts of every map, in the language of this request."""
    return {
        "map": _("Map"),
        "loading": _("Loading the map…"),
        "failed": _("Part of the map could not be loaded. Load the page again."),
        "nothing_here": _("There is nothing to show on the map yet."),
        "position": _("Position"),
        "retry": _("Try again"),
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
        "two_fingers": _("Move the map with two fingers."),
        "kind_area": _("Area"),
        "kind_road_segment": _("Road segment"),
        "search_nothing": _("Nothing found"),
    }


def base_map() -> BaseMap:
    """Return the base map for the page of this request."""
    page = PageAssets(static=asset, nonce=csp_nonce(), words=words())
    source = tile_source()
    return BaseMap(page, _tiles(source) if source else None)


def tile_source() -> TileSource | None:
    """Return the source of the tiles that the application serves, or None without one."""
    found: TileSource | None = current_app.extensions[_EXTENSION]
    return found


def _tiles(source: TileSource) -> Tiles:
    there = source.range
    # Leaflet puts numbers into the URL, so the template is written without the converters'
    # checks.
    pattern = url_for("map_tiles.tile", zoom=0, column=0, row=0)
    return Tiles(
        url=pattern.removesuffix("0/0/0") + "{z}/{x}/{y}",
        attribution=current_settings().base_map_attribution or there.attribution,
        crs=source.matrix.crs,
        min_zoom=max(there.min_zoom - source.matrix.zoom_offset, 0),
        max_zoom=there.max_zoom - source.matrix.zoom_offset,
        zoom_offset=source.matrix.zoom_offset,
        bounds=there.bounds,
    )


def open_source(settings: Settings) -> TileSource | None:
    """Open the tile source of the settings.

    Raises
    ------
    SettingsError
        when it cannot be used, with the reason
    """
    if settings.base_map is None:
        return None
    service = settings.base_map.startswith(("http://", "https://"))
    if not service and settings.base_map_matrix != "EPSG:3857":
        reason = "files of tiles are in EPSG:3857; unset GRIDMGMT_BASE_MAP_MATRIX"
        raise SettingsError([reason])
    try:
        return _service(settings) if service else open_tile_file(Path(settings.base_map))
    except GridMgmtError as error:
        raise SettingsError([f"GRIDMGMT_BASE_MAP: {error}"]) from error


def _service(settings: Settings) -> TileService:
    matrix = MATRICES[settings.base_map_matrix]
    return TileService(
        settings.base_map or "",
        matrix,
        settings.home / "cache" / "tiles",
        TileRange(matrix.first, settings.base_map_zoom),
    )


def init_app(app: Flask) -> None:
    """Open the base map at the start, so that a wrong setting is reported then."""
    app.extensions[_EXTENSION] = open_source(app.extensions["gridmgmt"].settings)
