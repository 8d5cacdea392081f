"""What the form of a report begins with, so that nobody types what the program knows."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gridmgmt.domain.accounts.permission import SEEING_CASES, Permission
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.services.cases import lists
from gridmgmt.services.cases.questions import Asker, CaseQuestion
from gridmgmt.services.judging.directory import directory
from gridmgmt.store.cases.case_counts import list_channels
from gridmgmt.store.cases.case_pages import Order
from web.app.transaction import connection
from web.door.access import actor, case_scope, may

# Who goes out to look finds things one way only: the source of cases that GB/T 30428 names so.
# Whoever places cases takes in what arrives by many ways, and sees which.
FOUND = "监督员上报"

MOST_RECENT = 6
MOST_CHANNELS = 30


@dataclass(frozen=True)
class ReportForm:
    """The parts of the form for one account.

    ``recent`` are the categories it reported last, newest first. ``takes_in``: it takes in what
    others report, which has a channel, perhaps a number and a deadline; then ``channels`` are
    those to propose. ``own`` are its own reports, None if it may not see any cases. ``token``
    is new with each form.
    """

    token: str
    categories: Sequence[Category]
    recent: Sequence[Category]
    takes_in: bool
    channel: str
    channels: Sequence[str]
    own: lists.CaseListing | None


def report_form() -> ReportForm:
    """Return the form for the account of this request."""
    own = _own_reports()
    takes_in = may(Permission.PLACE_CASES)
    known = directory(connection()).categories
    codes = () if own is None else (one.given.category for one in own.page.cases)
    recent = [known[code] for code in dict.fromkeys(codes) if code in known]
    return ReportForm(
        token=secrets.token_hex(16),
        categories=[one for one in known.values() if one.mapped],
        recent=[one for one in recent if one.mapped][:MOST_RECENT],
        takes_in=takes_in,
        channel=channel_of_role() or _last_channel(own),
        channels=list_channels(connection(), most=MOST_CHANNELS) if takes_in else (),
        own=own,
    )


def channel_of_role() -> str:
    """Return the channel of what this account reports, "" if its role has several."""
    return "" if may(Permission.PLACE_CASES) else FOUND


def _last_channel(own: lists.CaseListing | None) -> str:
    return "" if own is None or not own.page.cases else own.page.cases[0].given.channel or ""


def _own_reports() -> lists.CaseListing | None:
    """Return what this account reported, newest first; None: it may not see any cases."""
    if not any(may(one) for one in SEEING_CASES):
        return None
    own = replace(case_scope(), reporter=actor())
    return lists.list_page(connection(), CaseQuestion(), Asker(actor(), own), order=Order())
