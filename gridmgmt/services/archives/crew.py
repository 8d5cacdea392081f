"""Dask workers that an archive is shared out to: processes here, or those of any cluster.

The one module that knows of Dask, which is installed with the extra ``cluster``.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import dask
from dask.system import CPU_COUNT
from distributed import Client, Future, LocalCluster, Worker, as_completed
from distributed.diagnostics.plugin import WorkerPlugin
from distributed.scheduler import KilledWorker

from gridmgmt.domain.listing import listed
from gridmgmt.errors import InputError
from gridmgmt.exchange.reading.limits import bound_memory, current_limits, unbound_memory
from gridmgmt.services.archives.areas import SavedAreas

Part = TypeVar("Part")
Result = TypeVar("Result")

_PROGRAM = "gridmgmt"
# How long a scheduler, and then its first worker, may take to answer.
_PATIENCE_S = 20
# Partial results put together at a time.
_AT_ONCE = 8
# Dask's own pages, which every scheduler and worker serves by default: none.
_QUIET: dict[str, list[str]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


class Crew:
    """Workers that do the same to every part of an archive; a part of a lost one is redone."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sent: dict[SavedAreas, str] = {}

    def __len__(self) -> int:
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def ask(self, question: Callable[..., Result], *given: object) -> dict[str, Result]:
        """Ask every worker there is: address -> answer."""
        answers: dict[str, Result] = self._client.run(question, *given)
        return answers

    def check_folder(self, folder: Path) -> None:
        """Refuse workers that do not see a folder.

        Raises
        ------
        InputError
            naming the workers
        """
        blind = sorted(who for who, sees in self.ask(_sees, folder).items() if not sees)
        if blind:
            told = f"{folder} is not there where these workers run: {listed(blind)}"
            message = f"{told}; mount it at the same path"
            raise InputError(field="--cluster", message=message)

    def share(self, areas: SavedAreas) -> None:
        """See to it that every worker finds the areas, those that join later too.

        Workers that see the file map it into memory; where one does not, the file is sent
        to each of them once.
        """
        if areas not in self._sent and not all(self.ask(_sees, areas.path).values()):
            self.send(areas)

    def send(self, areas: SavedAreas) -> None:
        """Send every worker a copy of the areas, those that join later too."""
        copy = _AreasCopy(areas, areas.path.read_bytes())
        self._client.register_plugin(copy)
        self._sent[areas] = copy.name

    def bound(self, memory: int) -> None:
        """Let no worker, now or later, take more than so many bytes beyond what it has."""
        self._client.register_plugin(_Bound(memory))

    def leave(self) -> None:
        """Take back what was sent to the workers, and the bounds they were set."""
        while self._sent:
            self._client.unregister_worker_plugin(self._sent.popitem()[1])
        self._client.unregister_worker_plugin(_Bound.name)

    def each(
        self, work: Callable[..., Result], parts: Sequence[Part], *given: object
    ) -> Iterator[tuple[Part, Result | Exception]]:
        """Do work on every part, giving results as they come; an exception takes its place."""
        futures = self._submitted(work, parts, given)
        part_of = {future.key: part for future, part in zip(futures, parts, strict=True)}
        done = as_completed(futures, loop=self._client.loop)
        del futures  # else every result would be held to the end
        for future in done:
            yield part_of.pop(future.key), _outcome(future)

    def fold(
        self,
        work: Callable[..., Result],
        parts: Sequence[Part],
        merge: Callable[[list[Result]], Result],
        *given: object,
        done: Callable[[Part], None],
    ) -> Result | Exception:
        """Do work on every part and merge what comes of it on the workers, some at a time.

        Parameters
        ----------
        parts : at least one
        merge : puts results together; their order and grouping may not matter
        done : told each part when it is done
        """
        layer = futures = self._submitted(work, parts, given)
        while len(layer) > 1:
            # Before the parts that still wait: what is merged no longer takes up memory.
            layer = [
                self._client.submit(
                    merge, layer[k : k + _AT_ONCE], pure=False, priority=1, retries=0
                )
                for k in range(0, len(layer), _AT_ONCE)
            ]
        part_of = {future.key: part for future, part in zip(futures, parts, strict=True)}
        finished = as_completed(futures, loop=self._client.loop)
        del futures
        for future in finished:
            done(part_of.pop(future.key))
        merged: Result | Exception = _outcome(layer[0])
        return merged

    def _submitted(
        self, work: Callable[..., Any], parts: Sequence[Any], given: Sequence[object]
    ) -> list[Future[Any]]:
        # Impure: a file may have changed since the same question was asked.
        return [self._client.submit(work, part, *given, pure=False) for part in parts]


