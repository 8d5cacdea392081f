"""Where the notebooks find three real cities, or what stands in for them.

The real files are public records that belong to others, so they are no part of the project.
Where they are not beside the clone, a stand-in is made of the sample city: with the same names
of files, layers and fields, and with faults drawn in. Every cell of a notebook then still runs.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmgmt.sample.city import City, build_city
from gridmgmt.sample.plan import SMALL

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
HANGZHOU = "hangzhou_xiacheng/areas.gpkg"
CHICAGO = "chicago311/areas.gpkg"
CHICAGO_CASES = "chicago311/cases.csv.gz"
LOS_ANGELES = "la311/areas.gpkg"


@dataclass(frozen=True)
class Source:
    """A layer of areas: its level, its place, its fields; ``where`` leaves features out."""

    city: str
    layer_name: str
    level: str
    file: str
    layer: str
    code: str
    name: str
    parent: str | None = None
    where: str | None = None
    dissolve: bool = False


SOURCES = (
    Source("Hangzhou", "streets 街道", "street", HANGZHOU, "streets", "street_code", "street"),
    Source(
        "Hangzhou", "communities 社区", "community", HANGZHOU, "communities",
        "community_code", "community", "street_code",
    ),
    Source(
        "Hangzhou", "grid cells 网格", "cell", HANGZHOU, "grids",
        "grid_code", "grid_name", "community_code",
    ),
    Source(
        "Chicago", "wards 2003–2015", "ward", CHICAGO, "wards_2003_2015", "ward", "ward",
        where="ward <> 'OUT'",
    ),
    Source("Chicago", "wards 2015–2023", "ward", CHICAGO, "wards_2015_2023", "ward", "ward"),
    Source(
        "Los Angeles", "council districts", "council_district", LOS_ANGELES,
        "council_districts_2012", "council_district", "council_district",
    ),
    Source(
        "Los Angeles", "neighbourhood councils", "council", LOS_ANGELES,
        "neighborhood_councils_2019", "nc", "name", dissolve=True,
    ),
    Source(
        "Los Angeles", "police reporting districts", "reporting_district", LOS_ANGELES,
        "lapd_reporting_districts", "reporting_district", "reporting_district",
    ),
)  # fmt: skip


def find() -> tuple[Path, bool]:
    """Return the folder of the files, and whether they are the real ones."""
    needed = {source.file for source in SOURCES} | {CHICAGO_CASES}
    if all((BESIDE / file).exists() for file in needed):
        return BESIDE, True
    folder = Path(tempfile.mkdtemp(prefix="gridmgmt-stand-in-"))
    city = build_city(SMALL)
    _hangzhou(city, folder / HANGZHOU)
    _chicago(city, folder / CHICAGO, folder / CHICAGO_CASES)
    _los_angeles(city, folder / LOS_ANGELES)
    return folder, False


def _hangzhou(city: City, path: Path) -> None:
    _, streets, communities, cells = city.areas.tiers
    _write(
        path, "streets", _hairy(streets.geoms), street_code=streets.codes, street=streets.names
    )
    _write(
        path, "communities", _hairy(communities.geoms),
        community_code=communities.codes, community=communities.names,
        street_code=communities.parent_codes,
    )  # fmt: skip
    _write(
        path, "grids", cells.geoms,
        grid_code=cells.codes, grid_name=cells.names, community_code=cells.parent_codes,
    )  # fmt: skip


def _chicago(city: City, path: Path, cases: Path) -> None:
    """Wards are communities; the old ones overlap in places, the new ones lie elsewhere."""
    tier = city.areas.communities
    numbers = np.array([str(n) for n in range(1, len(tier.codes) + 1)])
    _write(path, "wards_2003_2015", shapely.buffer(tier.geoms, 4e-7), ward=numbers)
    cells = city.areas.cells
    owner = (np.searchsorted(tier.codes, cells.parent_codes.astype(str)) + 1) % len(numbers)
    moved = np.where(np.arange(len(owner)) % 5 == 0, owner, (owner - 1) % len(numbers))
    wards = [shapely.union_all(cells.geoms[moved == n]) for n in range(len(numbers))]
    _write(path, "wards_2015_2023", np.array(wards, dtype=object), ward=numbers)
    points = shapely.points(city.cases.lon, city.cases.lat)
    case, ward = shapely.STRtree(tier.geoms).query(points, predicate="intersects")
    table = pd.DataFrame({"lon": city.cases.lon, "lat": city.cases.lat, "ward": ""})
    table.loc[case, "ward"] = numbers[ward]
    table.to_csv(cases, index=False)


def _los_angeles(city: City, path: Path) -> None:
    _, streets, communities, cells = city.areas.tiers
    wide = shapely.buffer(communities.geoms, 3e-4)
    _write(
        path, "neighborhood_councils_2019", wide, nc=communities.codes, name=communities.names
    )
    _write(
        path, "council_districts_2012", _hairy(streets.geoms), council_district=streets.codes
    )
    _write(path, "lapd_reporting_districts", cells.geoms, reporting_district=cells.codes)


def _hairy(geoms: np.ndarray) -> np.ndarray:
    """Make each second area a hair too wide, as a careless conversion does."""
    wider = np.asarray(shapely.buffer(geoms, 2e-8, join_style="mitre"), dtype=object)
    return np.where(np.arange(len(geoms)) % 2 == 0, geoms, wider)


def _write(path: Path, layer: str, geoms: np.ndarray, **columns: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = gpd.GeoDataFrame(columns, geometry=list(geoms), crs="EPSG:4326")
    frame.to_file(path, layer=layer, driver="GPKG")
