"""The views: a blueprint for each noun."""

from web.views import (
    login,
    map_tiles,
    overview,
)

# Each noun's blueprint, in the order of the menu.
BLUEPRINTS = (
    login.bp,
    map_tiles.bp,
    overview.bp,
)
