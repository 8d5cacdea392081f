"""Names of the areas that a page names, shown beside their codes."""

from collections.abc import Iterable, Mapping
from typing import Any

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Action, Draft
from gridmgmt.geometry.coverage.problem import Problem
from gridmgmt.services.accounts.audit import names_beside
from gridmgmt.services.drafts import changes
from gridmgmt.services.drafts.alterations import Alteration
from gridmgmt.services.drafts.changes import ChangePage
from gridmgmt.store.areas.drafts import list_changes
from web.app.transaction import connection
from web.words.level_names import level_above
from web.words.problem_words import level_of, shown_codes


def area_names(
    keys: Iterable[AreaKey | tuple[str | None, str | None]], draft: Draft | None = None
) -> Mapping[AreaKey, str]:
    """Return the names of areas, as the newest edition has them that has the area.

    Parameters
    ----------
    keys : level and code; what has no level or no code is no area
    draft : gives names to areas that no edition ever had
    """
    wanted = {(level, code) for level, code in keys if level and code}
    found = dict(names_beside(connection(), wanted).areas)
    if draft is not None and not wanted <= found.keys():
        for one in list_changes(connection(), draft.id):
            key = one.level, one.code
            if one.name and key in wanted and key not in found:
                found[key] = one.name
    return found


def change_names(
    draft: Draft, page: ChangePage, alterations: Mapping[str, Alteration]
) -> Mapping[AreaKey, str]:
    """Return the names of the areas that changes drop, and of those that others lie in."""
    dropped = [(one.level, one.code) for one in page.rows if one.action is Action.DROP]
    parents = {(level_above(one.level), one.parent_code) for one in page.rows}
    for row in page.rows:
        if one := alterations.get(row.code):
            above = level_above(row.level)
            parents |= {(above, one.old_parent), (above, one.new_parent)}
    return area_names([*dropped, *parents], draft)


def problem_names(problems: Iterable[Problem], draft: Draft) -> Mapping[AreaKey, str]:
    """Return the names of the areas of some problems of a draft."""
    return area_names(
        ((level_of(one), code) for one in problems for code in shown_codes(one)),
        draft,
    )


def leaf_of(draft: Draft) -> str | None:
    """Return the level on which the cases of a draft lie."""
    levels = [one.level for one in changes.counts(connection(), draft) if one.areas]
    return levels[-1] if levels else None


def impact_names(impact: Mapping[str, Any], draft: Draft) -> Mapping[AreaKey, str]:
    """Return the names of the areas in an impact, as `Impact.to_json` has it."""
    leaf = leaf_of(draft)
    cases = impact.get("cases", ())
    left, bare = impact["left_duties"], impact["bare_areas"]
    return area_names(
        [
            *((leaf, one[side]) for one in cases for side in ("from_area", "to_area")),
            *((one["level"], one["code"]) for one in left),
            *((one["level"], heir["code"]) for one in left for heir in one["heirs"]),
            *((one["level"], one["from_code"]) for one in bare),
        ],
        draft,
    )