def _outcome(future: Future[Any]) -> Any:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, KilledWorker):
        return MemoryError("every worker that took it up died: too little memory?")
    return error


@contextmanager
def local_crew(workers: int | None = None) -> Iterator[Crew]:
    """Start single-threaded workers on this machine, as many as it has cores.

    They listen on the loopback address only, and show nobody a dashboard.
    """
    with ExitStack() as stack:
        scratch = stack.enter_context(TemporaryDirectory(prefix="gridmgmt-"))
        stack.enter_context(dask.config.set(_QUIET | {"temporary-directory": scratch}))
        cluster = stack.enter_context(
            LocalCluster(
                n_workers=workers or CPU_COUNT,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                silence_logs=logging.ERROR,
            )
        )
        crew = Crew(stack.enter_context(Client(cluster, set_as_default=False)))
        crew.bound(current_limits().memory)
        yield crew


@contextmanager
def cluster_crew(address: str) -> Iterator[Crew]:
    """Use the workers of a cluster whose scheduler answers at an address.

    Raises
    ------
    InputError
        when nobody answers there, or workers lack this program
    """
    try:
        client = Client(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        message = f"no Dask scheduler answers at {address} ({_first_line(error)})"
        raise InputError(field="--cluster", message=message) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError as error:
            message = f"the scheduler at {address} has no worker"
            raise InputError(field="--cluster", message=message) from error
        _check_program(client)
        crew = Crew(client)
        crew.bound(current_limits().memory)
        try:
            yield crew
        finally:
            crew.leave()


def _check_program(client: Client) -> None:
    """Refuse workers that would not understand what they are asked to do."""
    ours = version(_PROGRAM)
    # What answers is the standard library, which workers without the program have too.
    theirs = client.run(version, _PROGRAM, on_error="return")
    wrong = [
        f"{who} has {'none' if isinstance(found, Exception) else found}"
        for who, found in sorted(theirs.items())
        if found != ours
    ]
    if wrong:
        told = f"its workers need {_PROGRAM} {ours}, as it is here: {listed(wrong)}"
        raise InputError(field="--cluster", message=told)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _sees(path: Path) -> bool:
    return path.exists()


class _Bound(WorkerPlugin):
    """What a damaged or hostile file may make a worker take."""

    name = "gridmgmt-bound"

    def __init__(self, memory: int) -> None:
        self._memory = memory

    def setup(self, worker: Worker) -> None:
        """Set this worker its bound."""
        bound_memory(self._memory)

    def teardown(self, worker: Worker) -> None:
        """Take it back."""
        unbound_memory()


class _AreasCopy(WorkerPlugin):
    """A file of areas, on its way to workers that do not see it."""

    def __init__(self, areas: SavedAreas, content: bytes) -> None:
        self.name = f"gridmgmt-areas-{areas.path}"
        self._areas = areas
        self._content = content

    def setup(self, worker: Worker) -> None:
        """Put the file where this worker keeps its own."""
        self._areas.keep(self._content, Path(worker.local_directory))

    def teardown(self, worker: Worker) -> None:
        """Remove it."""
        self._areas.forget()
