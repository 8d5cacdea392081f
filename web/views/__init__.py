"""The views: a blueprint for each noun."""

from web.views import (
    audit,
    case_imports,
    health,
    jobs,
    login,
    map_tiles,
    overview,
)

# Each noun's blueprint, in the order of the menu.
BLUEPRINTS = (
    audit.bp,
    case_imports.bp,
    health.bp,
    jobs.bp,
    login.bp,
    map_tiles.bp,
    overview.bp,
)
