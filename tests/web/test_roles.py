"""Who may call what: every route and every role, held against a table written by hand."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.routing import Rule
from werkzeug.routing.converters import AnyConverter, NumberConverter
from werkzeug.test import TestResponse

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.services.accounts import accounts
from gridmgmt.store.accounts.roles import list_roles
from tests.delivered_roles import ROLES
from tests.web.conftest import Login, csrf_of

# Any one of these permissions opens a route; "all" is everybody logged in, "public" everybody.
ROUTES = {
    "static": "public",
    "login.login": "public",
    "login.enter": "public",
    "login.leave": "all",
    "health.healthz": "public",
    # Who has no overview is sent on to the page where their work begins.
    "overview.begin": "all",
    "overview.index": "see_overview",
    "map.index": "see_map",
    "map.area": "see_map",
    "map_data.shapes": "see_map report_cases place_cases",
    "map_data.figures": "see_map",
    "map_data.density": "see_map",
    "map_data.cases": "see_cases see_own_cases see_reported_cases",
    "map_data.demolitions": "see_map",
    "map_data.timeline": "see_map",
    "map_data.search": "see_map report_cases place_cases",
    "map_tiles.tile": "all",
    "cases.index": "see_cases see_own_cases see_reported_cases",
    "cases.detail": "see_cases see_own_cases see_reported_cases",
    "cases.position": "see_cases see_own_cases see_reported_cases",
    "cases.around": "see_cases see_own_cases see_reported_cases",
    "report_places.places": "report_cases place_cases",
    "report_places.outcome": "report_cases",
    "case_reports.new": "report_cases",
    "case_reports.report": "report_cases",
    "case_reports.limits": "report_cases",
    "cases.placing": "place_cases report_cases",
    "cases.place": "place_cases report_cases",
    "cases.assign": "assign_cases",
    "case_lists.revision": "see_cases see_own_cases see_reported_cases",
    "case_assignments.rehearse": "assign_cases",
    "case_assignments.assign": "assign_cases",
    "cases.bounce": "bounce_cases",
    "cases.dispose": "dispose_cases",
    "cases.close": "close_cases",
    "supervision.index": "supervise_cases",
    "supervision.supervise": "supervise_cases",
    "cases.export": "export_cases",
    "cases.export_later": "export_cases",
    "cases.exported": "export_cases",
    "cases.components": "see_cases see_own_cases see_reported_cases",
    "case_imports.index": "import_cases",
    "case_imports.upload": "import_cases",
    "case_imports.columns": "import_cases",
    "case_imports.preview": "import_cases",
    "case_imports.report": "import_cases",
    "case_imports.rejected": "import_cases",
    "case_imports.apply": "import_cases",
    "case_imports.accept_default": "import_cases",
    "case_imports.withdraw_default": "import_cases",
    "areas.index": "see_areas",
    "areas.detail": "see_areas",
    "areas.around": "see_areas",
    "areas.choices": "manage_accounts manage_displays see_duties",
    "areas.page_shapes": "see_areas",
    "editions.index": "see_areas",
    "editions.detail": "see_areas",
    "editions.shapes": "see_areas",
    "editions.compare": "see_areas",
    "editions.diff": "see_areas",
    "editions.diff_shapes": "see_areas",
    "editions.withdraw": "publish_drafts",
    "drafts.index": "edit_drafts review_drafts",
    "drafts.create": "edit_drafts",
    "drafts.detail": "edit_drafts review_drafts",
    "drafts.base": "edit_drafts review_drafts",
    "drafts.check": "edit_drafts review_drafts",
    "drafts.delete": "edit_drafts",
    "drafts.problems": "edit_drafts review_drafts",
    "drafts.problem_list": "edit_drafts review_drafts",
    "drafts.shapes": "edit_drafts review_drafts",
    "drafts.state": "edit_drafts review_drafts",
    "drafts.take_back": "edit_drafts",
    "draft_imports.index": "edit_drafts",
    "draft_imports.upload": "edit_drafts",
    "draft_imports.layer": "edit_drafts",
    "draft_imports.features": "edit_drafts",
    "draft_imports.rehearse": "edit_drafts",
    "draft_imports.save": "edit_drafts",
    "draft_reviews.submit": "edit_drafts",
    "draft_reviews.comment": "review_drafts",
    "draft_reviews.give_back": "edit_drafts review_drafts",
    "draft_reviews.approve": "review_drafts",
    "draft_comparisons.index": "edit_drafts review_drafts",
    "draft_comparisons.areas": "edit_drafts review_drafts",
    "draft_impacts.show": "edit_drafts review_drafts",
    "draft_impacts.measure": "edit_drafts review_drafts",
    "draft_impacts.report": "edit_drafts review_drafts",
    "workbench.index": "edit_drafts review_drafts",
    "workbench.overview": "edit_drafts review_drafts",
    "workbench.exact": "edit_drafts review_drafts",
    "workbench.places": "edit_drafts review_drafts",
    "workbench.since": "edit_drafts review_drafts",
    "workbench_panels.log": "edit_drafts review_drafts",
    "workbench_panels.problems": "edit_drafts review_drafts",
    "workbench_panels.repair": "edit_drafts review_drafts",
    "workbench_panels.presence": "edit_drafts review_drafts",
    "workbench_panels.impact": "edit_drafts review_drafts",
    "workbench_panels.area": "edit_drafts",
    "workbench.edit": "edit_drafts",
    "workbench.undo": "edit_drafts",
    "workbench.redo": "edit_drafts",
    "draft_sheets.sheet": "edit_drafts review_drafts",
    "draft_publications.index": "publish_drafts",
    "draft_publications.rehearse": "publish_drafts",
    "draft_publications.publish": "publish_drafts",
    "draft_publications.rebase": "edit_drafts",
    "draft_publications.report": "publish_drafts",
    "draft_publications.conflicts": "publish_drafts",
    "duties.index": "see_duties",
    "duties.matrix": "see_duties",
    "duties.audit": "see_duties",
    "duty_changes.new": "edit_duties",
    "duty_changes.end": "edit_duties",
    "duty_changes.change": "edit_duties",
    "duty_changes.mend": "edit_duties",
    "duty_changes.edit": "edit_duties",
    "duty_changes.preview": "edit_duties",
    "duty_changes.apply": "edit_duties",
    "bounces.index": "see_duties",
    "bounces.cases": "see_cases",
    "edition_extensions.index": "publish_drafts",
    "edition_extensions.rehearse": "publish_drafts",
    "edition_extensions.apply": "publish_drafts",
    "edition_extensions.report": "publish_drafts",
    "reroutes.index": "reroute_cases",
    "reroutes.rehearse": "reroute_cases",
    "reroutes.apply": "reroute_cases",
    "reroutes.report": "reroute_cases",
    "responders.index": "see_duties",
    "responders.detail": "see_duties",
    "responders.choices": "see_duties assign_cases bounce_cases manage_accounts",
    "components.index": "see_duties",
    "components.detail": "see_duties",
    "components.position": "see_duties",
    "components.area": "see_duties",
    "upload_problems.table": "import_cases import_layers edit_duties edit_drafts",
    "layer_imports.index": "import_layers edit_duties",
    "layer_imports.upload": "import_layers edit_duties",
    "layer_imports.send": "import_layers edit_duties",
    "layer_imports.columns": "import_layers edit_duties",
    "layer_imports.try_out": "import_layers edit_duties",
    "layer_imports.apply": "import_layers edit_duties",
    "exports.index": "export_layers export_cases",
    "map_exports.index": "export_layers export_cases",
    "map_exports.make": "export_layers export_cases",
    "exports.make": "export_layers",
    "exports.detail": "export_layers export_cases",
    "exports.file": "export_layers export_cases",
    "exports.losses": "export_layers export_cases",
    "jobs.index": "see_jobs",
    "jobs.detail": "see_jobs",
    "jobs.progress": "see_jobs",
    "jobs.cancel": "see_jobs",
    "account.index": "all",
    "account.first_password": "all",
    "second_factor.code": "public",
    "second_factor.check": "public",
    "second_factor.first": "public",
    "second_factor.confirm_first": "public",
    "second_factor.begin": "all",
    "second_factor.enrol": "all",
    "second_factor.confirm": "all",
    "account.change_password": "all",
    "account.end_sessions": "all",
    "account.create_token": "use_api",
    "account.revoke_token": "use_api",
    "roles.index": "manage_accounts",
    "roles.new": "manage_accounts",
    "roles.change": "manage_accounts",
    "roles.edit": "manage_accounts",
    "roles.preview": "manage_accounts",
    "roles.apply": "manage_accounts",
    "roles.retire": "manage_accounts",
    "accounts.index": "manage_accounts",
    "accounts.create": "manage_accounts",
    "accounts.detail": "manage_accounts",
    "accounts.change": "manage_accounts",
    "accounts.disable": "manage_accounts",
    "accounts.enable": "manage_accounts",
    "accounts.reset_password": "manage_accounts",
    "accounts.end_sessions": "manage_accounts",
    "accounts.reset_second_factor": "manage_accounts",
    "accounts.revoke_token": "manage_accounts",
    "displays.index": "manage_displays",
    "displays.create": "manage_displays",
    "displays.new_link": "manage_displays",
    "displays.revoke": "manage_displays",
    "displays.open_link": "public",
    "audit.index": "see_audit",
    "api.openapi": "public",
    "api_cases.index": "see_cases see_own_cases see_reported_cases",
    "api_cases.show": "see_cases see_own_cases see_reported_cases",
    "api_cases.explanation": "see_cases see_own_cases see_reported_cases",
    "api_cases.report": "report_cases",
    "api_areas.index": "see_areas",
    "api_areas.show": "see_areas",
    "api_areas.figures": "see_map",
    "api_areas.history": "see_areas",
    "api_drafts.history": "edit_drafts",
    "api_drafts.edit": "edit_drafts",
    "api_drafts.undo": "edit_drafts",
    "api_drafts.redo": "edit_drafts",
    "api_draft_impacts.show": "edit_drafts review_drafts",
    "api_draft_impacts.begin": "edit_drafts review_drafts",
    "api_draft_impacts.follow": "edit_drafts review_drafts",
    "api_draft_rebases.pending": "edit_drafts",
    "api_draft_rebases.rebase": "edit_drafts",
    "api_draft_rebases.repairs": "edit_drafts",
    "api_draft_reviews.show": "edit_drafts review_drafts",
    "api_draft_reviews.submit": "edit_drafts",
    "api_draft_reviews.give_back": "edit_drafts review_drafts",
    "api_draft_reviews.approve": "review_drafts",
    "api_map_exports.show": "export_layers export_cases",
    "api_locate.locate": "see_areas report_cases",
}
PUBLIC = {endpoint for endpoint, words in ROUTES.items() if words == "public"}


def calls(app: Flask, *, api: bool) -> Iterator[tuple[str, str, str]]:
    """Every endpoint with a method and an address, of things that are not there."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.rule.startswith("/api/") is not api:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address(rule)


