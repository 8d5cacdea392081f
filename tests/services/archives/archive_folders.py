"""Small archives in Hangzhou, and areas to locate them in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pyarrow
import pyarrow.parquet
import pyogrio
import shapely

from gridmgmt.exchange.content.area_layers import AreaFile, OnDuplicate
from gridmgmt.services.archives.archives import CountedArchive
from gridmgmt.services.archives.counting import CountRules, Judging
from gridmgmt.services.archives.tables import LocateRequest

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def area_file(folder: Path) -> Path:
    """Cells A and B side by side, C apart from them."""
    path = folder / "areas.gpkg"
    boxes = [
        shapely.box(120.1, 30.2, 120.11, 30.21),
        shapely.box(120.11, 30.2, 120.12, 30.21),
        shapely.box(120.2, 30.2, 120.21, 30.21),
    ]
    frame = geopandas.GeoDataFrame({"code": ["A", "B", "C"]}, geometry=boxes, crs="EPSG:4326")
    pyogrio.write_dataframe(frame, path, layer="cells")
    return path


def areas(path: Path) -> AreaFile:
    return AreaFile(path, "code", "code", on_duplicate=OnDuplicate.DISSOLVE)


def asked(folder: Path, area_path: Path, **other: Any) -> LocateRequest:
    return LocateRequest(folder, areas(area_path), **other)


def some_rows(n: int, seed: int) -> pyarrow.Table:
    """Rows in and around the cells, some without a position, two categories, three days."""
    rng = np.random.default_rng(seed)
    nowhere = rng.random(n) < 0.05
    return pyarrow.table(
        {
            "case_no": [f"{seed}-{i}" for i in range(n)],
            "category": rng.choice(["E1", "E2"], n).tolist(),
            "reported_at": pyarrow.array(
                [FIRST + timedelta(minutes=int(m)) for m in rng.integers(0, 3 * 1440, n)],
                pyarrow.timestamp("us", "UTC"),
            ),
            "lon": pyarrow.array(rng.uniform(120.09, 120.13, n), mask=nowhere),
            "lat": pyarrow.array(rng.uniform(30.199, 30.211, n), mask=nowhere),
        }
    )


def write(folder: Path, name: str, table: pyarrow.Table | Mapping[str, Any]) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    given = table if isinstance(table, pyarrow.Table) else pyarrow.table(dict(table))
    pyarrow.parquet.write_table(given, path, row_group_size=400)
    return path


def make_archive(folder: Path, files: int = 4, rows: int = 1_000) -> Path:
    """Files in a folder and in folders in it."""
    for k in range(files):
        write(folder, f"year={2020 + k % 2}/part-{k}.parquet", some_rows(rows, k))
    return folder


def read(folder: Path, names: Sequence[str] | None = None) -> pyarrow.Table:
    found = names or sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")
    )
    return pyarrow.concat_tables(
        [pyarrow.parquet.ParquetFile(folder / n).read() for n in found]
    )


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """What lies in a folder, and a mark that changes when a file is written again."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def rules_for(judging: Judging | None, by: str, **other: Any) -> CountRules:
    return CountRules(
        **{
            "by": tuple(by.split(",")),
            "names": ("lon", "lat"),
            "said": None,
            "reported_at": "reported_at",
            "category": "category",
            "tz": SHANGHAI,
            "clock": SHANGHAI,
            "judging": judging,
            "snap_m": 30.0,
            **other,
        }
    )


def counts(counted: CountedArchive) -> Counter[tuple[Any, ...]]:
    rows = [tuple(one.values()) for one in counted.table.to_pylist()]
    return Counter({tuple(one[:-1]): one[-1] for one in rows})
