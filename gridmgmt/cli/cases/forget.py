"""``gridmgmt case forget``: delete personal data of cases closed long ago."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.numbers import WholeRangeParam
from gridmgmt.cli.work import commit_option, database_url, say, work
from gridmgmt.domain.moments import shown
from gridmgmt.errors import InputError
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.services.cases.forgetting import Forgetting, Forgotten


@click.command("forget")
@click.option(
    "--days",
    type=WholeRangeParam(1, 36_500),
    help="Days since a case was closed; default: GRIDMGMT_PERSONAL_DAYS.",
)
@click.option(
    "--rewrite",
    is_flag=True,
    help="Also rewrite the tables, so that no bytes stay; nobody can work during this.",
)
@commit_option
@click.pass_obj
def forget(settings: Settings, days: int | None, rewrite: bool, commit: bool) -> None:
    """Delete the personal data of cases that were closed long ago.

    This covers descriptions and addresses, the texts of events, rejected rows, the texts of
    jobs about cases, and uploaded and exported files of cases. Positions, traces and counts
    stay. Dumps are not changed: delete old dumps yourself. This cannot be undone.
    """
    from gridmgmt.services.cases import forgetting
    from gridmgmt.services.cases.forgetting import Forgetting
    from gridmgmt.store.cases.forgetting import clear_old_rows
    from gridmgmt.store.engine import transaction
    from gridmgmt.store.upkeep.schema_check import checked_engine

    days = days or settings.personal_days
    if days is None:
        message = "give the number of days, or set GRIDMGMT_PERSONAL_DAYS"
        raise InputError(field="days", message=message)
    before = forgetting.closed_before(days, datetime.now(UTC))
    asked = Forgetting(before, settings.actor, settings.home)
    # Not the usual dry run, which does all the work and rolls it back: this work commits in
    # pieces.
    if not commit:
        with work(settings, commit=None) as conn:
            _tell(forgetting.preview(conn, asked), asked, settings)
        say("dry run: nothing was changed; add --commit to do it")
        return
    engine = checked_engine(database_url(settings))
    try:
        done = forgetting.forget(lambda: transaction(engine, commit=True), asked)
        _tell(done, asked, settings)
        # Outside of any transaction: PostgreSQL allows VACUUM only there.
        clear_old_rows(engine, rewrite=rewrite)
    finally:
        engine.dispose()
    if not rewrite:
        say("nobody is answered with it any more; its bytes may stay in free space of the")
        say("database's files until they are written over (--rewrite leaves none), and in its")
        say("write-ahead log until that is used again")
    say("committed")


def _tell(what: "Forgotten", asked: "Forgetting", settings: Settings) -> None:
    until = shown(asked.closed_before, settings.tz)
    say(f"closed before {until}: {what.cases:,} case(s), texts in {what.events:,} event(s)")
    say(
        f"beside them {what.rejected_rows:,} rejected row(s), the words of {what.jobs:,}"
        f" job(s), {what.files:,} kept file(s)"
    )
    say("dumps are not touched: what stands in them stays until you delete them")
