"""Dask workers for archives: processes on this machine, or those of any cluster.

Only this module knows Dask, which is installed with the extra ``cluster``.
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
# The longest wait for a scheduler, and then for its first worker.
_PATIENCE_S = 20
# Partial results merged at a time.
_AT_ONCE = 8
# Every scheduler and worker of Dask serves pages by default; here none does.
_QUIET: dict[str, list[str]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
# One process loads Dask, and all workers begin as copies of it.
_LOADED_ONCE = {"distributed.worker.multiprocessing-method": "forkserver"}


class Crew:
    """Workers that do the same work on every part of an archive; lost parts are done again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sent: dict[SavedAreas, str] = {}

    def __len__(self) -> int:
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def ask(self, question: Callable[..., Result], *given: object) -> dict[str, Result]:
        """Call a function on every worker: address -> result."""
        answers: dict[str, Result] = self._client.run(question, *given)
        return answers

    def check_folder(self, folder: Path) -> None:
        """Raise InputError if a worker cannot see a folder.

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
        """Make the areas available to every worker, also to those that join later.

        Workers that see the file map it into memory. If one does not see it, the file is sent
        to every worker once.
        """
        if areas not in self._sent and not all(self.ask(_sees, areas.path).values()):
            self.send(areas)

    def send(self, areas: SavedAreas) -> None:
        """Send a copy of the areas to every worker, also to those that join later."""
        copy = _AreasCopy(areas, areas.path.read_bytes())
        self._client.register_plugin(copy)
        self._sent[areas] = copy.name

    def bound(self, memory: int) -> None:
        """Limit the additional memory of every worker, in bytes.

        Workers that join later get the same limit.
        """
        self._client.register_plugin(_Bound(memory))

    def leave(self) -> None:
        """Delete what was sent to the workers, and remove their limits."""
        while self._sent:
            self._client.unregister_worker_plugin(self._sent.popitem()[1])
        self._client.unregister_worker_plugin(_Bound.name)

    def each(
        self, work: Callable[..., Result], parts: Sequence[Part], *given: object
    ) -> Iterator[tuple[Part, Result | Exception]]:
        """Do work on every part and yield results as they come.

        An exception takes the place of a result.
        """
        futures = self._submitted(work, parts, given)
        part_of = {future.key: part for future, part in zip(futures, parts, strict=True)}
        done = as_completed(futures, loop=self._client.loop)
        del futures  # otherwise every result would stay in memory to the end
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
        """Do work on every part and merge the results on the workers, some at a time.

        Parameters
        ----------
        parts : at least one
        merge : merges results; their order and grouping must not matter
        done : called with each part when it is done
        """
        layer = futures = self._submitted(work, parts, given)
        while len(layer) > 1:
            # Before the waiting parts: merged results no longer use memory.
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
        # Not pure: a file may have changed since the same question was asked.
        return [self._client.submit(work, part, *given, pure=False) for part in parts]


def _outcome(future: Future[Any]) -> Any:
    error = future.exception()
    if error is None:
        return future.result()
    # Dask gives up a part after several workers died on it; the usual reason is its size.
    if isinstance(error, KilledWorker):
        return MemoryError("every worker that took it up died: too little memory?")
    return error


@contextmanager
def local_crew(workers: int | None = None) -> Iterator[Crew]:
    """Start single-threaded workers on this machine, one for each core.

    They listen only on the loopback address, and serve no dashboard.
    """
    with ExitStack() as stack:
        scratch = stack.enter_context(TemporaryDirectory(prefix="gridmgmt-"))
        stack.enter_context(
            dask.config.set({**_QUIET, **_LOADED_ONCE, "temporary-directory": scratch})
        )
        cluster = stack.enter_context(
            LocalCluster(
                n_workers=workers or CPU_COUNT,
                # Numba and GEOS use a core fully, so more threads would only share it.
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
    """Use the workers of a cluster, by the address of its scheduler.

    Raises
    ------
    InputError
        when nothing answers at this address, or workers lack this program
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
    """Raise InputError if workers cannot run this program's functions."""
    ours = version(_PROGRAM)
    # This asks with the standard library, which workers without the program have too.
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
    """The memory limit of a worker, against damaged or hostile files."""

    name = "gridmgmt-bound"

    def __init__(self, memory: int) -> None:
        self._memory = memory

    def setup(self, worker: Worker) -> None:
        """Set the limit of this worker."""
        bound_memory(self._memory)

    def teardown(self, worker: Worker) -> None:
        """Remove the limit."""
        unbound_memory()


class _AreasCopy(WorkerPlugin):
    """A file of areas for workers that cannot see the original."""

    def __init__(self, areas: SavedAreas, content: bytes) -> None:
        self.name = f"gridmgmt-areas-{areas.path}"
        self._areas = areas
        self._content = content

    def setup(self, worker: Worker) -> None:
        """Store the file in this worker's own folder."""
        self._areas.keep(self._content, Path(worker.local_directory))

    def teardown(self, worker: Worker) -> None:
        """Delete the file."""
        self._areas.forget()
