"""The views: a blueprint for each noun."""

from web.views import health
from web.views.accounts import (
    account,
    accounts,
    audit,
    displays,
    login,
    roles,
    second_factor,
)
from web.views.areas import (
    areas,
    draft_impacts,
    draft_imports,
    draft_publications,
    draft_reviews,
    drafts,
    edition_extensions,
    editions,
    workbench,
    workbench_panels,
)
from web.views.cases import (
    bounces,
    case_assignments,
    case_imports,
    case_lists,
    case_reports,
    cases,
    report_places,
    reroutes,
    supervision,
)
from web.views.files import exports, jobs, map_exports, upload_problems
from web.views.responsibility import (
    components,
    duties,
    duty_changes,
    layer_imports,
    responders,
)
from web.views.situation import map, map_data, map_tiles, overview

# The blueprint of each noun, in the order of the menu.
BLUEPRINTS = (
    account.bp,
    accounts.bp,
    areas.bp,
    audit.bp,
    bounces.bp,
    case_assignments.bp,
    case_imports.bp,
    case_lists.bp,
    case_reports.bp,
    cases.bp,
    components.bp,
    displays.bp,
    draft_imports.bp,
    draft_impacts.bp,
    draft_publications.bp,
    draft_reviews.bp,
    drafts.bp,
    duties.bp,
    duty_changes.bp,
    edition_extensions.bp,
    editions.bp,
    map_exports.bp,
    exports.bp,
    health.bp,
    jobs.bp,
    layer_imports.bp,
    login.bp,
    map.bp,
    map_data.bp,
    map_tiles.bp,
    overview.bp,
    report_places.bp,
    reroutes.bp,
    responders.bp,
    roles.bp,
    second_factor.bp,
    supervision.bp,
    upload_problems.bp,
    workbench.bp,
    workbench_panels.bp,
)
