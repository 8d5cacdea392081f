"""Make areas of closed lines, with the one text that lies inside each as its label."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import BoolArray, GeometryArray, IntArray, ObjectArray
from gridmgmt.domain.listing import listed
from gridmgmt.sentence import Sentence

_ESCAPED = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
# Two bytes of a character, behind the number of their encoding, as AutoCAD wrote before 1997.
_TWO_BYTES = re.compile(r"\\M\+([1-5])([0-9A-Fa-f]{4})")
_ENCODINGS = {"1": "cp932", "2": "cp950", "3": "cp949", "4": "johab", "5": "gb18030"}
_SHOWN_TEXTS = 3


@dataclass(frozen=True)
class Entities:
    """The entities of a drawing; ``text`` is None where an entity has none."""

    geom: GeometryArray
    layer: ObjectArray
    text: ObjectArray
    is_fill: BoolArray

    def take(self, kept: BoolArray) -> "Entities":
        """Return some of the entities."""
        return Entities(self.geom[kept], self.layer[kept], self.text[kept], self.is_fill[kept])


def unescaped(text: str | None) -> str | None:
    r"""Return a text with the characters that a drawing writes by their numbers.

    Examples
    --------
    >>> unescaped("\\U+77F3\\U+6865 3"), unescaped("\\M+5CAAF1"), unescaped(" ")
    ('石桥 3', '石1', None)
    """
    if text is None:
        return None
    text = _TWO_BYTES.sub(_of_two_bytes, text)
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).strip() or None


def _of_two_bytes(found: re.Match[str]) -> str:
    return bytes.fromhex(found[2]).decode(_ENCODINGS[found[1]], "replace")


def closed_as_areas(geom: GeometryArray) -> GeometryArray:
    """Return geometries with closed lines as polygons; others stay what they are."""
    areas = geom.copy()
    lines = shapely.get_type_id(geom) == shapely.GeometryType.LINESTRING
    closed = lines & shapely.is_closed(geom) & (shapely.get_num_coordinates(geom) >= 4)
    xy, ring = shapely.get_coordinates(geom[closed], return_index=True)
    areas[closed] = shapely.polygons(shapely.linearrings(xy, indices=ring))
    return areas


def is_area(geom: GeometryArray) -> BoolArray:
    """Return which geometries are polygons."""
    kinds = shapely.get_type_id(geom)
    polygon, several = shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON
    found: BoolArray = (kinds == polygon) | (kinds == several)
    return found


def repeated_fills(entities: Entities) -> BoolArray:
    """Return which fills (hatches) have the outline of an area that is no fill."""
    areas = is_area(entities.geom)
    fills = np.flatnonzero(entities.is_fill & areas)
    outlines = np.flatnonzero(~entities.is_fill & areas)
    repeated = np.zeros(len(entities.geom), dtype=bool)
    tree = shapely.STRtree(entities.geom[outlines])
    fill, outline = tree.query(entities.geom[fills])
    same = shapely.equals(entities.geom[fills[fill]], entities.geom[outlines[outline]])
    repeated[fills[fill[same]]] = True
    return repeated


@dataclass(frozen=True)
class Labels:
    """The one text inside each area, None where there is none or no single one.

    ``several`` has the texts of the areas with several, by position. ``outside`` are positions
    of texts that label no area, ``between`` those of texts on the border of several.
    """

    text: ObjectArray
    several: dict[int, list[str]]
    outside: IntArray
    between: IntArray


def labels(entities: Entities) -> Labels:
    """Find the text inside each area; if several lie inside, the one on the area's own layer.

    A text belongs to the smallest areas around it, one of each layer, so that the outlines of
    streets and of their cells can lie in one drawing. One on the border of several areas could
    belong to any, and is the label of none.
    """
    areas = np.flatnonzero(is_area(entities.geom))
    texts = np.flatnonzero(is_label(entities))
    found: dict[int, list[int]] = {}
    tree = shapely.STRtree(entities.geom[areas])
    text, area = tree.query(entities.geom[texts], predicate="covered_by")
    on_border = ~shapely.contains_properly(
        entities.geom[areas[area]], entities.geom[texts[text]]
    )
    between = np.flatnonzero(np.bincount(text[on_border], minlength=len(texts)) > 1)
    outside = np.setdiff1d(texts, texts[text]).astype(np.int64)
    is_clear = ~np.isin(text, between)
    text, area = text[is_clear], area[is_clear]
    size = shapely.area(entities.geom[areas])
    smallest: dict[tuple[int, object], int] = {}
    for one, around in zip(texts[text], area, strict=True):
        key = (int(one), entities.layer[areas[around]])
        if key not in smallest or size[around] < size[smallest[key]]:
            smallest[key] = int(around)
    for (one, _), around in smallest.items():
        found.setdefault(int(areas[around]), []).append(one)
    label = np.full(len(entities.geom), None, dtype=object)
    several: dict[int, list[str]] = {}
    for position, inside in found.items():
        own = [one for one in inside if entities.layer[one] == entities.layer[position]]
        chosen = inside if len(inside) == 1 else own
        if len(chosen) == 1:
            label[position] = entities.text[chosen[0]]
        else:
            several[position] = [str(entities.text[one]) for one in sorted(inside)]
    return Labels(label, several, outside, texts[between])


def is_label(entities: Entities) -> BoolArray:
    """Return which entities are texts at a point."""
    points = shapely.get_type_id(entities.geom) == shapely.GeometryType.POINT
    has_text = np.array([text is not None for text in entities.text], dtype=bool)
    found: BoolArray = points & has_text
    return found


def label_notes(entities: Entities, found: Labels, feature: IntArray) -> Iterator[Sentence]:
    """Yield notes on areas with several texts, and on texts outside all areas.

    Parameters
    ----------
    feature : (n,) number of each entity among the features, 0 if it is none
    """
    if found.several:
        shown = [
            f"{feature[position]} ({listed(texts, _SHOWN_TEXTS)})"
            for position, texts in sorted(found.several.items())
        ]
        yield Sentence(
            "several texts lie inside {} area(s), so their Text is empty: {}",
            f"{len(shown):,}",
            listed(shown),
        )
    if len(found.between):
        yield Sentence(
            "{} text(s) on the border of several areas are the label of none: {}",
            f"{len(found.between):,}",
            listed(entities.text[found.between]),
        )
    if len(found.outside):
        yield Sentence(
            "{} text(s) outside all areas were left out: {}",
            f"{len(found.outside):,}",
            listed(entities.text[found.outside]),
        )
