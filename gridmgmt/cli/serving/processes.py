"""Run processes together: those of the pages, and the worker beside them."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_log = logging.getLogger(__name__)

_TICK_S = 0.2
# Long enough for a request or a chunk of work to finish; later it is rolled back.
STOP_S = 20.0
# A worker that ends at once is restarted with a delay.
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_STEADY_S = 60.0
# A process without a sign of life for so long hangs, and is replaced.
SILENT_S = 120.0
# Asks the kernel to send SIGTERM when the parent ends (PR_SET_PDEATHSIG), then runs the
# command.
_STUB = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
os.execv(sys.argv[1], sys.argv[1:])
"""
_END_WITH_PARENT = (sys.executable, "-Ic", _STUB)


class Pulse:
    """A pipe on which a child shows twice a second that it is alive."""

    def __init__(self) -> None:
        self._reading, self.descriptor = os.pipe()
        # Looking for a sign of life must never wait for one.
        os.set_blocking(self._reading, False)

    def has_beaten(self) -> bool:
        """Return whether the child has given a sign since the last call."""
        with suppress(BlockingIOError):
            return bool(os.read(self._reading, 4096))
        return False

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._reading)
        os.close(self.descriptor)


@dataclass
class Restarts:
    """The delay before a process is restarted: longer each time, until it runs steadily."""

    wait_s: float = _FIRST_WAIT_S
    began: float = 0.0
    due: float | None = None

    def note_start(self, now: float) -> None:
        """Store when the process began."""
        self.began, self.due = now, None

    def note_end(self, now: float) -> float:
        """Plan the next start and return the seconds until then."""
        # A process that ran steadily begins again with the shortest delay.
        if now - self.began >= _STEADY_S:
            self.wait_s = _FIRST_WAIT_S
        wait = self.wait_s
        self.due, self.wait_s = now + wait, min(2 * wait, _LONGEST_WAIT_S)
        return wait


@dataclass
class Child:
    """A child process; it ends when this process ends, even if this one is killed.

    A child with a ``pulse`` is replaced when it hangs; one without is assumed to be alive.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    fds: tuple[int, ...] = ()
    pulse: Pulse | None = None
    restarts: Restarts = field(default_factory=Restarts, init=False)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    # The time of its last sign of life; None before the very first one.
    beaten_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the process in its own process group.

        Ctrl-C of the terminal then reaches only this process, which stops its children in
        order.
        """
        ends_with_us = sys.platform == "linux"
        self.process = subprocess.Popen(
            [*_END_WITH_PARENT, *self.command] if ends_with_us else self.command,
            env=dict(self.env),
            pass_fds=self.fds,
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        self.restarts.note_start(time.monotonic())

    @property
    def exit_code(self) -> int | None:
        """Return the exit code; None while it runs, or if it was never started."""
        return None if self.process is None else self.process.poll()

    @property
    def is_running(self) -> bool:
        """Return whether it runs."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send SIGTERM, so that it ends in good order."""
        if self.process is not None and self.is_running:
            self.process.terminate()

    def wait_or_kill(self, most_s: float) -> None:
        """Wait until it ends; kill it after ``most_s`` seconds."""
        if self.process is None:
            return
        try:
            self.process.wait(max(most_s, 0.0))
        except subprocess.TimeoutExpired:
            _log.warning("%s does not end and is killed", self.name)
            self.process.kill()
            self.process.wait()

    def note_life(self, now: float) -> None:
        """Remember the moment if it gave a sign of life since the last check."""
        if self.pulse is not None and self.pulse.has_beaten():
            self.beaten_at = now

    def tend(self, now: float) -> None:
        """Restart it if it ended, kill it if it hangs."""
        if self.is_running:
            self._end_if_hung(now)
        elif self.restarts.due is None:
            wait = self.restarts.note_end(now)
            _log.error(
                "%s ended with code %s; again in %.0f s", self.name, self.exit_code, wait
            )
        elif now >= self.restarts.due:
            self.start()

    def _end_if_hung(self, now: float) -> None:
        self.note_life(now)
        if self.beaten_at is not None:
            # Its start does not count as silence: imports take time.
            silent_s = now - max(self.beaten_at, self.restarts.began)
            if silent_s > SILENT_S and self.process is not None:
                _log.error("%s hangs and is ended", self.name)
                self.process.kill()


def run_together(
    pages: Sequence[Child],
    others: Sequence[Child],
    tend: Callable[[float], object] = lambda now: None,
) -> int:
    """Run all processes until stopped (0) or until the pages cannot start (1).

    A process that ends is restarted, later each time. The others answer in the meantime, and
    work waits. ``tend`` is called in every round with the monotonic time.
    """
    with _told_to_stop() as is_told:
        try:
            for child in (*pages, *others):
                child.start()
            while not is_told():
                now = time.monotonic()
                if cannot_start(pages, now):
                    return 1
                for child in (*pages, *others):
                    child.tend(now)
                tend(now)
                time.sleep(_TICK_S)
            _log.info("stopping")
            return 0
        finally:
            _stop(*pages, *others)


def cannot_start(pages: Sequence[Child], now: float) -> bool:
    """Return whether a process of the pages ended before any gave a sign of life.

    Another try would end in the same way.
    """
    ended = [child for child in pages if not child.is_running]
    # Signs of life are read after the check for ended processes: the last sign before an end
    # counts.
    for child in pages:
        child.note_life(now)
    if any(child.beaten_at is not None for child in pages):
        return False
    for child in ended:
        _log.error("%s ended with code %s before they could serve", child.name, child.exit_code)
    return bool(ended)


def _stop(*children: Child) -> None:
    # All are asked first and then waited for, so that they share the time.
    end = time.monotonic() + STOP_S
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait_or_kill(end - time.monotonic())


@contextmanager
def _told_to_stop() -> Iterator[Callable[[], bool]]:
    """Catch SIGTERM and SIGINT during the block; the function returns whether one came."""
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
