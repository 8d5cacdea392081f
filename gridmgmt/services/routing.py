"""Routing: what lies at a position, and who answers for a case there."""

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.area import Chain
from gridmgmt.domain.component import COMPONENT_M
from gridmgmt.domain.decision import Decision
from gridmgmt.domain.dispatch import DutyBook
from gridmgmt.domain.place import Place
from gridmgmt.geometry.arrays import FloatArray, GeometryArray, ObjectArray
from gridmgmt.geometry.nearby import covering, within_tolerance
from gridmgmt.services.near_components import NearComponents
from gridmgmt.store.areas import chains, leaf_level
from gridmgmt.store.duties import list_duties
from gridmgmt.store.groups import list_members
from gridmgmt.store.responders import list_responders
from gridmgmt.store.road_segments import list_road_segments
from gridmgmt.store.zones import list_zones


class Router:
    """Finds the one responder for each case of one edition; reads the database once.

    Duties and zones are those stored now; which of them held on the day of a case is judged by
    their days.
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
        self._components = components
        self._chain_of = chain_of
        self._zones = zones
        self._road_segments = road_segments
        self._tz = tz

    @classmethod
    def load(cls, conn: Connection, edition: int, *, tz: ZoneInfo) -> "Router":
        """Read an edition's areas and everything duties point at.

        Parameters
        ----------
        tz : the bureau's; duty hours and days are judged on its wall clock
        """
        leaf = leaf_level(conn, edition)
        zones, polygons = list_zones(conn)
        segments, lines = list_road_segments(conn)
        components = NearComponents.load(conn)
        book = DutyBook(
            list_duties(conn),
            list_responders(conn),
            list_members(conn),
            zones,
            components.register,
        )
        return cls(
            book,
            chains(conn, edition, leaf) if leaf else {},
            ([zone.code for zone in zones], polygons),
            (
                [segment.code for segment in segments],
                np.array([segment.tolerance_m for segment in segments], dtype=np.float64),
                lines,
            ),
            tz,
            components,
        )

    def places(
        self,
        lon: FloatArray,
        lat: FloatArray,
        cell_codes: ObjectArray,
        categories: Sequence[str] | None = None,
        *,
        component_m: float = COMPONENT_M,
        apart_m: FloatArray | None = None,
    ) -> list[Place | None]:
        """Tell what lies at each position: areas, zones, road segments and components.

        A zone covers a position on its boundary too. The distance to a road segment is planar
        in scaled degrees, as for areas; at the same distance the smaller code stands first.

        Parameters
        ----------
        lon, lat : (n,) degrees, EPSG:4326
        cell_codes : (n,) codes of the edition's leaf level, None where a case is not located
        categories : (n,) what the cases are about; without them there are no components
        component_m : how far a component may be from a case about it, inclusive
        apart_m : (n,) distances that differ by no more do not tell components apart; 0 if None

        Returns
        -------
        n places, None for those without an area
        """
        zones: list[list[str]] = [[] for _ in cell_codes]
        for point, zone in zip(*covering(self._zones[1], lon, lat), strict=True):
            zones[point].append(self._zones[0][zone])
        codes, tolerance_m, lines = self._road_segments
        segments: list[list[tuple[str, float]]] = [[] for _ in cell_codes]
        near = within_tolerance(lines, tolerance_m, lon, lat)
        for point, line, metres in zip(*near, strict=True):
            segments[point].append((codes[line], float(metres)))
        places = [
            None
            if cell is None
            else Place(self._chain_of[cell], tuple(on_zones), tuple(on_segments))
            for cell, on_zones, on_segments in zip(cell_codes, zones, segments, strict=True)
        ]
        if self._components is not None and categories is not None:
            found = self._components.near(lon, lat, categories, component_m)
            for at, some in found.items():
                place, apart = places[at], 0.0 if apart_m is None else float(apart_m[at])
                if place is not None:
                    places[at] = replace(place, components=tuple(some), apart_m=apart)
        return places

    def route(
        self,
        places: Sequence[Place | None],
        categories: Sequence[str],
        reported_at: Sequence[datetime],
        known: Container[str],
        *,
        valid_on: date | None = None,
    ) -> list[Decision]:
        """Decide each case by the duties of the day and minute it was reported.

        Parameters
        ----------
        reported_at : aware
        known : the categories that are mapped; any other sees only duties for all categories
        valid_on : the day whose duties count, instead of the days of the reports
        """
        return [
            self.book.decide(
                place,
                category,
                at.astimezone(self._tz),
                category_known=category in known,
                valid_on=valid_on,
            )
            for place, category, at in zip(places, categories, reported_at, strict=True)
        ]
