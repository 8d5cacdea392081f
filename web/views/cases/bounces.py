"""Pages of bounces: what they show about borders and duties, and the cases of each group."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.judging.bounces import Border, BounceGroup, Matter
from gridmgmt.errors import NotFoundError
from gridmgmt.services.cases.bounces import REACH_M, BouncesAsked, BouncesFound, find_bounces
from gridmgmt.store.areas.levels import list_levels
from web.app import params
from web.app.days import asked_instants
from web.app.transaction import connection, current_settings
from web.door.access import account, allow

bp = Blueprint("bounces", __name__, url_prefix="/duties/bounces")

# A page shows at most so many of a group; the command line shows all.
MOST_ROWS = 500


@bp.get("")
@allow(Permission.SEE_DUTIES)
def index() -> ResponseReturnValue:
    asked = _asked()
    found = find_bounces(connection(), asked)
    return render_template(
        "bounces/index.html",
        found=found,
        asked=asked,
        levels=list_levels(connection()),
        given=_given(found.level, asked.reach_m),
        group_url=partial(_group_url, _given(found.level, asked.reach_m)),
    )


@bp.get("/cases")
@allow(Permission.SEE_CASES)
def cases() -> ResponseReturnValue:
    """List the cases of one group."""
    asked = _asked()
    found = find_bounces(connection(), asked)
    group = next((one for one in _groups(found) if one.key == _key()), None)
    if group is None:
        raise NotFoundError(kind="group of bounces", key=" | ".join(map(str, _key())))
    # A case may have been bounced elsewhere too, even at a time when it had no position.
    sides, numbers = set(group.key), set(group.case_nos)
    rows = [row for row in found.rows if row.case_no in numbers]
    return render_template(
        "bounces/cases.html",
        found=found,
        group=group,
        rows=rows[:MOST_ROWS],
        at_border=next((row for row in rows if {row.area_code, row.other_code} == sides), None),
        more=max(0, len(rows) - MOST_ROWS),
        given=_given(found.level, asked.reach_m),
    )


def _asked() -> BouncesAsked:
    since, until = asked_instants()
    reach_m = params.decimal(request.args, "reach")
    return BouncesAsked(
        rules=current_settings().judging_rules,
        since=since,
        until=until,
        reach_m=REACH_M if reach_m is None else reach_m,
        level=params.text(request.args, "level"),
        within=account().area,
    )


def _given(level: str, reach_m: float) -> dict[str, str]:
    """Return the parameters of this page, for its links."""
    days = {name: params.text(request.args, name) for name in ("from", "to")}
    told = {name: text for name, text in days.items() if text is not None}
    return {**told, "level": level, "reach": f"{reach_m:g}"}


def _group_url(given: dict[str, str], group: BounceGroup) -> str:
    asked: dict[str, Any] = {**given, **group.key._asdict()}
    return url_for("bounces.cases", **asked)


def _key() -> Border | Matter:
    args = request.args
    one, other = params.text(args, "one"), params.text(args, "other")
    if one is not None and other is not None:
        return Border(one, other)
    return Matter(params.text(args, "area"), params.text(args, "category") or "")


def _groups(found: BouncesFound) -> list[BounceGroup]:
    return [*found.report.borders, *found.report.matters]
