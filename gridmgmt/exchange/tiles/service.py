"""Fetch raster tiles from a service and cache them in a folder."""

import hashlib
import logging
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit

from gridmgmt.domain.tile_matrix import TileMatrix
from gridmgmt.errors import InputError
from gridmgmt.exchange.tiles.tiles import TileRange, image_type

log = logging.getLogger(__name__)

TIMEOUT_S = 5.0
FRESH_S = 30 * 24 * 3600
# A service that does not answer gets no requests for a while: otherwise every tile of a map
# would wait.
REST_S = 30.0
MAX_BYTES = 4 * 1024 * 1024
NOT_FOUND = 404

_NAMES = {
    "zoom": ("{z}", "{TileMatrix}"),
    "column": ("{x}", "{TileCol}"),
    "row": ("{y}", "{-y}", "{TileRow}"),
}
_KEY_VALUE = "TILEMATRIX={z}&TILECOL={x}&TILEROW={y}"


def tile_address(text: str) -> str:
    """Return the URL template of a tile service from the configured text.

    The text is an XYZ or WMTS template with ``{z} {x} {y}`` (``{-y}`` where rows are counted
    from the south) or ``{TileMatrix} {TileCol} {TileRow}``. Or it is the URL of a WMTS with
    keys and values (``…?SERVICE=WMTS&LAYER=…``), to which the three keys are added.

    Raises
    ------
    InputError
        when the URL has no place for the position of a tile
    """
    missing = [
        name for name, marks in _NAMES.items() if not any(mark in text for mark in marks)
    ]
    if not missing:
        return text
    given = {key.upper(): value for key, value in parse_qsl(urlsplit(text).query)}
    if len(missing) < len(_NAMES) or given.get("SERVICE", "").upper() != "WMTS":
        message = f"the address of the tiles has no place for: {', '.join(missing)}"
        field = "base map"
        raise InputError(field, message)
    request = "" if "REQUEST" in given else "REQUEST=GetTile&"
    return f"{text.rstrip('&')}&{request}{_KEY_VALUE}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses redirects, so that only the configured address is contacted."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class TileService:
    """One configured service; no request decides where the server connects to."""

    def __init__(
        self, address: str, matrix: TileMatrix, cache: Path, tile_range: TileRange
    ) -> None:
        self.matrix = matrix
        self.range = tile_range
        self._template = tile_address(address)
        self._folder = cache / hashlib.sha256(self._template.encode()).hexdigest()[:16]
        self._opener = urllib.request.build_opener(_NoRedirect)
        self._resting_until = 0.0

    def picture(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return a tile from the folder while it is fresh, or else from the service.

        If the service fails, an old tile is returned. The result is None if the service has no
        such tile, or if it was never fetched.
        """
        path = self._folder / str(zoom) / str(column) / str(row)
        kept = _kept(path)
        if kept is not None and time.time() - path.stat().st_mtime < FRESH_S:
            return kept or None
        fetched = self._fetch(zoom, column, row)
        if fetched is None:
            return kept or None
        _keep(path, fetched)
        return fetched or None

    def _fetch(self, zoom: int, column: int, row: int) -> bytes | None:
        """Fetch a tile: a picture, b"" if the service has none, None if it failed."""
        if time.monotonic() < self._resting_until:
            return None
        try:
            return self._ask(_filled(self._template, self._places(zoom, column, row)))
        except (OSError, HTTPException) as error:
            # The URL may contain the deployment's key, so the log names only the host.
            host = urlsplit(self._template).hostname
            log.warning("the base map's service %s failed: %s", host, error)
            self._resting_until = time.monotonic() + REST_S
            return None

    def _ask(self, address: str) -> bytes:
        # The setting allows only http and https, and a request fills in three numbers.
        agent = {"User-Agent": "gridmgmt"}
        request = urllib.request.Request(address, headers=agent)  # noqa: S310
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                body: bytes = answer.read(MAX_BYTES + 1)
        except HTTPError as error:
            with error:
                if error.code == NOT_FOUND:
                    return b""
                raise
        if body and (len(body) > MAX_BYTES or image_type(body) is None):
            message = "the answer is no picture"
            raise OSError(message)
        return body

    def _places(self, zoom: int, column: int, row: int) -> Mapping[str, int]:
        from_south = (1 << (zoom - self.matrix.first)) - 1 - row
        values = {"zoom": zoom, "column": column, "row": row}
        places = {mark: values[name] for name, marks in _NAMES.items() for mark in marks}
        return {**places, "{-y}": from_south}


def _filled(template: str, places: Mapping[str, int]) -> str:
    for mark, value in places.items():
        template = template.replace(mark, str(value))
    return template


def _kept(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _keep(path: Path, picture: bytes) -> None:
    """Store a tile; no reader ever sees half of it, and a full disk only costs the copy."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(picture)
        Path(file.name).replace(path)
    except OSError as error:
        log.warning("a tile could not be kept: %s", error)
