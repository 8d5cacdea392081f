"""Mutated files through the reader: ``python -m tests.attacks.fuzz_reader --files 20000``.

The files come from honest ones of every kind, by a seed, so that a run can be repeated: bytes
flipped, cut, spliced with another file's, repeated; numbers in text and words of headers
changed; the parts of zip files and the files of a shapefile changed one by one, with right
checksums. They are read in batches, each by a process of its own with its own reading process.
What must hold is counted: every file is read or refused in words, nobody hangs, and nothing is
left: no process, no folder, no descriptor, no memory.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pyarrow
import pyarrow.parquet
import pyogrio
import shapely

from gridmgmt.errors import GridMgmtError
from gridmgmt.exchange.reading import files, reader
from gridmgmt.exchange.reading.limits import ReadingLimits, limit_reading

LIMITS = ReadingLimits(memory_mb=512, seconds=10)
# A file that takes longer than this is no hang, and is told of.
SLOW_S = 5.0
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_LAYERS = ("gpkg", "geojson", "fgb", "kml", "zip", "shp")
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_ODD_NUMBERS = (b"0", b"-1", b"1e308", b"1e-308", b"99999999999", b"4294967296", b"NaN")
_ODD_BYTES = (0, 1, 0x22, 0x27, 0x2C, 0x3C, 0x5B, 0x5D, 0x7B, 0x7D, 0x7F, 0x80, 0xFE, 0xFF)


def write_seeds(folder: Path) -> list[Path]:
    """Write honest files of every kind."""
    folder.mkdir(parents=True)
    shapes = [shapely.box(120 + k / 10, 30, 120.1 + k / 10, 30.1) for k in range(5)]
    shapes[3] = shapes[3].difference(shapes[3].centroid.buffer(0.01, 2))
    shapes[4] = shapely.MultiPolygon([shapes[4], shapely.box(121, 31, 121.1, 31.1)])
    columns = {
        "code": [f"A{k}" for k in range(5)],
        "name": ["石桥", "东新", "𠀀", None, "a,b"],
        "share": [0.5, None, 1e-9, 2.0, -3.25],
        "people": range(5),
    }
    data = geopandas.GeoDataFrame(columns, geometry=shapes, crs=4490)
    for suffix in ("gpkg", "geojson", "fgb"):
        pyogrio.write_dataframe(data, folder / f"a.{suffix}")
    pyogrio.write_dataframe(data.to_crs(4326), folder / "a.kml", driver="LIBKML")
    pyogrio.write_dataframe(data, folder / "b.gpkg", layer="a")
    pyogrio.write_dataframe(data, folder / "b.gpkg", layer="b", append=True)
    pyogrio.write_dataframe(data, folder / "a.shp", encoding="gb18030")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in PARTS:
            archive.write(folder / f"a{suffix}", f"层/a{suffix}")
    _write_tables(folder)
    return sorted(folder.iterdir())


def _write_tables(folder: Path) -> None:
    rows: list[list[Any]] = [["编号", "b", "at"], [1, "x", "2024-05-01"], [2.5, "石", None]]
    text = "".join(",".join("" if v is None else f'"{v}"' for v in row) + "\n" for row in rows)
    (folder / "a.csv").write_text(text * 1, "utf-8")
    (folder / "b.csv").write_bytes(text.encode("gb18030"))
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [*rows, ["=1+1", "d", 3]]:
        sheet.append(row)
    book.create_sheet("第二").append(["a", "b"])
    book.save(folder / "a.xlsx")
    columns = {
        "a": pyarrow.array([1, 2, None]),
        "b": pyarrow.array(["x", "石", None]).dictionary_encode(),
        "c": pyarrow.array([1, None, 3], pyarrow.timestamp("ns", "UTC")),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "a.parquet")


def mutated(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Change bytes in one or some of the ways that there are."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(_WAYS)(data, other, rng)
    return data


def _flipped(data: bytes, _: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64)) if data else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _replaced(data: bytes, _: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 2, 4, 16)) if data else 0):
        changed[rng.randrange(len(changed))] = rng.choice(_ODD_BYTES)
    return bytes(changed)


def _cut(data: bytes, _: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _without(data: bytes, _: bytes, rng: random.Random) -> bytes:
    begin = rng.randrange(len(data) + 1)
    return data[:begin] + data[begin + rng.choice((1, 4, 16, 256)) :]


def _spliced(data: bytes, other: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _repeated(data: bytes, _: bytes, rng: random.Random) -> bytes:
    begin = rng.randrange(len(data) + 1)
    block = data[begin : begin + rng.choice((1, 8, 64, 1024))]
    return data[:begin] + block * rng.choice((2, 10, 300)) + data[begin:]


def _renumbered(data: bytes, _: bytes, rng: random.Random) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    number = rng.choice(found)
    return data[: number.start()] + rng.choice(_ODD_NUMBERS) + data[number.end() :]


def _reworded(data: bytes, _: bytes, rng: random.Random) -> bytes:
    """Write a number of four bytes, as counts and lengths of binary forms are."""
    if len(data) < 8:
        return data
    # Headers have most of them.
    at = rng.randrange(min(len(data) - 4, rng.choice((64, 512, len(data)))) or 1)
    number = rng.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, rng.randrange(1 << 32)))
    return data[:at] + number.to_bytes(4, rng.choice(("little", "big"))) + data[at + 4 :]


_WAYS: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    _flipped,
    _replaced,
    _cut,
    _without,
    _spliced,
    _repeated,
    _renumbered,
    _reworded,
)


def write_mutated(seed: Path, others: list[Path], folder: Path, rng: random.Random) -> Path:
    """Write a mutated copy of a file into a folder; of a zip mostly one of its parts."""
    target = folder / seed.name
    if seed.suffix in PARTS:
        for suffix in PARTS:
            shutil.copy(seed.with_suffix(suffix), folder)
    other = rng.choice(others).read_bytes()
    if seed.suffix in (".zip", ".xlsx") and rng.random() < 0.7:
        _repack(seed, target, other, rng)
    else:
        target.write_bytes(mutated(seed.read_bytes(), other, rng))
    return folder / f"{seed.stem}.shp" if seed.suffix in PARTS else target


def _repack(seed: Path, target: Path, other: bytes, rng: random.Random) -> None:
    with zipfile.ZipFile(seed) as whole, zipfile.ZipFile(target, "w") as changed:
        chosen = rng.choice(whole.namelist())
        for name in whole.namelist():
            data = whole.read(name)
            changed.writestr(name, mutated(data, other, rng) if name == chosen else data)


@dataclass
class Figures:
    """What became of files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    slowest_s: float = 0.0
    slowest: str = ""
    left: list[str] = field(default_factory=list)
    growth_kb: int = 0
    files: int = 0

    def add(self, other: "Figures") -> None:
        """Add the figures of another batch."""
        self.outcomes += other.outcomes
        self.faults |= other.faults
        if other.slowest_s > self.slowest_s:
            self.slowest_s, self.slowest = other.slowest_s, other.slowest
        self.left += other.left
        self.growth_kb = max(self.growth_kb, other.growth_kb)
        self.files += other.files


