"""The menu of each account."""

from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlencode, urlsplit

from flask import Flask, current_app, g, request, url_for
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from web.app.addresses import local_address
from web.door.access import current_account
from web.pages.landings import landing_of

# The parameter, of addresses and forms, that names the page to which a button leads back.
_BACK = "back"


@dataclass(frozen=True)
class Entry:
    """An entry of the menu, shown to accounts with any of the permissions."""

    endpoint: str
    label: str
    icon: str
    permissions: tuple[Permission, ...]
    # Made once for each menu: layout and breadcrumbs ask for it several times.
    url: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the menu with a heading."""

    label: str
    entries: tuple[Entry, ...]


_SECTIONS = (
    Section(
        _l("Situation"),
        (
            Entry("overview.index", _l("Overview"), "speedometer2", (Permission.SEE_OVERVIEW,)),
            Entry("map.index", _l("Map"), "map", (Permission.SEE_MAP,)),
        ),
    ),
    Section(
        _l("Cases"),
        (
            Entry(
                "cases.index",
                _l("Cases"),
                "inbox",
                SEEING_CASES,
            ),
            Entry(
                "supervision.index",
                _l("Overdue, and by whom"),
                "alarm",
                (Permission.SUPERVISE_CASES,),
            ),
            Entry(
                "case_reports.new",
                _l("Report a case"),
                "plus-square",
                (Permission.REPORT_CASES,),
            ),
            Entry(
                "case_imports.index", _l("Import cases"), "upload", (Permission.IMPORT_CASES,)
            ),
        ),
    ),
    Section(
        _l("Grid"),
        (
            Entry("areas.index", _l("Areas"), "grid-3x3", (Permission.SEE_AREAS,)),
            Entry("editions.index", _l("Editions"), "layers", (Permission.SEE_AREAS,)),
            Entry(
                "drafts.index",
                _l("Drafts"),
                "pencil-square",
                (Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS),
            ),
        ),
    ),
    Section(
        _l("Responsibility"),
        (
            Entry("duties.index", _l("Duties"), "card-checklist", (Permission.SEE_DUTIES,)),
            Entry(
                "bounces.index", _l("Bounces"), "arrow-return-left", (Permission.SEE_DUTIES,)
            ),
            Entry("responders.index", _l("Responders"), "people", (Permission.SEE_DUTIES,)),
            Entry("components.index", _l("Components"), "lamp", (Permission.SEE_DUTIES,)),
        ),
    ),
    Section(
        _l("Files"),
        (
            Entry(
                "layer_imports.index",
                _l("Import layers"),
                "box-arrow-in-down",
                (Permission.IMPORT_LAYERS, Permission.EDIT_DUTIES),
            ),
            Entry(
                "exports.index",
                _l("Take away"),
                "box-arrow-up",
                (Permission.EXPORT_LAYERS, Permission.EXPORT_CASES),
            ),
            Entry("jobs.index", _l("Jobs"), "hourglass-split", (Permission.SEE_JOBS,)),
        ),
    ),
    Section(
        _l("Administration"),
        (
            Entry(
                "accounts.index", _l("Accounts"), "person-gear", (Permission.MANAGE_ACCOUNTS,)
            ),
            Entry("roles.index", _l("Roles"), "person-check", (Permission.MANAGE_ACCOUNTS,)),
            Entry("displays.index", _l("Wall screens"), "tv", (Permission.MANAGE_DISPLAYS,)),
            Entry("audit.index", _l("Audit log"), "journal-text", (Permission.SEE_AUDIT,)),
        ),
    ),
)


def menu() -> list[Section]:
    """Return the parts of the menu that the account of this request may use."""
    account = current_account()
    if account is None:
        return []
    # A request may log somebody in, whose menu is another one.
    known: tuple[Account, list[Section]] | None = g.get("menu")
    if known is None or known[0] is not account:
        shown = [Section(one.label, tuple(_allowed(one, account))) for one in _SECTIONS]
        known = g.menu = (account, [section for section in shown if section.entries])
    return known[1]


def _allowed(section: Section, account: Account) -> list[Entry]:
    there = current_app.view_functions
    return [
        replace(entry, url=url_for(entry.endpoint))
        for entry in section.entries
        if entry.endpoint in there and any(account.may(one) for one in entry.permissions)
    ]


def first_page() -> str:
    """Return the first page of the account of this request.

    This is where its work begins (``landings``), or the first entry of its menu.
    """
    account = current_account()
    landing = None if account is None else landing_of(account)
    if landing is not None:
        return landing
    sections = menu()
    return sections[0].entries[0].url if sections else account_page() or url_for("login.login")


def page_after_login(wanted: str) -> str:
    """Return the page the person wanted, if it is on this site, else their first page."""
    return local_address(wanted) or first_page()


def came_from() -> str:
    """Return this page as the parameter of links to a page whose buttons lead back here."""
    query = request.query_string.decode("latin-1")
    # A case number may have any character, so the path is encoded again.
    return urlencode({_BACK: f"{quote(request.path)}{'?' if query else ''}{query}"})


def way_back() -> str | None:
    """Return the page from which somebody came to this one, None if no page of this site is."""
    return local_address(request.values.get(_BACK, ""))


def kept_way_back() -> str:
    """Return the parameter of a link that leads on and keeps the way back, if there is one."""
    back = way_back()
    return "" if back is None else urlencode({_BACK: back})


def current_entry() -> str:
    """Return the URL of the menu entry for the page of this request."""
    entry = _entry_at(request.path)
    return "" if entry is None else entry.url


def way_back_label() -> str:
    """Return what the menu calls the page of `way_back`; empty if it has no entry."""
    back = way_back()
    entry = None if back is None else _entry_at(unquote(urlsplit(back).path))
    return "" if entry is None else entry.label


def _entry_at(path: str) -> Entry | None:
    inside = [
        entry
        for section in menu()
        for entry in section.entries
        if path == entry.url or (entry.url != "/" and path.startswith(f"{entry.url}/"))
    ]
    return max(inside, key=lambda entry: len(entry.url), default=None)


def language_url(code: str) -> str:
    """Return the URL of this page in another language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    # A case number may have any character, so the path is encoded again.
    path = quote(request.path) if request.method == "GET" else first_page()
    return f"{path}?{urlencode([*kept, ('lang', code)])}"


def account_page() -> str:
    """Return the URL of the account's own page."""
    return url_for("account.index") if "account.index" in current_app.view_functions else ""


def init_app(app: Flask) -> None:
    """Make the menu available in templates."""
    app.jinja_env.globals.update(
        menu=menu,
        first_page=first_page,
        current_entry=current_entry,
        language_url=language_url,
        account_page=account_page,
        came_from=came_from,
        way_back=way_back,
        way_back_label=way_back_label,
        kept_way_back=kept_way_back,
    )
