"""A small city for the tests of those who answer, and files for it."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.category import Category
from gridmgmt.domain.responder import Responder, ResponderKind
from gridmgmt.services.import_files import FileOptions
from gridmgmt.store.categories import put_categories
from gridmgmt.store.responders import put_responders
from tests.factories import make_edition, two_streets

PLAIN = FileOptions()


def table(folder: Path, text: str, name: str = "rows.csv") -> Path:
    """Write a table whose lines are stripped, so that a test can indent them."""
    path = folder / name
    lines = [line.strip() for line in text.strip().splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def layer(
    folder: Path, rows: Sequence[dict[str, object]], geoms: Sequence[BaseGeometry | None]
) -> Path:
    """Write a GeoPackage with one layer in EPSG:4326."""
    path = folder / "layer.gpkg"
    shapes = np.empty(len(geoms), dtype=object)
    shapes[:] = geoms
    gpd.GeoDataFrame(list(rows), geometry=shapes, crs=4326).to_file(path, driver="GPKG")
    return path


def make_city(conn: Connection) -> int:
    """Streets A and B with four cells each, two squads, an office, two categories."""
    number = make_edition(conn, two_streets())
    put_responders(
        conn,
        [
            Responder("S1", ResponderKind.SQUAD, "一中队"),
            Responder("S2", ResponderKind.SQUAD, "二中队"),
            Responder("OA", ResponderKind.STREET_OFFICE, "A街道办", None, None, "street", "A"),
            Responder("H", ResponderKind.STREET_CHIEF, "总街长"),
            Responder("CA", ResponderKind.STREET_CHIEF, "街长", None, "H", "street", "A"),
        ],
    )
    put_categories(conn, [Category("E1", "占道"), Category("E2", "违建")])
    put_categories(conn, [Category("X9", "X9", mapped=False)])
    return number
