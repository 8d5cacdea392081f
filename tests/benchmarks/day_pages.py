"""What the roles open in a day: every page there is, and the files and lists they take."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection
from werkzeug.routing import Rule

from gridmgmt.services.cases.bounces import REACH_M, BouncesAsked, find_bounces
from gridmgmt.store.accounts.roles import list_roles
from gridmgmt.store.areas.editions import list_editions
from web.door.access import needs_of
from web.pages.case_queues import QUEUES

ROLES = (
    "duty_chief",
    "dispatcher",
    "street_chief",
    "responder",
    "collector",
    "commander",
    "gis_officer",
    "planner",
    "administrator",
)
# Whose work a page is, by the beginning of its address; others are opened as the first who may.
_WORK_OF = {
    "/overview": "commander",
    "/map": "commander",
    "/supervision": "street_chief",
    "/areas": "gis_officer",
    "/editions": "gis_officer",
    "/drafts": "gis_officer",
    "/duties": "gis_officer",
    "/responders": "gis_officer",
    "/components": "gis_officer",
    "/exports": "planner",
    "/jobs": "planner",
}
# A part of an address, without how it is read.
_PART = re.compile(r"<(?:[^<>]*:)?(\w+)>")
PAGE, LIST, DUTIES, CALL = "100 ms", "25 ms CPU", "300 ms", "12 ms"
# All lists of cases, and those of responders and components, which are as long.
_LISTS = ("/cases", "/responders", "/components", "/duties", "/supervision")
_CHECKS = ("/duties/matrix", "/duties/audit")
# Sent on at once, or not a page.
_PASSED_OVER = {
    "static",
    "overview.begin",
    "login.login",
    "second_factor.code",
    # Of a second factor that somebody has begun to set up.
    "second_factor.enrol",
    "editions.compare",
    "api.openapi",
}


@dataclass(frozen=True)
class Opened:
    """A page and who opens it; ``goal`` is empty where none was set."""

    role: str
    path: str
    what: str
    goal: str = ""
    with_token: bool = False


def pages(app: Flask, conn: Connection) -> Iterator[Opened]:
    """Yield every page without a form before it, as the first role that may open it."""
    may = {one.code: one.permissions for one in list_roles(conn)}
    examples, queries = _examples(conn), _queries(app, conn)
    for rule in app.url_map.iter_rules():
        is_page = "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/")
        if not is_page or rule.endpoint in _PASSED_OVER or ".json" in rule.rule:
            continue
        needs = needs_of(app.view_functions[rule.endpoint])
        path = _filled(rule, examples)
        if needs is None or path is None:
            continue
        able = [one for one in ROLES if not needs or may[one].intersection(needs)]
        theirs = _WORK_OF.get(f"/{path.split('/')[1]}")
        role = theirs if theirs in able else able[0]
        query = queries.get(rule.endpoint)
        opened = f"{path}?{urlencode(query)}" if query else path
        yield Opened(role, opened, _PART.sub(r"<\1>", rule.rule), _goal(path))


def _goal(path: str) -> str:
    if path in _CHECKS:
        return DUTIES
    return LIST if path in _LISTS else PAGE


def _examples(conn: Connection) -> dict[str, dict[str, object]]:
    """Return values for the parts of addresses, by the name of the part or by its route."""

    def one(query: str) -> object:
        return conn.execute(sa.text(query)).scalar_one()

    # The demo city has one edition, which is then compared with itself.
    editions = list_editions(conn)
    street = one("SELECT min(code) FROM areas WHERE level = 'street'")
    return {
        "": {
            "case_no": one(_A_CASE),
            "draft_id": one("SELECT min(id) FROM drafts"),
            "number": 1,
            "first": editions[0].number,
            "second": editions[-1].number,
            "noun": "responders",
            "username": "dispatcher",
            "level": "street",
        },
        "areas.detail": {"code": street},
        "map.area": {"code": street},
        "responders.detail": {"code": one("SELECT min(responder_code) FROM cases")},
        "components.detail": {"code": one("SELECT min(code) FROM components")},
    }


def _queries(app: Flask, conn: Connection) -> dict[str, dict[str, object]]:
    """Return the queries of pages that show nothing without one, by route."""
    rules = app.extensions["gridmgmt"].settings.judging_rules
    bounces = find_bounces(conn, BouncesAsked(rules=rules))
    # The lines of the report lead to the cases of a border or of a matter.
    groups = [*bounces.report.borders, *bounces.report.matters]
    given = {"level": bounces.level, "reach": f"{REACH_M:g}"}
    key = {name: part for name, part in groups[0].key._asdict().items() if part is not None}
    return {"bounces.cases": {**given, **key}}


_A_CASE = (
    "SELECT case_no FROM cases WHERE status = 'dispatched' AND area_code IS NOT NULL"
    " ORDER BY reported_at DESC LIMIT 1"
)


def _filled(rule: Rule, examples: dict[str, dict[str, object]]) -> str | None:
    known = {**examples[""], **examples.get(rule.endpoint, {})}
    if not rule.arguments <= set(known):
        # Of a job, an upload or a file made before: there is none yet.
        return None
    built = rule.build({name: known[name] for name in rule.arguments})
    return None if built is None else built[1]


def asked(conn: Connection) -> Iterator[Opened]:
    """Yield lists with filters, files and calls of programs, which are one route each."""
    case_no = conn.execute(sa.text(_A_CASE)).scalar_one()
    first, last = conn.execute(
        sa.text("SELECT min(reported_at)::date, max(reported_at)::date FROM cases")
    ).one()
    for queue in QUEUES:
        what = f"/cases, {queue.name.replace('_', ' ')}"
        yield Opened("duty_chief", f"/cases?{queue.query}", what, LIST)
    for role in ("dispatcher", "street_chief", "responder", "collector"):
        yield Opened(role, "/cases", "/cases", LIST)
    whole = {"from": first, "to": last}
    yield Opened(
        "duty_chief",
        f"/cases?{urlencode({**whole, 'q': '垃圾'})}",
        "/cases, a text in all of them",
        PAGE,
    )
    month = {"from": last - timedelta(days=30), "to": last}
    for kind in ("xlsx", "csv"):
        path = f"/cases/export?{urlencode({**month, 'format': kind})}"
        yield Opened("duty_chief", path, f"a month of cases as {kind}")
    api = "/api/v1/cases"
    nothing = urlencode({"from": "2001-01-01", "to": "2001-01-01", "limit": 1})
    for path, what, goal in (
        (f"{api}?{nothing}", "API: no case at all", ""),
        (f"{api}/{case_no}", "API: one case", CALL),
        (f"{api}?limit=100", "API: 100 cases", ""),
    ):
        yield Opened("duty_chief", path, what, goal, with_token=True)
