"""Shared by the pages of drafts: the draft, who may see it, and its check."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import request

from gridmgmt.domain.areas.draft import Action, Draft
from gridmgmt.errors import InputError
from gridmgmt.recently_used import RecentlyUsed
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts.audit import AuditNames, names_beside
from gridmgmt.services.drafts import changes, checks
from gridmgmt.services.drafts.checks import Checked
from gridmgmt.services.drafts.drafts import DEFAULT_TOLERANCE_M2
from gridmgmt.store.areas.draft_changes import ChangeQuery
from gridmgmt.store.areas.drafts import get_draft_numbered
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.situation.map_areas import database_key
from web.app import params
from web.app.page_keys import KEY
from web.app.transaction import connection

# Work that takes longer than a request should, measured on a city of 10,000 cells: a check 3 s,
# an import 3 s, a publication that redraws all of them 10 s.
CHECKED_AT_ONCE = 15_000
REHEARSED_WITH_CHECK = 3_000
PUBLISHED_AT_ONCE = 3_000
# The sheet of so many areas takes 6 s.
PUT_UP_AT_ONCE = 1_000
# With a larger tolerance nothing in a city would be a problem.
MOST_TOLERATED_M2 = 1_000_000

# Rows of a draft that others name, by what the names of places call them.
_PLACES = {"zone": "zone", "group_member": "group", "road_segment": "road_segment"}

_CHECKS: RecentlyUsed[Checked] = RecentlyUsed(most=8)


def find(draft_id: int) -> Draft:
    """Return a draft.

    Raises
    ------
    NotFoundError
        when there is no such draft
    """
    return get_draft_numbered(connection(), draft_id)


def check(draft: Draft, tolerance_m2: float) -> Checked:
    """Check a draft; the same state with the same tolerance is checked only once.

    The page, its map and every page of its table need the same check.
    """
    conn = connection()
    newest = newest_edition(conn)
    key = (
        database_key(conn),
        draft.id,
        draft.base_edition,
        changes.revision(conn, draft.label),
        None if newest is None else newest.number,
        tuple(list_levels(conn)),
        tolerance_m2,
    )
    return _CHECKS.get(key, lambda: checks.check(conn, draft.label, tolerance_m2=tolerance_m2))


def tolerance_m2(args: params.Args) -> float:
    """Return the tolerance for gaps and overlaps in square metres, or else the default.

    Raises
    ------
    InputError
        when it is not a number, negative, or too large for a city
    """
    given = params.decimal(args, "tolerance_m2")
    if given is not None and not 0 <= given <= MOST_TOLERATED_M2:
        raise InputError(
            field="tolerance_m2",
            message=Sentence("give square metres from 0 to {}", f"{MOST_TOLERATED_M2:,}"),
        )
    return DEFAULT_TOLERANCE_M2 if given is None else given


def change_query(levels: Sequence[str]) -> ChangeQuery | None:
    """Return the filter of changes that this request asks for.

    Parameters
    ----------
    levels : the changed ones; without a level in the request the deepest of them is asked for
    """
    level = params.text(request.args, "level") or (levels[-1] if levels else None)
    if level is None:
        return None
    return ChangeQuery(
        level=level,
        action=params.kind(request.args, "action", Action),
        words=params.text(request.args, "q"),
        after=request.args.get(KEY) or None,
    )


def row_names(rows: Iterable[Mapping[str, Any]]) -> AuditNames:
    """Return the names of all that some rows of a draft name, shown beside their codes."""
    rows = list(rows)
    records = [one.get("record") or {} for one in rows]
    keys = {
        (one["level"], one.get("target_code") or one.get("area_code") or "")
        for one in records
        if one.get("level")
    }
    names = names_beside(connection(), keys)
    # Zones and groups that are stated here are not stored yet.
    stated = {
        (_PLACES[one["kind"]], str(record.get("code") or record.get("group_code"))): str(name)
        for one in rows
        if one["kind"] in _PLACES
        for record in [one.get("record") or {}]
        for name in [record.get("name")]
        if name
    }
    return replace(names, places={**names.places, **stated})
