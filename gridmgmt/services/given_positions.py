"""Positions as a table gives them: what their numbers, and the areas there are, say of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gridmgmt.errors import CRSError
from gridmgmt.geometry.arrays import BoolArray, FloatArray
from gridmgmt.geometry.china_datum import gcj02_to_wgs84
from gridmgmt.geometry.crs import (
    WGS84,
    Datum,
    looks_like_degrees,
    looks_projected,
    looks_swapped,
    to_lonlat,
)

# Which part of n positions (degrees, NaN for none) lies in an area; NaN if nothing could.
ShareInside = Callable[[FloatArray, FloatArray], float]

# Below this share of positions inside an area, something is wrong with the file as a whole.
_FEW = 0.1
# A datum is doubted when so much more of the positions would lie inside under another.
_CLEARLY_MORE = 0.05


@dataclass(frozen=True, eq=False)
class GivenPositions:
    """The positions of a whole table.

    ``x, y`` (n,) are as given, NaN where a row has none; ``columns`` are where they stand and
    ``swap`` is what to type to read them the other way round. ``said`` None: nobody stated the
    datum, WGS 84 in degrees is taken.
    """

    path: Path | str
    columns: tuple[str, str]
    swap: str
    x: FloatArray
    y: FloatArray
    said: Datum | None

    @property
    def datum(self) -> Datum:
        """The datum the numbers are read in."""
        return self.said or WGS84

    def lonlat(self) -> tuple[FloatArray, FloatArray]:
        """Give longitude and latitude in degrees, EPSG:4326; NaN where there is no position."""
        return to_lonlat(self.x, self.y, self.datum)

    def refuse_other_numbers(self) -> None:
        """Refuse numbers that as a whole cannot be what they are said to be.

        Raises
        ------
        CRSError
            for metres where degrees are meant, degrees where metres are, latitudes in the
            place of longitudes
        """
        named = f"{self.columns[0]} and {self.columns[1]}"
        if self.datum.is_projected and looks_like_degrees(self.x, self.y):
            message = f"{named} look like degrees, not like {self.datum.label}"
            remedy = (
                "say which degrees they are, for example --crs EPSG:4490, EPSG:4326 or gcj02"
            )
            raise CRSError(self.path, message, remedy=remedy)
        if not self.datum.is_lonlat_degrees:
            return
        if looks_projected(self.x, self.y):
            message = (
                f"{named} are metres, not degrees of {self.datum.label}: "
                f"{np.nanmin(self.x):,.0f} to {np.nanmax(self.x):,.0f} and "
                f"{np.nanmin(self.y):,.0f} to {np.nanmax(self.y):,.0f}"
            )
            remedy = "say which projection it is, for example --crs EPSG:4547"
            raise CRSError(self.path, message, remedy=remedy)
        if looks_swapped(self.x, self.y):
            raise self._swapped(evidence="the latitudes are beyond 90 degrees")

    def nowhere(self) -> BoolArray:
        """Tell which given positions are nowhere on Earth."""
        given = np.isfinite(self.x)
        if self.datum.is_lonlat_degrees:
            return given & ((np.abs(self.x) > 180) | (np.abs(self.y) > 90))
        lon, lat = self.lonlat()
        return given & ~(np.isfinite(lon) & (np.abs(lat) <= 90))

    def why_nowhere(self, i: int) -> str:
        """Say why the position at ``i`` is nowhere on Earth."""
        x, y = float(self.x[i]), float(self.y[i])
        x_told = f"{self.columns[0]} {x:.10g}"
        y_told = f"{self.columns[1]} {y:.10g}"
        if not self.datum.is_lonlat_degrees:
            return f"{x_told}, {y_told} cannot be a position in {self.datum.label}"
        told = [f"{x_told} is beyond 180 degrees"] if abs(x) > 180 else []
        if abs(y) > 90:
            told.append(f"{y_told} is beyond 90 degrees")
        return "; ".join(told)

    def doubts(self, share_inside: ShareInside) -> list[str]:
        """Say what looks wrong with the positions, compared with the areas there are.

        Raises
        ------
        CRSError
            when most of them lie inside with the axes swapped, and few as they are
        """
        lon, lat = self.lonlat()
        share = share_inside(lon, lat)
        if share < 0.5 and self.datum.is_lonlat_degrees:
            possible = np.abs(self.x) <= 90
            x, y = np.where(possible, self.x, np.nan), np.where(possible, self.y, np.nan)
            swapped = share_inside(*to_lonlat(y, x, self.datum))
            if swapped > 0.5:
                told = (
                    f"{share:.0%} of them lie in an area as given, {swapped:.0%} when swapped"
                )
                raise self._swapped(told)
        found = self._datum_doubts(lon, lat, share, share_inside)
        if share < _FEW:
            found.append(
                f"{1 - share:.0%} of the positions lie outside every area: are the file, the "
                "areas and --crs the right ones?"
            )
        return found

    def _datum_doubts(
        self, lon: FloatArray, lat: FloatArray, share: float, share_inside: ShareInside
    ) -> list[str]:
        """Say that positions in China may be GCJ-02, with what the areas make of it."""
        if self.said is not None and not self.said.is_stored_form:
            return []
        moved = gcj02_to_wgs84(lon, lat)
        # The formula leaves positions outside China where they are.
        in_china = np.isfinite(lon) & (np.hypot(moved[0] - lon, moved[1] - lat) > 0)
        if not 2 * np.count_nonzero(in_china) > np.count_nonzero(np.isfinite(lon)):
            return []
        as_gcj02 = share_inside(*moved)
        shares = (
            f"{share:.1%} of them lie in an area as they are, "
            f"{as_gcj02:.1%} when taken as GCJ-02"
        )
        if as_gcj02 > share + _CLEARLY_MORE:
            return [f"the positions look like GCJ-02: {shares}; if so, say --crs gcj02"]
        if self.said is not None:
            return []
        told = "" if np.isnan(share) else f"; {shares}"
        return [
            f"nobody stated the datum: positions in China may be WGS 84 (taken) or GCJ-02{told}"
        ]

    def _swapped(self, evidence: str) -> CRSError:
        message = f"longitude and latitude are swapped: {evidence}"
        return CRSError(self.path, message, remedy=self.swap)
