"""Names of the areas that a page names, shown beside their codes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Change, Draft
from gridmgmt.geometry.coverage.problem import Problem
from gridmgmt.services.accounts.audit import names_beside
from gridmgmt.services.drafts.alterations import Alteration
from gridmgmt.services.drafts.changes import LevelCounts
from gridmgmt.store.areas.drafts import list_changes
from web.app.transaction import connection
from web.words.languages import NOTHING
from web.words.level_names import level_names
from web.words.names import with_code
from web.words.problem_words import shown_codes

# What has no level or no code is no area.
Keys = Iterable[tuple[str | None, str | None]]


@dataclass(frozen=True)
class AreaNames:
    """The names of areas, and the levels that have areas, from the topmost down."""

    levels: Sequence[str] = ()
    names: Mapping[AreaKey, str] = field(default_factory=dict)

    @property
    def leaf(self) -> str | None:
        """Return the deepest level that has areas, on which cases lie."""
        return self.levels[-1] if self.levels else None

    def above(self, level: str) -> str | None:
        """Return the level in whose areas those of a level lie, None if in none."""
        known = [*level_names()]
        over = known[: known.index(level)] if level in known else []
        return next((one for one in reversed(over) if one in self.levels), None)

    def of(self, level: str | None, code: str | None) -> str | None:
        """Return the name of an area, None where it has none beside its code."""
        name = self.names.get((level, code)) if level and code else None
        return None if name == code else name

    def text(self, level: str | None, code: str | None) -> str:
        """Return an area by name and code; a dash without a code."""
        return with_code(code, self.of(level, code)) if code else NOTHING

    def parent_text(self, level: str, code: str | None) -> str:
        """Return the area in which one of a level lies by name and code; a dash without one."""
        return self.text(self.above(level), code)


def area_names(levels: Iterable[str], keys: Keys, draft: Draft | None = None) -> AreaNames:
    """Return the names of areas, as the newest edition has them that has the area.

    Parameters
    ----------
    levels : those that have areas, from the topmost down
    draft : gives names to areas that no edition ever had
    """
    wanted = {(level, code) for level, code in keys if level and code}
    found = dict(names_beside(connection(), wanted).areas)
    if draft is not None and not wanted <= found.keys():
        for one in list_changes(connection(), draft.id):
            key = one.level, one.code
            if one.name and key in wanted and key not in found:
                found[key] = one.name
    return AreaNames(tuple(levels), found)


def draft_names(
    draft: Draft,
    counts: Iterable[LevelCounts],
    *,
    changes: Sequence[Change] = (),
    altered: Mapping[str, Iterable[Alteration]] | None = None,
    problems: Iterable[Problem] = (),
    impact: Mapping[str, Any] | None = None,
) -> AreaNames:
    """Return the names of the areas that a page of a draft names.

    Parameters
    ----------
    counts : what the draft changes of each level
    altered : what is different about areas, by their level
    impact : as `Impact.to_json` has it
    """
    own = AreaNames(tuple(one.level for one in counts if one.areas))
    keys = [
        *((one.level, one.code) for one in changes if not one.name),
        *((own.above(one.level), one.parent_code) for one in changes),
        *(
            (own.above(level), parent)
            for level, some in (altered or {}).items()
            for one in some
            for parent in (one.old_parent, one.new_parent)
        ),
        *(key for one in problems for key in _of_problem(one, own)),
        *(_of_impact(impact, own) if impact else ()),
    ]
    return area_names(own.levels, keys, draft)


def _of_problem(one: Problem, own: AreaNames) -> Keys:
    level = own.above(one.level) if one.names_parents else one.level
    return ((level, code) for code in shown_codes(one))


def _of_impact(impact: Mapping[str, Any], own: AreaNames) -> Iterator[tuple[str | None, str]]:
    for one in impact.get("cases", ()):
        yield own.leaf, one["from_area"]
        yield own.leaf, one["to_area"]
    for one in impact["left_duties"]:
        yield one["level"], one["code"]
        yield from ((one["level"], heir["code"]) for heir in one["heirs"])
    for one in impact["bare_areas"]:
        yield one["level"], one["from_code"]
