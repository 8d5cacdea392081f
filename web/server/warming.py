"""What the first visitor of a process would wait for, done before it takes connections."""

import logging
import time

from flask import Flask

from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.services.cases import lists, stories
from gridmgmt.services.cases.questions import Asker, CaseQuestion
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import Order
from gridmgmt.store.engine import transaction
from web.app.transaction import Platform

_log = logging.getLogger(__name__)


def warm_up(app: Flask) -> None:
    """Read duties and borders, load what is compiled, and translate all templates.

    A list of cases is read and its first case explained, as pages do. A database that does not
    answer is no reason not to start.
    """
    began = time.monotonic()
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    try:
        _ask(app.extensions["gridmgmt"])
    except Exception:
        _log.warning("the first pages will take longer", exc_info=True)
    _log.info("warmed up in %.1f s", time.monotonic() - began)


def _ask(platform: Platform) -> None:
    with transaction(platform.engine, commit=False) as conn:
        # Without a reader and without personal data: nothing of it is to be audited.
        given = CaseQuestion(CaseFilter(status=CaseStatus.DISPATCHED))
        shown = lists.list_page(conn, given, Asker(""), order=Order())
        for case in shown.page.cases[:1]:
            rules = platform.settings.judging_rules
            stories.explain(conn, case.given.case_no, rules=rules, personal=False, actor="")
