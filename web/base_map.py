"""What lies under the maps of a page, by the deployment's settings."""

from flask_babel import gettext as _

from gridmgmt.maps.document import BaseMap, PageAssets
from web.assets import asset
from web.security import csp_nonce


def words() -> dict[str, str]:
    """Return what every map may say, in the language of this request."""
    return {
        "map": _("Map"),
        "loading": _("Loading the map…"),
        "failed": _("Part of the map could not be loaded. Load the page again."),
        "nothing_here": _("There is nothing to show on the map yet."),
        "position": _("Position"),
        "retry": _("Try again"),
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
    }


def base_map() -> BaseMap:
    """Return the base map for the page of this request."""
    page = PageAssets(static=asset, nonce=csp_nonce(), words=words())
    return BaseMap(page)
