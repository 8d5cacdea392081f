"""The geometry zoo: every kind of shape that turns up in a layer sooner or later."""

import numpy as np
import shapely

from tests.drawn import Drawing

_PLACES = Drawing(
    """
    a....b....c
    ...........
    ..i.j......
    ..l.k......
    ...........
    d....e....f
    ...........
    g....h.....
    """
)

EMPTY = shapely.Polygon()
POINT = shapely.Point(_PLACES.point("a"))
LINE = _PLACES.line("abc")
SQUARE = _PLACES.polygon("abed")
# Shares the border b-e with SQUARE.
TOUCHING = _PLACES.polygon("bcfe")
DUPLICATE = _PLACES.polygon("abed")
HOLE = _PLACES.polygon("abed", "ijkl")
MULTIPART = _PLACES.multi("abed", "gfh")
# Crosses itself in the middle: two triangles as one ring.
BOW_TIE = _PLACES.polygon("aebd")
# 50 m long, 1 cm wide.
SLIVER = shapely.box(120.17, 30.28, 120.1705, 30.2800001)
# A ring without any ground: there and back.
SPIKE = _PLACES.polygon("aba")
# A hole that reaches out of its shell.
LOOSE_HOLE = _PLACES.polygon("abed", "icfk")
WITH_HEIGHT = shapely.force_3d(SQUARE, 7.0)
# A ring whose first vertex is no number is not closed, and no reader lets it in.
NOT_A_NUMBER = shapely.transform(
    SQUARE, lambda lonlat: np.where(np.arange(len(lonlat))[:, None] == 1, np.nan, lonlat)
)
COLLECTION = shapely.GeometryCollection([SQUARE, LINE])

ZOO = {
    "empty": EMPTY,
    "point": POINT,
    "line": LINE,
    "square": SQUARE,
    "touching": TOUCHING,
    "duplicate": DUPLICATE,
    "hole": HOLE,
    "multipart": MULTIPART,
    "bow-tie": BOW_TIE,
    "sliver": SLIVER,
    "spike": SPIKE,
    "loose hole": LOOSE_HOLE,
    "height": WITH_HEIGHT,
    "nan": NOT_A_NUMBER,
    "collection": COLLECTION,
    "none": None,
}
