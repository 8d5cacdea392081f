"""Find what lies at a position, and who answers for a case there."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray, MomentArray
from gridmgmt.domain.areas.area import Chain
from gridmgmt.domain.areas.surroundings import (
    GroupMember,
    RoadSegment,
    Surroundings,
    Zone,
)
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.duty_table import DutyTable
from gridmgmt.domain.local_time import to_local
from gridmgmt.domain.responsibility.component import COMPONENT_M
from gridmgmt.domain.responsibility.duty import Duty
from gridmgmt.geometry.locating.cover import contiguous, covering
from gridmgmt.geometry.locating.locator_index import build_locator
from gridmgmt.geometry.locating.near_index import NearIndex
from gridmgmt.services.judging.location_batch import CategoryColumn, Nearby, SurroundingsBatch
from gridmgmt.services.judging.near_components import NearComponents
from gridmgmt.store.areas.areas import chains, leaf_level
from gridmgmt.store.responsibility.duties import list_duties
from gridmgmt.store.responsibility.groups import list_members
from gridmgmt.store.responsibility.responders import list_responders
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones


@dataclass(frozen=True, eq=False)
class RoutedBatch:
    """The decision of each of n cases, as its position in ``decisions``.

    Similar cases share a decision; the list may have decisions of other batches too.
    """

    decision: NDArray[np.int32]
    decisions: Sequence[Decision]

    def each(self) -> list[Decision]:
        """Return the decision of each case."""
        return [self.decisions[nth] for nth in self.decision.tolist()]


@dataclass(frozen=True, eq=False)
class RoutingRows:
    """Duties and what they point at, other than areas."""

    duties: Sequence[Duty]
    members: Sequence[GroupMember]
    zones: Sequence[Zone]
    outlines: GeometryArray
    segments: Sequence[RoadSegment]
    lines: GeometryArray

    @classmethod
    def stored(cls, conn: Connection) -> "RoutingRows":
        """Read those that are stored."""
        zones, outlines = list_zones(conn)
        segments, lines = list_road_segments(conn)
        return cls(list_duties(conn), list_members(conn), zones, outlines, segments, lines)


class Router:
    """Finds the one responder for each case of one edition; reads the database once.

    Duties and zones are the stored ones; their days decide which of them were valid on the day
    of a case.
    """

    def __init__(
        self,
        book: DutyBook,
        chain_of: dict[str, Chain],
        zones: tuple[Sequence[str], GeometryArray],
        road_segments: tuple[Sequence[str], FloatArray, GeometryArray],
        tz: ZoneInfo,
        components: NearComponents | None = None,
    ) -> None:
        self.book = book
        self._lie_in(chain_of)
        self._components = components
        self._zones = build_locator(*zones)
        self._zone_codes: list[str] = self._zones.codes.tolist()
        self._segments, self._tolerance_m, lines = road_segments
        self._lines = NearIndex(lines)
        self._tz = tz
        self._table = DutyTable(book)
        self._number_with: dict[tuple[int, tuple[str, ...], tuple[str, ...]], int] = {}

    @classmethod
    def load(
        cls, conn: Connection, edition: int, *, tz: ZoneInfo, rows: RoutingRows | None = None
    ) -> "Router":
        """Read an edition's areas and everything duties point at.

        Parameters
        ----------
        tz : the bureau's time zone, for duty hours and days
        rows : duties and places to route by on trial; None: those that are stored
        """
        leaf = leaf_level(conn, edition)
        rows = rows or RoutingRows.stored(conn)
        components = NearComponents.load(conn)
        book = DutyBook(
            rows.duties,
            list_responders(conn),
            rows.members,
            rows.zones,
            components.register,
        )
        return cls(
            book,
            chains(conn, edition, leaf) if leaf else {},
            ([zone.code for zone in rows.zones], rows.outlines),
            (
                [one.code for one in rows.segments],
                np.array([one.tolerance_m for one in rows.segments], dtype=np.float64),
                rows.lines,
            ),
            tz,
            components,
        )

    def on(self, chain_of: Mapping[str, Chain]) -> "Router":
        """Return the router of other areas, by the same duties and among the same places.

        Parameters
        ----------
        chain_of : leaf area -> the area itself and the areas above it, the deepest first
        """
        other = copy(self)
        other._lie_in(chain_of)
        return other

    def _lie_in(self, chain_of: Mapping[str, Chain]) -> None:
        self.cells = tuple(chain_of)
        self._chains = list(chain_of.values())
        self._position: dict[object, int] = {c: nth for nth, c in enumerate(self.cells)}
        self._number_of_cell = np.full(len(self.cells), -1, dtype=np.int64)

    def cells_of(self, codes: Iterable[object]) -> IntArray:
        """Return the position of each code in ``cells``, -1 for None.

        Raises
        ------
        KeyError
            when the edition has no such area
        """
        position = self._position
        return np.array([-1 if c is None else position[c] for c in codes], dtype=np.int64)

    def surroundings_batch(
        self,
        lon: FloatArray,
        lat: FloatArray,
        cell: IntArray,
        categories: CategoryColumn | None = None,
        *,
        component_m: float = COMPONENT_M,
        apart_m: FloatArray | None = None,
    ) -> SurroundingsBatch:
        """Find what lies at each position: areas, zones, road segments and components.

        A zone also covers positions on its boundary. The distance to a road segment is planar
        in scaled degrees, as for areas; at equal distances the smaller code comes first.

        Parameters
        ----------
        lon, lat : (n,) degrees, EPSG:4326
        cell : (n,) positions in ``cells``, -1 where a case is not located
        categories : of the cases; without them there are no components
        component_m : largest distance of a component from a case about it, inclusive
        apart_m : (n,) components whose distances differ by no more are equally near; 0 if None
        """
        n = len(cell)
        lon, lat = contiguous(lon, lat)
        point, zone = covering(self._zones, lon, lat)
        zones = Nearby.of_points(n, self._zone_codes, point, zone, np.zeros(len(point)))
        segments = Nearby.of_points(n, self._segments, *self._near_segments(lon, lat))
        none = np.empty(0, dtype=np.int64)
        components = Nearby.of_points(n, (), none, none, np.empty(0))
        if self._components is not None and categories is not None:
            kinds = self._components.kinds(categories.codes)[categories.of]
            tied = self._components.near(lon, lat, kinds, component_m)
            components = Nearby.of_points(n, self._components.codes, *tied)
        apart = np.zeros(n) if apart_m is None else apart_m
        return SurroundingsBatch(self._chains, cell, zones, segments, components, apart)

    def _near_segments(
        self, lon: FloatArray, lat: FloatArray
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Find the road segments within their tolerance, by position, distance, segment."""
        # One search with the largest tolerance, then each segment's own: the index knows only
        # one reach.
        farthest_m = float(self._tolerance_m.max(initial=0.0))
        point, segment, metres = self._lines.near(lon, lat, farthest_m)
        near = metres <= self._tolerance_m[segment]
        return point[near], segment[near], metres[near]

    def route_batch(
        self,
        batch: SurroundingsBatch,
        categories: CategoryColumn,
        reported_at: MomentArray,
        *,
        valid_on: date | None = None,
    ) -> RoutedBatch:
        """Decide each case like the duty book, by reading arrays.

        Parameters
        ----------
        reported_at : (n,) datetime64, UTC; its day and minute count in the bureau's time zone
        valid_on : the day whose duties count, instead of the days of the reports
        """
        # An unknown or unmapped category only matches duties for all categories.
        asked = [code if code in categories.known else None for code in categories.codes]
        decision, decisions = self._table.decide(
            self._numbers(batch),
            self._table.kinds(asked)[categories.of],
            to_local(reported_at, self._tz),
            valid_on,
        )
        return RoutedBatch(decision, decisions)

    def _numbers(self, batch: SurroundingsBatch) -> IntArray:
        """Return the number of each case's surroundings, -1 where a case is not located."""
        located = batch.cell >= 0
        cells = batch.cell[located]
        for cell in np.unique(cells[self._number_of_cell[cells] < 0]).tolist():
            self._number_of_cell[cell] = self._number(Surroundings(self._chains[cell]))
        numbers = np.full(len(located), -1, dtype=np.int64)
        numbers[located] = self._number_of_cell[cells]
        # Cases near components differ by their distances, so they are decided one by one.
        tied = located & (batch.components.counts > 0)
        alone = np.flatnonzero(tied)
        numbers[alone] = [self._number(one) for one in batch.at(alone)]
        more = np.flatnonzero(batch.with_more & located & ~tied)
        if len(more):
            numbers[more] = self._numbers_with_more(batch, numbers[more], more)
        return numbers

    def _numbers_with_more(
        self, batch: SurroundingsBatch, numbers: IntArray, at: IntArray
    ) -> IntArray:
        """Decide once for equal surroundings: the same surroundings, zones, road segments."""
        in_zones, zones = batch.zones.sets()
        near_roads, roads = batch.road_segments.sets()
        key = (numbers * len(zones) + in_zones[at]) * len(roads) + near_roads[at]
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
        found = []
        for number, i in zip(numbers[first].tolist(), at[first].tolist(), strict=True):
            there = (number, zones[in_zones[i]], roads[near_roads[i]])
            if there not in self._number_with:
                # Only the order of the segments decides, so places with other distances share
                # the decision.
                segments = tuple((code, 0.0) for code in there[2])
                surroundings = Surroundings(self._chains[batch.cell[i]], there[1], segments)
                self._number_with[there] = self._number(surroundings)
            found.append(self._number_with[there])
        of_each: IntArray = np.array(found, dtype=np.int64)[which.reshape(-1)]
        return of_each

    def _number(self, surroundings: Surroundings) -> int:
        return self._table.number(self.book.key(surroundings))