def address(rule: Rule) -> str:
    values: dict[str, object] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if isinstance(converter, NumberConverter):
            values[name] = 999_999
        elif isinstance(converter, AnyConverter):
            values[name] = sorted(converter.items)[0]
        else:
            values[name] = "nowhere"
    built = rule.build(values)
    assert built is not None
    return built[1]


def send(client: FlaskClient, method: str, path: str, token: str | None) -> TestResponse:
    data = None if method == "GET" or token is None else {"csrf_token": token}
    return client.open(path, method=method, data=data)


def is_sent_to_log_in(answer: TestResponse) -> bool:
    return answer.status_code == 303 and answer.headers["Location"].startswith("/login")


def may_call(role: str, endpoint: str) -> bool:
    wanted = ROUTES[endpoint].split()
    return wanted == ["all"] or bool({*ROLES[role].permissions.split()} & {*wanted})


def test_the_table_names_every_route_and_no_other(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert sorted(routes - {*ROUTES}) == []
    assert sorted({*ROUTES} - routes) == []


def test_the_table_names_permissions_there_are() -> None:
    named = {
        word
        for words in (*(one.permissions for one in ROLES.values()), *ROUTES.values())
        for word in words.split()
    }
    assert named - {"all", "public"} == set(Permission)


def test_the_shipped_roles_are_those_of_the_table(engine: Engine) -> None:
    with engine.connect() as conn:
        stored = [
            (one.code, one.name_zh, one.name_en, set(one.permissions))
            for one in list_roles(conn)
        ]
    assert stored == [
        (code, one.zh, one.en, set(one.permissions.split())) for code, one in ROLES.items()
    ]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_calls_what_it_may_and_nothing_else(
    role: str, app: Flask, login: Login, city: Engine
) -> None:
    limits = {"responder_code": "S1"} if role == "responder" else {}
    client = login(role, **limits)
    token = csrf_of(client.get("/account").text)
    wrong = []
    for endpoint, method, path in calls(app, api=False):
        if endpoint in PUBLIC or endpoint == "login.leave":
            continue
        answer = send(client, method, path, token)
        refused = answer.status_code == 403 or is_sent_to_log_in(answer)
        if refused is may_call(role, endpoint) or answer.status_code >= 500:
            wrong.append((endpoint, answer.status_code))
    # Density is that of all cases; who sees its own cases only is told so.
    assert wrong == ([("map_data.density", 403)] if role in {"responder", "collector"} else [])
    assert is_sent_to_log_in(send(client, "POST", "/logout", token))


def test_nobody_is_sent_to_log_in_everywhere(app: Flask, city: Engine) -> None:
    client = app.test_client()
    token = csrf_of(client.get("/login").text)
    for endpoint, method, path in calls(app, api=False):
        answer = send(client, method, path, token)
        # What asks for a code is public, but asks for the password first.
        is_open = endpoint in PUBLIC and not endpoint.startswith("second_factor.")
        assert is_sent_to_log_in(answer) is not is_open, endpoint


def test_a_disabled_account_is_nobody_at_once(app: Flask, login: Login, city: Engine) -> None:
    client = login("duty_chief")
    token = csrf_of(client.get("/account").text)
    with city.begin() as conn:
        accounts.set_active(conn, "duty_chief", active=False, actor="a test")
    for endpoint, method, path in calls(app, api=False):
        if endpoint not in PUBLIC:
            assert is_sent_to_log_in(send(client, method, path, token)), endpoint


def test_no_session_opens_the_api(app: Flask, login: Login, city: Engine) -> None:
    for client in (app.test_client(), login("duty_chief"), login("administrator")):
        for endpoint, method, path in calls(app, api=True):
            answer = client.open(path, method=method, json={} if method == "POST" else None)
            assert answer.status_code == (200 if endpoint in PUBLIC else 401), endpoint


def test_every_form_without_its_token_is_refused(
    app: Flask, login: Login, city: Engine
) -> None:
    client = login("duty_chief")
    posts = [one for one in calls(app, api=False) if one[1] == "POST"]
    assert len(posts) > 20
    for endpoint, method, path in posts:
        status = 400 if endpoint in PUBLIC or may_call("duty_chief", endpoint) else 403
        for token in (None, "", "made-up"):
            assert send(client, method, path, token).status_code == status, endpoint
    # Not one of them logged it out or changed anything.
    assert client.get("/account").status_code == 200


@pytest.mark.proof
def test_no_link_of_a_page_leads_a_role_nowhere(login: Login, city: Engine) -> None:
    """Each role follows every link it is shown, from the first page on."""
    dead = []
    for role in ROLES:
        limits = {"responder_code": "S1"} if role == "responder" else {}
        dead += [(role, *one) for one in follow(login(role, **limits))]
    assert dead == []


def follow(client: FlaskClient) -> list[tuple[int, str]]:
    """Follow links, one of each kind, and return those that end nowhere."""
    start = client.get("/login").headers["Location"]
    seen, waiting, dead = {start}, [start], []
    while waiting:
        path = waiting.pop()
        answer = client.get(path)
        while answer.status_code == 303 and not is_sent_to_log_in(answer):
            answer = client.get(answer.headers["Location"])
        if answer.status_code != 200:
            dead.append((answer.status_code, path))
        if answer.mimetype != "text/html":
            continue
        for found in re.findall(r'<a\b[^>]*\shref="([^"#]+)', answer.text):
            link = found.replace("&amp;", "&")
            if link.startswith("/") and "lang=" not in link and kind(link) not in seen:
                seen |= {link, kind(link)}
                waiting.append(link)
    assert len(seen) > 3
    return dead


def kind(link: str) -> str:
    """One page of a kind is followed for each set of questions asked of it."""
    path, _, query = link.partition("?")
    names = sorted(part.partition("=")[0] for part in query.split("&") if part)
    return f"{path}?{','.join(names)}"
