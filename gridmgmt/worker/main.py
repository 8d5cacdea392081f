"""The process of the worker: fetch jobs from the queue, clean up, and end in good order."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy.engine import Engine

from gridmgmt.errors import StoreError
from gridmgmt.services.accounts import sessions
from gridmgmt.services.files import downloads, jobs, uploads
from gridmgmt.settings import Settings
from gridmgmt.store.engine import Timeouts, transaction
from gridmgmt.store.jobs import QUEUE, TASK
from gridmgmt.store.upkeep.schema_check import checked_engine
from gridmgmt.worker.forgetting import DailyForgetting
from gridmgmt.worker.kinds import KINDS
from gridmgmt.worker.run import run_job
from gridmgmt.worker.work import Work

_log = logging.getLogger(__name__)

# A small job does not have to wait for the end of a long one.
AT_ONCE = 2
SWEEP_S = 30.0
# A job that ends within this time after the request to stop may finish.
GRACE_S = 3.0
# A job waits longer for locks than a page does, and may compute for long between two
# statements.
_LOCK_S = 600.0
_IDLE_S = 3600.0


class Worker:
    """Runs the jobs of one database until it is stopped."""

    def __init__(
        self, url: str, settings: Settings, kinds: Mapping[str, Work] | None = None
    ) -> None:
        self._settings = settings
        self._kinds = KINDS if kinds is None else kinds
        timeouts = Timeouts(settings.worker_statement_s, _LOCK_S, _IDLE_S)
        self._engine: Engine = checked_engine(url, timeouts)
        connector = PsycopgConnector(
            conninfo=url, kwargs={"options": "-c timezone=UTC"}, min_size=1, max_size=4
        )
        self._app = App(connector=connector)
        self._app.task(name=TASK, queue=QUEUE, pass_context=True)(self._run)

    def run(self) -> None:
        """Run jobs until SIGTERM or SIGINT.

        Raises
        ------
        StoreError
            when the connection to the database is lost
        """
        try:
            sweep(self._engine, self._settings)
            asyncio.run(self._serve())
        except ConnectorException as error:
            message = f"the worker lost the database: {error}"
            raise StoreError(message) from error
        finally:
            self._engine.dispose()

    async def _serve(self) -> None:
        async with self._app.open_async():
            _log.info("the worker is ready", extra={"action": "start_worker"})
            sweeper = asyncio.create_task(self._sweep_forever())
            try:
                await self._app.run_worker_async(
                    queues=[QUEUE],
                    name="gridmgmt",
                    concurrency=AT_ONCE,
                    shutdown_graceful_timeout=GRACE_S,
                    delete_jobs="always",
                )
            finally:
                sweeper.cancel()
                _log.info("the worker ends", extra={"action": "stop_worker"})

    async def _sweep_forever(self) -> None:
        forgetting = DailyForgetting(self._engine, self._settings)
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await asyncio.to_thread(sweep, self._engine, self._settings)
                await asyncio.to_thread(forgetting, datetime.now(UTC))
            except StoreError:
                _log.exception("nothing was swept", extra={"action": "sweep"})

    def _run(self, context: JobContext, job: int) -> None:
        run_job(self._engine, self._kinds, job, self._settings, context.should_abort)


def sweep(engine: Engine, settings: Settings) -> None:
    """Requeue jobs of dead workers, end what has expired, delete what nobody needs."""
    now = datetime.now(UTC)
    with transaction(engine, commit=True) as conn:
        jobs.rescue(conn)
    with transaction(engine, commit=True) as conn:
        sessions.sweep(conn, settings.session_limits, now=now)
    downloads.remove_old(settings.home, now)
    removed = uploads.remove_old(settings.home, now)
    if removed:
        _log.info("%s old upload(s) removed", removed, extra={"action": "remove_uploads"})
