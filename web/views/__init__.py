"""The views: a blueprint for each noun."""

from web.views import (
    account,
    accounts,
    areas,
    audit,
    case_imports,
    cases,
    draft_imports,
    draft_publications,
    drafts,
    editions,
    health,
    jobs,
    login,
    map_data,
    map_tiles,
    overview,
)

# Each noun's blueprint, in the order of the menu.
BLUEPRINTS = (
    account.bp,
    accounts.bp,
    areas.bp,
    audit.bp,
    case_imports.bp,
    cases.bp,
    draft_imports.bp,
    draft_publications.bp,
    drafts.bp,
    editions.bp,
    health.bp,
    jobs.bp,
    login.bp,
    map_data.bp,
    map_tiles.bp,
    overview.bp,
)