_FORMS = (
    ("a library failed", "library fault"),
    ("ended with signal", "ended by signal"),
    ("longer than", "limit of time"),
    ("of memory to read", "limit of memory"),
)


def outcome(path: Path) -> tuple[str, str]:
    """Read a file; return what became of it and the sentence."""
    try:
        if path.suffix[1:] in _LAYERS:
            files.read_layer(path, layer=files.list_layers(path)[0])
        else:
            files.read_table(path)
    except GridMgmtError as error:
        text = str(error)
        kind = next((kind for form, kind in _FORMS if form in text), None)
        return kind or f"refused: {type(error).__name__}", text
    return "read", ""


def memory_kb(pid: int) -> int:
    """Return the data memory of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmData:")[2].split()[0])


def descriptors(pid: int) -> int:
    """Count the open descriptors of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def read_batch(batch: int, count: int, kept: Path | None) -> Figures:
    """Read so many mutated files in this process, and look at what is left of that."""
    limit_reading(LIMITS)
    found = Figures()
    rng = random.Random(f"fuzz {batch}")
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        tempfile.tempdir = os.environ["TMPDIR"] = name
        seeds = write_seeds(Path(name) / "seeds")
        files.list_layers(Path(name) / "seeds" / "a.gpkg")
        server = reader._current()._process.pid
        before = memory_kb(server), descriptors(server), descriptors(os.getpid())
        for number in range(count):
            folder = Path(name) / "file"
            folder.mkdir()
            path = write_mutated(rng.choice(seeds), seeds, folder, rng)
            _note(found, path, f"{batch}/{number} {path.name}", kept)
            shutil.rmtree(folder)
        _look_around(found, server, before, Path(name))
    return found


