"""How the benchmarks measure: two things in turn within one run, and what machine it was."""

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PAIRS = 5


@dataclass(frozen=True)
class Line:
    """One comparison: the median seconds of both and the median of the pairwise ratios."""

    what: str
    baseline: str
    ours_s: float
    theirs_s: float
    ratio: float

    def row(self) -> str:
        return (
            f"| {self.what} | {self.baseline} | {self.ratio:.2f} |"
            f" {shown(self.ours_s)} | {shown(self.theirs_s)} |"
        )


def shown(taken_s: float) -> str:
    return f"{taken_s * 1000:.0f} ms" if taken_s < 0.1 else f"{taken_s:.2f} s"


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cpu_of(pid: int) -> float:
    """Return how many seconds of processors a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def in_turn(
    what: str,
    baseline: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    pairs: int = PAIRS,
) -> Line:
    ours(), theirs()  # warm caches, not counted
    return line(what, baseline, [(seconds(ours), seconds(theirs)) for _ in range(pairs)])


def line(what: str, baseline: str, taken: list[tuple[float, float]]) -> Line:
    return Line(
        what,
        baseline,
        statistics.median(a for a, _ in taken),
        statistics.median(b for _, b in taken),
        statistics.median(a / b for a, b in taken),
    )


def table(lines: list[Line]) -> str:
    rows = "\n".join(one.row() for one in lines)
    return f"| what | baseline | ratio | ours | baseline |\n|---|---|---|---|---|\n{rows}"


@dataclass(frozen=True)
class Race:
    """Two ways to do the same to many things: things a second, and how many times as fast.

    ``items`` is how many the slower one was given; a way too slow to be given all of them is
    given the first few.
    """

    against: str
    items: int
    ours_a_s: float
    theirs_a_s: float
    times: float

    def row(self) -> str:
        return (
            f"| {self.against} | {self.items:,} | {millions(self.theirs_a_s)} |"
            f" {millions(self.ours_a_s)} | {factor(self.times)} |"
        )


def race(
    against: str,
    ours: tuple[int, Callable[[], object]],
    theirs: tuple[int, Callable[[], object]],
    pairs: int = PAIRS,
) -> Race:
    """Let both work in turn; each is given with how many things it does at a time."""
    (n, our_work), (m, their_work) = ours, theirs
    our_work(), their_work()  # warm caches, not counted
    taken = [(n / seconds(our_work), m / seconds(their_work)) for _ in range(pairs)]
    return Race(
        against,
        m,
        statistics.median(a for a, _ in taken),
        statistics.median(b for _, b in taken),
        statistics.median(a / b for a, b in taken),
    )


def millions(a_second: float) -> str:
    """Show a speed in millions a second, to two figures at least."""
    rate = a_second / 1e6
    return f"{rate:.1f}" if rate >= 9.95 else f"{rate:.2f}" if rate >= 0.1 else f"{rate:.4f}"


def factor(times: float) -> str:
    return f"{times:,.0f}" if times >= 9.95 else f"{times:.2f}"


def machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.cpu_count()} × {names[0] if names else platform.machine()}, {memory:.0f} GiB"
