"""Positions of a table, checked by their numbers and against the existing areas."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gridmgmt.arrays import BoolArray, FloatArray
from gridmgmt.errors import CRSError
from gridmgmt.geometry.crs.china_datum import gcj02_to_wgs84
from gridmgmt.geometry.crs.crs import WGS84, Datum, to_lonlat
from gridmgmt.geometry.crs.position_signs import PositionSigns
from gridmgmt.sentence import Sentence, joined

# Returns the share of n positions (degrees, NaN for none) inside an area; NaN if there are
# none.
ShareInside = Callable[[FloatArray, FloatArray], float]

# Below this share of positions inside an area, something is wrong with the whole file.
_FEW = 0.1
# The datum is doubted if the share inside would rise by at least this much under another one.
_CLEARLY_MORE = 0.05


@dataclass(frozen=True)
class PositionShares:
    """The share of a table's positions that lie in an area, or near enough to snap.

    ``as_given`` is the share as the file is read. ``swapped`` (axes swapped) and ``as_gcj02``
    (taken as GCJ-02) are computed only where they matter. A share is NaN without positions or
    without areas. ``mostly_in_china`` means that most positions could be GCJ-02.
    """

    as_given: float
    mostly_in_china: bool
    swapped: Callable[[], float]
    as_gcj02: Callable[[], float]


@dataclass(frozen=True)
class PositionReading:
    """How the positions of a table are read, and what their numbers show.

    ``columns`` are their columns. ``swap`` is the option that reads them with swapped axes.
    ``said`` None means that nobody stated the datum: then WGS 84 in degrees is assumed.
    """

    path: Path | str
    columns: tuple[str, str]
    swap: str
    said: Datum | None

    @property
    def datum(self) -> Datum:
        """Return the datum in which the numbers are read."""
        return self.said or WGS84

    @property
    def may_be_gcj02(self) -> bool:
        """Return whether positions in China may be GCJ-02; nobody excluded it."""
        return self.said is None or self.said.is_stored_form

    def refuse_other_numbers(self, signs: PositionSigns) -> None:
        """Raise CRSError if the numbers do not fit the stated datum.

        Parameters
        ----------
        signs : of the numbers in the order east, north (`GivenPositions.signs`)

        Raises
        ------
        CRSError
            for metres instead of degrees, degrees instead of metres, or latitudes instead
            of longitudes
        """
        named = " and ".join(self.datum.east_first(*self.columns))
        if self.datum.is_projected and signs.look_like_degrees:
            raise CRSError(
                self.path,
                Sentence("{} look like degrees, not like {}", named, self.datum.label),
                remedy=Sentence(
                    "say which degrees they are, for example --crs EPSG:4490, EPSG:4326 or "
                    "gcj02"
                ),
            )
        if not self.datum.is_lonlat_degrees:
            return
        if signs.look_projected:
            raise CRSError(
                self.path,
                Sentence(
                    "{} are metres, not degrees of {}: {} to {} and {} to {}",
                    named,
                    self.datum.label,
                    f"{signs.x[0]:,.0f}",
                    f"{signs.x[1]:,.0f}",
                    f"{signs.y[0]:,.0f}",
                    f"{signs.y[1]:,.0f}",
                ),
                remedy=Sentence("say which projection it is, for example --crs EPSG:4547"),
            )
        if signs.look_swapped:
            raise self._swapped(evidence=Sentence("the latitudes are beyond 90 degrees"))

    def doubts(self, shares: PositionShares) -> list[str]:
        """Return what looks wrong with the positions compared with the existing areas.

        Raises
        ------
        CRSError
            when few positions lie inside an area, and most would with swapped axes
        """
        share = shares.as_given
        if share < 0.5 and self.datum.is_lonlat_degrees:
            swapped = shares.swapped()
            if swapped > 0.5:
                raise self._swapped(
                    Sentence(
                        "{} of them lie in an area as given, {} when swapped",
                        f"{share:.0%}",
                        f"{swapped:.0%}",
                    )
                )
        found = self._datum_doubts(shares)
        if share < _FEW:
            found.append(
                Sentence(
                    "{} of the positions lie outside every area: are the file, the areas and "
                    "--crs the right ones?",
                    f"{1 - share:.0%}",
                )
            )
        return found

    def _datum_doubts(self, shares: PositionShares) -> list[str]:
        """Return a note that positions in China may be GCJ-02.

        It states how many lie inside an area under each datum.
        """
        if not self.may_be_gcj02 or not shares.mostly_in_china:
            return []
        as_gcj02 = shares.as_gcj02()
        told = Sentence(
            "{} of them lie in an area as they are, {} when taken as GCJ-02",
            f"{shares.as_given:.1%}",
            f"{as_gcj02:.1%}",
        )
        if as_gcj02 > shares.as_given + _CLEARLY_MORE:
            return [
                Sentence("the positions look like GCJ-02: {}; if so, say --crs gcj02", told)
            ]
        if self.said is not None:
            return []
        doubt = Sentence(
            "nobody stated the datum: positions in China may be WGS 84 (taken) or GCJ-02"
        )
        return [doubt if np.isnan(shares.as_given) else joined("; ", [doubt, told])]

    def _swapped(self, evidence: str) -> CRSError:
        return CRSError(
            self.path,
            Sentence("longitude and latitude are swapped: {}", evidence),
            remedy=self.swap,
        )


@dataclass(frozen=True, eq=False)
class GivenPositions:
    """The positions of a table, or of one chunk of it.

    ``x, y`` (n,) are the given numbers, NaN where a row has none; north or latitude comes first
    if the datum says so. The other fields are those of PositionReading.
    """

    path: Path | str
    columns: tuple[str, str]
    swap: str
    x: FloatArray
    y: FloatArray
    said: Datum | None

    @property
    def reading(self) -> PositionReading:
        """Return how the positions are read."""
        return PositionReading(self.path, self.columns, self.swap, self.said)

    @property
    def datum(self) -> Datum:
        """Return the datum in which the numbers are read."""
        return self.said or WGS84

    @property
    def _east_north(self) -> tuple[FloatArray, FloatArray]:
        return self.datum.east_first(self.x, self.y)

    def signs(self) -> PositionSigns:
        """Return what the numbers show about their datum."""
        return PositionSigns.of(*self._east_north)

    def lonlat(self) -> tuple[FloatArray, FloatArray]:
        """Return longitude and latitude in degrees, EPSG:4326; NaN without position."""
        return to_lonlat(self.x, self.y, self.datum)

    def lonlat_swapped(self) -> tuple[FloatArray, FloatArray]:
        """Return longitude and latitude with swapped axes."""
        east, _ = self._east_north
        possible = np.abs(east) <= 90
        x, y = np.where(possible, self.x, np.nan), np.where(possible, self.y, np.nan)
        return to_lonlat(y, x, self.datum)

    def refuse_other_numbers(self) -> None:
        """Raise CRSError if the numbers do not fit the stated datum.

        Raises
        ------
        CRSError
            as PositionReading does
        """
        self.reading.refuse_other_numbers(self.signs())

    def nowhere(self) -> BoolArray:
        """Return which of the given positions are not on Earth.

        Degrees tell so of each number alone, also if the other one is NaN.
        """
        if self.datum.is_lonlat_degrees:
            east, north = self._east_north
            return (np.abs(east) > 180) | (np.abs(north) > 90)
        given = np.isfinite(self.x) & np.isfinite(self.y)
        lon, lat = self.lonlat()
        return given & ~(np.isfinite(lon) & (np.abs(lat) <= 90))

    def why_nowhere(self, i: int) -> str:
        """Return why the position at ``i`` is not on Earth."""
        east, north = self._east_north
        x, y = float(east[i]), float(north[i])
        x_column, y_column = self.datum.east_first(*self.columns)
        x_told, y_told = f"{x_column} {x:.10g}", f"{y_column} {y:.10g}"
        if not self.datum.is_lonlat_degrees:
            return Sentence(
                "{}, {} cannot be a position in {}", x_told, y_told, self.datum.label
            )
        told = [Sentence("{} is beyond 180 degrees", x_told)] if abs(x) > 180 else []
        if abs(y) > 90:
            told.append(Sentence("{} is beyond 90 degrees", y_told))
        return joined("; ", told)

    def doubts(self, share_inside: ShareInside) -> list[str]:
        """Return what looks wrong with the positions compared with the existing areas.

        Raises
        ------
        CRSError
            when few positions lie inside an area, and most would with swapped axes
        """
        lon, lat = self.lonlat()
        moved = gcj02_to_wgs84(lon, lat)
        shares = PositionShares(
            as_given=share_inside(lon, lat),
            mostly_in_china=2 * in_china(lon, lat, moved) > int(np.isfinite(lon).sum()),
            swapped=lambda: share_inside(*self.lonlat_swapped()),
            as_gcj02=lambda: share_inside(*moved),
        )
        return self.reading.doubts(shares)


def in_china(lon: FloatArray, lat: FloatArray, moved: tuple[FloatArray, FloatArray]) -> int:
    """Count the positions in China.

    ``moved`` is where the positions lie if they are GCJ-02.
    """
    # The formula does not move positions outside China.
    there = np.isfinite(lon) & (np.hypot(moved[0] - lon, moved[1] - lat) > 0)
    return int(np.count_nonzero(there))
