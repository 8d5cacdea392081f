"""What the first visitor of a process would wait for, done before it takes connections."""

import logging
import threading
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

# A new release compiles its loops first, which takes longer than visitors should find nobody.
_MOST_S = 5.0


def warm_up(app: Flask, most_s: float = _MOST_S) -> None:
    """Read duties and borders, load what is compiled, and translate all templates.

    A list of cases is read and its first case explained, as pages do. After ``most_s`` seconds
    it returns, and goes on behind. A database that does not answer is no reason not to start.
    """
    work = threading.Thread(target=_warm_up, args=(app,), name="warming up", daemon=True)
    work.start()
    work.join(most_s)


def _warm_up(app: Flask) -> None:
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
