"""Build one locator in a process of its own and say what that took: seconds and memory.

``python -m tests.benchmarks.building 10000`` prints it as JSON.
"""

import ctypes
import gc
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import shapely

from gridmgmt.geometry.locating.locate import build_locator, cover
from gridmgmt.geometry.locating.locator_file import open_locator, save_locator
from tests.benchmarks.irregular_cells import draw_coverage
from tests.benchmarks.measuring import seconds

MB = 1e6


@dataclass(frozen=True)
class Built:
    """``peak_mb`` is what the process held at most while building, beyond what it held before
    (the cells themselves); ``kept_mb`` what it held more afterwards, up to a first answer.
    """

    build_s: float
    peak_mb: float
    kept_mb: float
    file_mb: float
    open_s: float


def build_apart(cells: int) -> Built:
    """Build in another process, whose memory is nobody else's."""
    command = [sys.executable, "-m", "tests.benchmarks.building", str(cells)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Built(**json.loads(done.stdout))


def _build(cells: int, folder: Path) -> Built:
    # What is compiled at the first call, or fetched from the compiler's cache, is not counted.
    _ask(build_locator(*draw_coverage(4, 1)))
    codes, geoms = draw_coverage(cells, 1)
    _give_back()
    held = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # forget the peak so far
    made = []
    build_s = seconds(lambda: made.append(build_locator(codes, geoms)))
    peak = _memory("VmHWM")
    index = made.pop()
    _ask(index)
    _give_back()
    kept = _memory("VmRSS")
    path = folder / "index.locator"
    save_locator(index, path)
    open_s = seconds(lambda: _ask(open_locator(path)))
    stored = sum(part.stat().st_size for part in folder.rglob("*") if part.is_file())
    return Built(build_s, (peak - held) / MB, max(kept - held, 0) / MB, stored / MB, open_s)


def _ask(index: object) -> None:
    west, south, east, north = shapely.total_bounds(index.geoms)  # type: ignore[attr-defined]
    cover(index, np.array([(west + east) / 2]), np.array([(south + north) / 2]))


def _give_back() -> None:
    """Return freed memory to the system, so that reusing it is counted again."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)


def _memory(what: str) -> int:
    """Read how many bytes this process holds (VmRSS), or held at most (VmHWM)."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        sys.stdout.write(json.dumps(asdict(_build(int(sys.argv[1]), Path(name)))))
