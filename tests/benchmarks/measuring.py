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


def machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.cpu_count()} × {names[0] if names else platform.machine()}, {memory:.0f} GiB"
