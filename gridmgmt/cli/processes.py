"""Two processes that live and end together: the pages and the worker beside them."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

_log = logging.getLogger(__name__)

_TICK_S = 0.2
# Long enough for a request or a chunk of work to end; then it is taken back.
STOP_S = 20.0
# A worker that ends at once is not started again at once.
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_STEADY_S = 60.0
# Asks the kernel for SIGTERM when we are gone (PR_SET_PDEATHSIG), then becomes the command.
_STUB = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
os.execv(sys.argv[1], sys.argv[1:])
"""
_END_WITH_PARENT = (sys.executable, "-Ic", _STUB)


@dataclass
class Child:
    """A process of ours; it ends with us, even if we are killed."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, out of reach of the terminal's Ctrl-C, which is ours to hand on."""
        ends_with_us = sys.platform == "linux"
        self.process = subprocess.Popen(
            [*_END_WITH_PARENT, *self.command] if ends_with_us else self.command,
            env=dict(self.env),
            pass_fds=self.fds,
            stdin=subprocess.DEVNULL,
            process_group=0,
        )

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs, or was never started."""
        return None if self.process is None else self.process.poll()

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Let it end in good order."""
        if self.process is not None and self.is_running:
            self.process.terminate()

    def wait_or_kill(self, most_s: float) -> None:
        """Wait for its end, and make one after ``most_s``."""
        if self.process is None:
            return
        try:
            self.process.wait(max(most_s, 0.0))
        except subprocess.TimeoutExpired:
            _log.warning("%s does not end and is killed", self.name)
            self.process.kill()
            self.process.wait()


@dataclass
class Restarts:
    """When a process that ended is started again: later each time, until it is steady."""

    wait_s: float = _FIRST_WAIT_S
    began: float = 0.0
    due: float | None = None

    def note_start(self, now: float) -> None:
        """Remember when it began."""
        self.began, self.due = now, None

    def note_end(self, now: float) -> float:
        """Plan the next start and return how many seconds away it is."""
        if now - self.began >= _STEADY_S:
            self.wait_s = _FIRST_WAIT_S
        wait = self.wait_s
        self.due, self.wait_s = now + wait, min(2 * wait, _LONGEST_WAIT_S)
        return wait


def run_together(pages: Child, worker: Child) -> int:
    """Run both until told to stop (0) or until the pages end by themselves (1).

    A worker that ends is started again, later each time; its work waits meanwhile.
    """
    restarts = Restarts()
    with _told_to_stop() as is_told:
        try:
            pages.start()
            worker.start()
            restarts.note_start(time.monotonic())
            while not is_told() and pages.is_running:
                _tend(worker, restarts, time.monotonic())
                time.sleep(_TICK_S)
            if is_told():
                _log.info("stopping")
                return 0
            _log.error("the pages ended with code %s", pages.exit_code)
            return 1
        finally:
            _stop(pages, worker)


def _tend(worker: Child, restarts: Restarts, now: float) -> None:
    if worker.is_running:
        return
    if restarts.due is None:
        wait = restarts.note_end(now)
        _log.error("the worker ended with code %s; again in %.0f s", worker.exit_code, wait)
    elif now >= restarts.due:
        worker.start()
        restarts.note_start(now)


def _stop(*children: Child) -> None:
    end = time.monotonic() + STOP_S
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait_or_kill(end - time.monotonic())


@contextmanager
def _told_to_stop() -> Iterator[Callable[[], bool]]:
    """Catch SIGTERM and SIGINT meanwhile; the function tells whether one came."""
    told: list[int] = []
    before = {
        number: signal.signal(number, lambda got, _frame: told.append(got))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
