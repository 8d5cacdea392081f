"""Routing once located: a year of cases on the synthetic city with all its duties."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.locating.locate import build_locator, cover
from gridmgmt.sample.plan import DAYS, FULL
from gridmgmt.services.judging.location_batch import CategoryColumn, SurroundingsBatch
from gridmgmt.services.judging.router import RoutedBatch, Router
from gridmgmt.services.judging.router_cache import router_for
from gridmgmt.settings import Settings
from gridmgmt.store.areas.areas import areas_in, leaf_level
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.engine import transaction
from gridmgmt.store.responsibility.categories import list_categories
from tests.benchmarks.measuring import race
from tests.benchmarks.sample import sample_city

CASES, ALONE = 1_000_000, 20_000
SEED = 20261122


def measure() -> str:
    """Route made-up cases on the synthetic city."""
    with sample_city() as city, transaction(city.engine, commit=False) as conn:
        return _routed(conn, city.settings)


@dataclass(frozen=True, eq=False)
class Asked:
    """Cases in columns: where, in which cell (-1: none), about what and when (UTC)."""

    lon: FloatArray
    lat: FloatArray
    cell: IntArray
    categories: CategoryColumn
    reported_at: NDArray[np.datetime64]

    def first(self, n: int) -> "Asked":
        kinds = self.categories
        return Asked(
            self.lon[:n],
            self.lat[:n],
            self.cell[:n],
            CategoryColumn(kinds.codes, kinds.of[:n], kinds.known),
            self.reported_at[:n],
        )


def _ask(router: Router, cells: LevelAreas, codes: list[str]) -> Asked:
    """Draw cases anywhere over the city, at any minute for which it has duties."""
    rng = np.random.default_rng(SEED)
    west, south, east, north = shapely.total_bounds(cells.geoms)
    lon, lat = rng.uniform(west, east, CASES), rng.uniform(south, north, CASES)
    index = build_locator(list(cells.codes), list(cells.geoms))
    # A point in no cell reads the last place, which says none.
    position = np.append(router.cells_of(index.codes), -1)
    drawn = np.array(codes, dtype=object)[rng.zipf(1.6, CASES) % len(codes)]
    minutes = rng.integers(0, DAYS * 24 * 60, CASES).astype("timedelta64[m]")
    return Asked(
        lon,
        lat,
        position[cover(index, lon, lat).cell],
        CategoryColumn.from_codes(drawn.tolist(), frozenset(codes)),
        FULL.first_day.astype("datetime64[us]") + minutes,
    )


def _place(router: Router, asked: Asked) -> SurroundingsBatch:
    return router.surroundings_batch(asked.lon, asked.lat, asked.cell, asked.categories)


def _one_by_one(router: Router, asked: Asked, tz: ZoneInfo) -> Callable[[], list[Decision]]:
    kinds = asked.categories
    places = _place(router, asked).each()
    codes = [kinds.codes[kind] for kind in kinds.of.tolist()]
    moments = [at.replace(tzinfo=UTC) for at in asked.reported_at.tolist()]
    # All of them are known categories.
    return lambda: [
        router.book.decide(surroundings, code, at.astimezone(tz))
        for surroundings, code, at in zip(places, codes, moments, strict=True)
    ]


def _routed(conn: Connection, settings: Settings) -> str:
    edition = newest_edition(conn)
    assert edition is not None
    level = leaf_level(conn, edition.number)
    assert level is not None
    cells = areas_in(conn, edition.number, level)[level]
    codes = [one.code for one in list_categories(conn) if one.mapped]
    router = router_for(conn, edition.number, tz=settings.tz)
    asked = _ask(router, cells, codes)
    places = _place(router, asked)
    alone = _one_by_one(router, asked.first(ALONE), settings.tz)

    def decide(where: SurroundingsBatch) -> RoutedBatch:
        return router.route_batch(where, asked.categories, asked.reported_at)

    assert decide(places).each()[:ALONE] == alone()
    whole = "what lies there (zones, road segments, components), and deciding"
    lines = [
        race(
            "deciding, where places are known", (CASES, lambda: decide(places)), (ALONE, alone)
        ),
        race(whole, (CASES, lambda: decide(_place(router, asked))), (ALONE, alone)),
    ]
    rows = "\n".join(line.row() for line in lines)
    return f"""{CASES:,} cases anywhere over the synthetic city of
`gridmgmt demo` ({len(cells.codes):,} cells; {(asked.cell >= 0).mean():.0%} of the cases in
one), of {len(codes)} categories, at any minute of eighteen months; beside the same rules asked
case by case, places known, whose decisions were found equal first. Millions of cases a second.

| in a batch | cases, one by one | one by one | in a batch | times as fast |
|---|---|---|---|---|
{rows}"""
