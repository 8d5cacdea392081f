"""Read the CRS that a file states, unless it refers to other files."""

import re
from collections.abc import Iterator
from typing import Any

import pyproj

from gridmgmt.errors import CRSError
from gridmgmt.sentence import Sentence

# WKT and JSON write a CRS in full; a plain name holds no "=". PROJ's own language does: its
# parameters name grids and tables, which PROJ would open anywhere on disk.
_IN_FULL = re.compile(r"\s*(\{|[A-Za-z]+\s*[\[(])")
_GRIDS = re.compile(r"grids=(\S+)")


def read_crs(shown: str, stated: str | int) -> pyproj.CRS:
    """Return the CRS that a file states.

    Raises
    ------
    CRSError
        when it names a file that PROJ would open
    pyproj.exceptions.CRSError
        when it cannot be understood
    """
    if isinstance(stated, str) and is_proj_text(stated):
        raise _elsewhere(shown)
    crs = pyproj.CRS.from_user_input(stated)
    if list(_files(crs.to_json_dict())):
        raise _elsewhere(shown)
    return crs


def named_files(wkt: str | None) -> list[str]:
    """Return the files that a CRS names for PROJ to open."""
    return list(_files(pyproj.CRS.from_wkt(wkt).to_json_dict())) if wkt else []


def is_proj_text(stated: str) -> bool:
    """Return whether a CRS is written in PROJ's own language.

    Examples
    --------
    >>> is_proj_text("+proj=longlat +nadgrids=/etc/passwd"), is_proj_text("EPSG:4490")
    (True, False)
    """
    return "=" in stated and not _IN_FULL.match(stated)


def _files(part: Any) -> Iterator[str]:
    """Yield the files that are parameters of operations within a CRS.

    A parameter is a number or a file. The name of a PROJ method is its whole text, which may
    name files too.
    """
    if isinstance(part, list):
        for one in part:
            yield from _files(one)
    if not isinstance(part, dict):
        return
    for parameter in part.get("parameters", []):
        if isinstance(parameter.get("value"), str):
            yield parameter["value"]
    method = part.get("method", {}).get("name", "")
    if "=" in method:
        yield from _GRIDS.findall(method) or [method]
    for one in part.values():
        yield from _files(one)


def _elsewhere(shown: str) -> CRSError:
    return CRSError(
        shown,
        Sentence(
            "its coordinate reference system lies in another file, and none is opened for it"
        ),
        remedy=Sentence("remove what it states and say the CRS with --crs"),
    )
