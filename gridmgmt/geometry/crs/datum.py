"""Parse the datum that a person states for coordinates: a CRS, GCJ-02 or BD-09."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

import pyproj
import pyproj.exceptions
from pyproj.exceptions import CRSError as ProjError

from gridmgmt.errors import CRSError
from gridmgmt.sentence import Sentence

ACCEPTED = Sentence(
    "EPSG:n, the bare number n, a .prj or .wkt file, WKT or a PROJ string in "
    'full, gcj02, bd09, or a name from the deployment\'s own table; with ",yx" behind it '
    "where north or latitude comes first"
)

_T = TypeVar("_T")

# Behind the name of a CRS: the first coordinate is north or latitude.
YX = ",yx"

# A file with a CRS has a few hundred bytes; a large file is something else.
_MAX_WKT_BYTES = 100_000

_CGCS2000_NOTE = Sentence("CGCS2000 is treated as coincident with WGS 84 (sub-metre)")
_SHIFTED_NOTES = {
    "gcj02": Sentence(
        "GCJ-02 is converted to WGS 84 by the exact inverse of the published formula"
    ),
    "bd09": Sentence(
        "BD-09 is converted to WGS 84 by the exact inverse of the published formulas"
    ),
}
_SHIFTED_NAMES: dict[str, Literal["gcj02", "bd09"]] = {
    "gcj02": "gcj02",
    "gcj-02": "gcj02",
    "bd09": "bd09",
    "bd-09": "bd09",
}


@dataclass(frozen=True)
class Datum:
    """The datum of coordinates: a CRS that PROJ knows, or GCJ-02 or BD-09.

    ``label`` is its name for people; ``note`` is a remark for them, if there is one.
    ``is_yx`` is whether north or latitude comes first, as surveyors write it.
    """

    label: str
    kind: Literal["crs", "gcj02", "bd09"]
    crs: pyproj.CRS | None
    note: str | None = None
    is_yx: bool = False

    def east_first(self, first: _T, second: _T) -> tuple[_T, _T]:
        """Return two things that belong to the given coordinates in the order east, north.

        Examples
        --------
        >>> resolve("4549,yx").east_first("x", "y"), resolve("4549").east_first("x", "y")
        (('y', 'x'), ('x', 'y'))
        """
        return (second, first) if self.is_yx else (first, second)

    @property
    def is_lonlat_degrees(self) -> bool:
        """Return whether coordinates are degrees of longitude and latitude."""
        if self.crs is None:
            return True
        # By its size, not its name: Esri writes Degree.
        unit = self.crs.axis_info[0].unit_conversion_factor
        return self.crs.is_geographic and math.isclose(unit, math.pi / 180, rel_tol=1e-9)

    @property
    def is_projected(self) -> bool:
        """Return whether coordinates are metres or feet on a plane."""
        return self.crs is not None and self.crs.is_projected

    @property
    def is_stored_form(self) -> bool:
        """Return whether coordinates are stored unchanged: WGS 84 or CGCS2000 degrees."""
        return (
            not self.is_yx
            and self.crs is not None
            and self.is_lonlat_degrees
            and _is_wgs84_like(self.crs)
        )


def from_crs(crs: pyproj.CRS, *, label: str | None = None) -> Datum:
    """Return the datum of a CRS; of a compound or three-dimensional CRS, the horizontal part.

    Raises
    ------
    CRSError
        when the CRS is neither geographic nor projected (geocentric, vertical, local), or PROJ
        cannot convert it to longitude and latitude

    Examples
    --------
    >>> from_crs(pyproj.CRS.from_epsg(4547)).note
    'CGCS2000 is treated as coincident with WGS 84 (sub-metre)'
    """
    flat = _horizontal(crs)
    authority = flat.to_authority()
    name = label or (":".join(authority) if authority else flat.name)
    if not (flat.is_geographic or flat.is_projected):
        raise CRSError(
            name,
            Sentence("is {}, positions on a map cannot be read from it", flat.type_name),
            remedy=Sentence("give one of: {}", ACCEPTED),
        )
    try:
        note = _note(flat, name)
    except pyproj.exceptions.ProjError as error:
        # PROJ reads, for instance, a unit of size zero, and fails only when it has to compute
        # with it.
        raise CRSError(
            name,
            Sentence("cannot be turned into longitude and latitude by PROJ"),
            remedy=Sentence("give one of: {}", ACCEPTED),
        ) from error
    return Datum(name, "crs", flat, note)


_EPSG_4326 = pyproj.CRS.from_epsg(4326)

WGS84 = Datum("EPSG:4326", "crs", _EPSG_4326)


def resolve(text: str, names: Mapping[str, str] | None = None) -> Datum:
    """Return the datum that a person states.

    Parameters
    ----------
    text : EPSG:n, n, the path of a .prj or .wkt file, WKT, a PROJ string, gcj02, bd09; each
        may end in ",yx", which says that north or latitude comes first
    names : the deployment's own table, name to any of the above; case does not matter.
        Cities in China have independent coordinate systems without an EPSG code.

    Raises
    ------
    CRSError
        listing what is accepted

    Examples
    --------
    >>> resolve("4490").is_lonlat_degrees, resolve("GCJ02").kind
    (True, 'gcj02')
    >>> resolve("4549,yx").label, resolve("4549,yx").is_yx
    ('EPSG:4549,yx', True)
    >>> resolve("hangzhou", {"Hangzhou": "EPSG:4549"}).crs.name
    'CGCS2000 / 3-degree Gauss-Kruger CM 120E'
    """
    wanted = text.strip()
    plain = wanted.casefold().removesuffix(YX)
    if plain and len(plain) < len(wanted):
        datum = resolve(wanted[: len(plain)], names)
        return replace(datum, label=f"{datum.label}{YX}", is_yx=True)
    by_name = {name.casefold(): meant for name, meant in (names or {}).items()}
    meant = by_name.get(wanted.casefold())
    if meant is not None:
        # A name may not refer to another name: a table that refers to itself would never end.
        return _relabelled(_resolve_plain(meant.strip(), ()), wanted)
    return _resolve_plain(wanted, tuple(names or {}))


def _resolve_plain(text: str, known_names: Sequence[str]) -> Datum:
    shifted = _SHIFTED_NAMES.get(text.casefold())
    if shifted is not None:
        return Datum(shifted, shifted, None, _SHIFTED_NOTES[shifted])
    try:
        if text.isascii() and text.isdigit():
            return from_crs(pyproj.CRS.from_epsg(int(text)))
        if text.casefold().endswith((".prj", ".wkt")):
            return _relabelled(from_crs(pyproj.CRS.from_user_input(_wkt_in(text))), text)
        datum = from_crs(pyproj.CRS.from_user_input(text))
        # PROJ calls a CRS without a name "unknown"; the person's own text says more.
        return _relabelled(datum, text) if datum.label == "unknown" else datum
    except ProjError:
        raise _unknown(text, known_names) from None


def _wkt_in(path: str) -> str:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(_MAX_WKT_BYTES).decode("utf-8-sig", errors="replace").strip()
    except OSError as error:
        raise CRSError(
            path,
            Sentence("cannot be read: {}", error.strerror),
            remedy=Sentence("give one of: {}", ACCEPTED),
        ) from None


def _unknown(text: str, known_names: Sequence[str]) -> CRSError:
    shown = text if len(text) <= 80 else text[:77] + "..."
    accepted = (
        Sentence("{} ({})", ACCEPTED, ", ".join(sorted(known_names)))
        if known_names
        else ACCEPTED
    )
    return CRSError(
        shown or "(empty)",
        Sentence("is not a coordinate reference system that is known here"),
        remedy=Sentence("give one of: {}", accepted),
    )


def _relabelled(datum: Datum, label: str) -> Datum:
    if datum.note is None or datum.crs is None:
        return replace(datum, label=label)
    return replace(datum, label=label, note=_note(datum.crs, label))


def _horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    if crs.is_bound and crs.source_crs is not None:
        # The Helmert parameters of the bound CRS are needed, with the axes of its source.
        return crs
    if crs.is_compound:
        return _horizontal(crs.sub_crs_list[0])
    return crs.to_2d() if len(crs.axis_info) > 2 and crs.is_geographic else crs


def is_cgcs2000(crs: pyproj.CRS) -> bool:
    """Return whether a CRS, geographic or projected, uses the CGCS2000 datum.

    Examples
    --------
    >>> is_cgcs2000(pyproj.CRS.from_epsg(4547)), is_cgcs2000(pyproj.CRS.from_epsg(32650))
    (True, False)
    """
    # By the name of the datum: Esri's .prj says D_China_2000 and has no EPSG code.
    name = _datum_name(crs)
    return "china" in name and "2000" in name


def _is_wgs84_like(crs: pyproj.CRS) -> bool:
    greenwich = crs.prime_meridian is not None and crs.prime_meridian.longitude == 0
    named = _datum_name(crs).startswith("world geodetic system 1984")
    return greenwich and (named or is_cgcs2000(crs))


def _datum_name(crs: pyproj.CRS) -> str:
    geodetic = crs.geodetic_crs
    if crs.is_bound or geodetic is None or geodetic.datum is None:
        return ""
    return geodetic.datum.name.casefold()


def _note(crs: pyproj.CRS, name: str) -> str | None:
    if is_cgcs2000(crs):
        return _CGCS2000_NOTE
    operation = pyproj.Transformer.from_crs(crs, _EPSG_4326, always_xy=True).description
    if "Ballpark" not in operation:
        return None
    return Sentence(
        "no shift from the datum of {} to WGS 84 is known: positions are taken as "
        "they are and may be off by up to some hundred metres; state +towgs84 if you "
        "have it",
        name,
    )
