"""Work on the cases of the sample city, by the services that the pages use."""

from datetime import UTC, datetime

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseAction
from gridmgmt.sample.desk import Desk, DeskStep
from gridmgmt.services.cases import actions, reports
from gridmgmt.services.cases.actions import Acting
from gridmgmt.services.cases.reports import Report
from gridmgmt.settings import Settings
from gridmgmt.store.cases.cases import get_case
from gridmgmt.store.engine import transaction
from gridmgmt.store.upkeep.schema_check import checked_engine


def work_on(settings: Settings, desk: Desk) -> None:
    """Report and do what people did with cases, each step at its time on the bureau's clock.

    Raises
    ------
    GridMgmtError
        when a step is not possible; none is kept then
    """
    engine = checked_engine(str(settings.database_url))
    try:
        with transaction(engine, commit=True) as conn:
            for cells in desk.reported:
                reports.report(conn, Report(cells, settings.actor, settings.judging_rules))
            for step in desk.steps:
                _do(conn, settings, step)
    finally:
        engine.dispose()


def _do(conn: Connection, settings: Settings, step: DeskStep) -> None:
    at = _moment(step.at, settings)
    seen = get_case(conn, step.case_no).last_seq
    acting = Acting(step.case_no, seen, settings.actor, now=at)
    if step.action is CaseAction.BOUNCE:
        actions.bounce(conn, acting, reason=step.text)
    elif step.action is CaseAction.ASSIGN:
        actions.assign(conn, acting, responder_code=str(step.responder), reason=step.text)
    elif step.action is CaseAction.DISPOSE:
        actions.dispose(conn, acting, at=at, text=step.text)
    else:
        actions.close(conn, acting, at=at, text=step.text)


def _moment(at: np.datetime64, settings: Settings) -> datetime:
    local: datetime = at.astype("datetime64[s]").item()
    return local.replace(tzinfo=settings.tz).astimezone(UTC)
