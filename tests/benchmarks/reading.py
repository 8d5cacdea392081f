"""Files read in the process apart, beside the same reader called in the process itself."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gridmgmt.exchange.layers import vectors
from gridmgmt.exchange.reading import files
from gridmgmt.exchange.tables import heads, tables
from gridmgmt.sample.city import build_city
from gridmgmt.sample.files import AREAS, CASES, write_city
from gridmgmt.sample.plan import FULL
from tests.benchmarks.bulk_import import make_file
from tests.benchmarks.measuring import line, seconds, table

_ROWS = 60_000
_SHOWN_FEATURES, _SHOWN_ROWS = 300, 5
_SAME_HERE = "the same reader in the process itself"


@dataclass(frozen=True)
class _Pair:
    what: str
    apart: Callable[[], object]
    here: Callable[[], object]
    pairs: int


def measure() -> str:
    """Measure what reading apart costs; the process that reads runs, as in a bureau."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_city(build_city(FULL), folder)
        cases = make_file(folder / CASES, folder / "cases.csv", _ROWS)
        files.list_layers(folder / AREAS)
        lines, more = [], []
        for pair in _pairs(cases, folder / AREAS):
            taken = [(seconds(pair.apart), seconds(pair.here)) for _ in range(pair.pairs)]
            lines.append(line(pair.what, _SAME_HERE, taken))
            more.append(f"{statistics.median(ours - theirs for ours, theirs in taken):.2f}")
    said = "What reading apart takes more, in seconds, the medians over the pairs"
    return f"{table(lines)}\n\n{said}: {', '.join(more)}."


def _pairs(cases: Path, areas: Path) -> list[_Pair]:
    layer = vectors.list_layers(areas)[-1]
    return [
        _Pair(
            f"first look at a layer: which there are, and {_SHOWN_FEATURES} features",
            lambda: (
                files.list_layers(areas),
                files.read_layer(areas, layer=layer, first=_SHOWN_FEATURES),
            ),
            lambda: (
                vectors.list_layers(areas),
                vectors.read_layer(areas, layer=layer, first=_SHOWN_FEATURES),
            ),
            20,
        ),
        _Pair(
            f"first rows of a table of {_ROWS:,} cases",
            lambda: files.read_head(cases, _SHOWN_ROWS),
            lambda: heads.read_head(cases, _SHOWN_ROWS),
            20,
        ),
        _Pair(
            f"all rows of a table of {_ROWS:,} cases",
            lambda: files.read_table(cases),
            lambda: tables.read_table(cases),
            5,
        ),
    ]
