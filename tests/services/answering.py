"""A small city for the tests of those who answer, and files for it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt import arrays
from gridmgmt.arrays import ObjectArray
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.responders import put_responders
from tests.factories import make_edition, two_streets

T = TypeVar("T")

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
    frame = gpd.GeoDataFrame(list(rows), geometry=objects(*geoms), crs=4326)
    frame.to_file(path, driver="GPKG")
    return path


def objects(*values: object) -> ObjectArray:
    """Make an array of Python objects: codes, shapes, None."""
    return arrays.objects(values)


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


def bureau(settings: Settings) -> Settings:
    """Put the small city into the database of these settings."""
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        make_city(conn)
    engine.dispose()
    return settings


def stored(settings: Settings, read: Callable[[Connection], T]) -> T:
    """Read what a command committed."""
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with engine.connect() as conn:
        found = read(conn)
    engine.dispose()
    return found
