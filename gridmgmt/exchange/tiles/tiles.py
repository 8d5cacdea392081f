"""Base-map tiles, from a file or from the configured service."""

from dataclasses import dataclass
from typing import Protocol

from gridmgmt.domain.tile_matrix import TileMatrix

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


@dataclass(frozen=True, slots=True)
class TileRange:
    """The range in which a source has tiles.

    ``bounds`` is (west, south, east, north) in degrees.
    """

    min_zoom: int = 0
    max_zoom: int = 18
    bounds: tuple[float, float, float, float] | None = None
    attribution: str = ""


class TileSource(Protocol):
    """Anything that has pictures of the ground by zoom level, column and row."""

    matrix: TileMatrix

    @property
    def range(self) -> TileRange:
        """Return the range in which there are tiles."""

    def picture(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return a tile, or None if there is none; rows are counted from the north."""


def image_type(picture: bytes) -> str | None:
    """Return the media type of a picture that browsers show, by its first bytes.

    Return None for anything else, for instance the error text of a service.
    """
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in _SIGNATURES if picture.startswith(sign)), None)
