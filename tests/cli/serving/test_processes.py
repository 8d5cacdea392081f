import os
import sys
import time

import pytest

from gridmgmt.cli.serving.processes import SILENT_S, Child, Pulse, cannot_start
from tests.worker.counting import eventually

# Shows itself once, and then no more.
_BEATS_ONCE = "import os, sys, time; os.write(int(sys.argv[1]), b'.'); time.sleep(600)"


@pytest.fixture
def child() -> Child:
    pulse = Pulse()
    command = [sys.executable, "-c", _BEATS_ONCE, str(pulse.descriptor)]
    return Child("a child", command, dict(os.environ), (pulse.descriptor,), pulse)


def test_a_process_that_hangs_is_ended_and_started_again(child: Child) -> None:
    child.start()
    try:
        first = child.process
        assert first is not None
        eventually(lambda: child.tend(time.monotonic()) or child.beaten_at is not None)
        now = time.monotonic()
        child.tend(now + SILENT_S - 2)
        assert child.is_running
        child.tend(now + SILENT_S + 2)
        assert first.wait(10) == -9
        child.tend(now)
        assert child.restarts.due is not None
        child.tend(child.restarts.due)
        assert child.is_running
        assert child.process is not first
    finally:
        child.wait_or_kill(0)


def test_a_process_that_has_not_shown_itself_yet_is_left_alone(child: Child) -> None:
    child.command = [sys.executable, "-c", "import time; time.sleep(600)"]
    child.start()
    try:
        child.tend(time.monotonic() + 10 * SILENT_S)
        assert child.is_running
    finally:
        child.wait_or_kill(0)


def test_a_process_that_showed_itself_just_before_it_died_could_start(child: Child) -> None:
    child.command = [
        part.replace("time.sleep(600)", "os.kill(os.getpid(), 9)") for part in child.command
    ]
    child.start()
    assert child.process is not None
    assert child.process.wait(10) == -9
    assert not cannot_start([child], time.monotonic())


def test_a_process_that_ended_without_a_sign_of_life_cannot_start(child: Child) -> None:
    child.command = [sys.executable, "-c", "raise SystemExit(3)"]
    child.start()
    assert child.process is not None
    assert child.process.wait(10) == 3
    assert cannot_start([child], time.monotonic())