def _note(found: Figures, path: Path, label: str, kept: Path | None) -> None:
    begin = time.monotonic()
    kind, text = outcome(path)
    took = time.monotonic() - begin
    found.files += 1
    found.outcomes[f"{path.suffix[1:]}: {kind}"] += 1
    if took > found.slowest_s:
        found.slowest_s, found.slowest = took, f"{label}: {kind}"
    if kind in ("library fault", "ended by signal", "limit of time", "limit of memory"):
        found.faults[f"{path.suffix[1:]}: {text.partition(': ')[2][:150]}"] = label
        if kept:
            shutil.copytree(path.parent, kept / label.replace("/", "-").replace(" ", "-"))


def _look_around(
    found: Figures, server: int, before: tuple[int, int, int], folder: Path
) -> None:
    """See that nothing is left: descriptors, memory, children, folders, zombies."""
    until = time.monotonic() + 60
    children = Path(f"/proc/{server}/task/{server}/children")
    # The reader hears of a child's end and removes its folder a moment later.
    while time.monotonic() < until and (
        children.read_text().split() or list(folder.glob("gridmgmt-*"))
    ):
        time.sleep(0.05)
    if running := children.read_text().split():
        found.left.append(f"processes {running}")
    memory, theirs, ours = before
    if descriptors(server) > theirs:
        found.left.append(f"{descriptors(server) - theirs} descriptors of the reader")
    if descriptors(os.getpid()) > ours:
        found.left.append(f"{descriptors(os.getpid()) - ours} descriptors of ours")
    found.growth_kb = memory_kb(server) - memory
    if reader._current()._process.pid != server:
        found.left.append("the reader was started again")
    folders = sorted(one.name for one in folder.iterdir() if one.name != "seeds")
    if folders:
        found.left.append(f"folders {folders}")


def read_apart(batch: int, count: int, kept: Path | None) -> Figures:
    """Read a batch in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", __spec__.name, "--batch", str(batch)]
    command += ["--files", str(count), *(["--keep", str(kept)] if kept else [])]
    patience_s = 120 + count * 2
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, timeout=patience_s, check=True
    )
    value = json.loads(done.stdout.splitlines()[-1])
    return Figures(**value | {"outcomes": Counter(value["outcomes"])})


def run(
    count: int, per_batch: int, at_once: int, kept: Path | None = None, seconds: float = 1e9
) -> Figures:
    """Read so many files in batches; none is begun when the time is up."""
    sizes = [min(per_batch, count - begin) for begin in range(0, count, per_batch)]
    until = time.monotonic() + seconds
    found = Figures()

    def read(batch: int) -> Figures:
        is_late = time.monotonic() > until
        return Figures() if is_late else read_apart(batch, sizes[batch], kept)

    with ThreadPoolExecutor(at_once) as pool:
        for figures in pool.map(read, range(len(sizes))):
            found.add(figures)
    return found


def report(found: Figures, took_s: float) -> str:
    """Write the figures down for people."""
    kinds: Counter[str] = Counter()
    for name, count in found.outcomes.items():
        kinds[name.partition(": ")[2]] += count
    lines = [f"{found.files:,} files in {took_s:,.0f} s"]
    lines += [f"  {count:>7,}  {kind}" for kind, count in kinds.most_common()]
    lines += [f"slowest: {found.slowest_s:.1f} s ({found.slowest})"]
    lines += [f"memory of a reading process grew by at most {found.growth_kb:,} kB a batch"]
    lines += [f"left: {', '.join(found.left) or 'nothing'}"]
    lines += [f"  {label}: {text}" for text, label in sorted(found.faults.items())]
    return "\n".join(lines)


def main() -> None:
    """Read files and print the figures."""
    parser = argparse.ArgumentParser(description="Read mutated files and print what became.")
    parser.add_argument("--files", type=int, default=600)
    parser.add_argument("--batch", type=int, help="read this batch alone and print JSON")
    parser.add_argument("--per-batch", type=int, default=1_000)
    parser.add_argument("--at-once", type=int, default=2, help="batches at a time")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no batch later")
    parser.add_argument("--keep", type=Path, help="folder for files that were no plain refusal")
    args = parser.parse_args()
    if args.batch is not None:
        found = read_batch(args.batch, args.files, args.keep)
        sys.stdout.write(json.dumps(vars(found)) + "\n")
        return
    begin = time.monotonic()
    found = run(args.files, args.per_batch, args.at_once, args.keep, args.seconds)
    sys.stdout.write(report(found, time.monotonic() - begin) + "\n")


if __name__ == "__main__":
    main()
