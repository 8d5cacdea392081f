"""Draw the areas of a sheet before and after on paper: fills, borders, names and numbers."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from fpdf.drawing import PaintedPath
from fpdf.enums import Align, PathPaintRule
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.exchange.change_sheets.change_sheet import MapSide, SheetMap
from gridmgmt.exchange.change_sheets.map_frame import Frame
from gridmgmt.exchange.change_sheets.map_names import Place, balanced, places, short_name
from gridmgmt.exchange.change_sheets.paper import INK, PALE, Paper
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import polygon_parts

Colour = tuple[int, int, int]

# Told apart by their lightness too, since many notices are copied without colours.
PALETTE: tuple[Colour, ...] = (
    (166, 206, 227),
    (253, 205, 150),
    (186, 222, 160),
    (244, 180, 184),
    (208, 192, 224),
    (255, 240, 160),
    (170, 222, 212),
    (222, 198, 170),
)
_AROUND: Colour = (242, 242, 240)
_THIN: Colour = (165, 165, 165)
_BORDER: Colour = (60, 60, 60)
OLD_BORDER: Colour = (200, 20, 30)
BORDER_MM = 0.3
OLD_BORDER_MM = 0.45
DASH_MM = (1.4, 0.9)
_MOST_NAMES = 150
# Where a number may stand beside its piece.
_AROUND_IT = (
    (1, 0),
    (-1, 0),
    (0.7, -0.7),
    (-0.7, -0.7),
    (0.7, 0.7),
    (-0.7, 0.7),
    (0, -1),
    (0, 1),
)
_PT_MM = 0.3528


def above_mm(step: int) -> float:
    """Return the width of the borders of the level that is ``step`` above: thicker, higher."""
    return 0.25 + 0.25 * step


def colours(drawn: SheetMap) -> dict[str, Colour]:
    """Return a colour for each area that changes, others for those that ever touch."""
    codes = [str(code) for side in _sides(drawn) for code in side.codes]
    grounds = np.concatenate([side.geoms for side in _sides(drawn)])
    if len(set(codes)) <= len(PALETTE):
        return dict(zip(dict.fromkeys(codes), PALETTE, strict=False))
    found: dict[str, int] = {}
    touching: dict[str, set[str]] = {code: set() for code in codes}
    for one, other in shapely.STRtree(grounds).query(grounds, predicate="intersects").T:
        touching[codes[one]].add(codes[other])
    for code, others in touching.items():
        taken = [found[other] for other in others if other in found]
        # The colour that the fewest neighbours have, in turn where several have none.
        order = [(len(found) + n) % len(PALETTE) for n in range(len(PALETTE))]
        found[code] = min(order, key=taken.count)
    return {code: PALETTE[n] for code, n in found.items()}


def _sides(drawn: SheetMap) -> tuple[LevelAreas, LevelAreas]:
    return drawn.before.changed, drawn.after.changed


class MapDrawing:
    """Draws one of the two maps of a group into its frame."""

    def __init__(self, paper: Paper, frame: Frame, fills: Mapping[str, Colour]) -> None:
        self._paper, self._frame, self._fills = paper, frame, fills
        self._names: list[tuple[float, float, float, float]] = []

    def draw(
        self,
        side: MapSide,
        *,
        old: MapSide | None = None,
        pieces: Sequence[tuple[int, BaseGeometry]] = (),
        north: str,
    ) -> None:
        """Draw a side; after the change also the ``old`` borders and the numbers of pieces."""
        paper, frame = self._paper, self._frame
        # What the clip sets back is set back here, too: colours of text would be wrong.
        with (
            paper.local_context(),
            paper.rect_clip(frame.x, frame.y, frame.width, frame.height),
        ):
            around = frame.placed(side.around.geoms)
            for geom in around:
                self._fill(geom, _AROUND)
            self._borders(around, 0.15, _THIN)
            changed = frame.placed(side.changed.geoms)
            for code, geom in zip(side.changed.codes, changed, strict=True):
                self._fill(geom, self._fills[str(code)])
            self._borders(changed, BORDER_MM, _BORDER)
            for step, areas in enumerate(reversed(side.above), 1):
                self._borders(frame.placed(areas.geoms), above_mm(step), _BORDER)
            if old is not None:
                self._old_borders(old, side)
            upper = [[str(name) for name in one.names] for one in side.above]
            if len(side.changed.codes) <= _MOST_NAMES:
                self._write_names(side.changed, changed, upper, 7.0, INK, bold=True)
            numbers = self._numbered(pieces)
            if len(side.changed.codes) + len(side.around.codes) <= _MOST_NAMES:
                self._write_names(side.around, around, upper, 6.0, PALE)
            for number, place, at in numbers:
                self._number(number, place, at)
            self._scale_bar()
            self._north(north)
        paper.set_draw_color(*_BORDER)
        paper.set_line_width(0.25)
        paper.rect(frame.x, frame.y, frame.width, frame.height)

    def _fill(self, geom: BaseGeometry, colour: Colour) -> None:
        path = PaintedPath()
        for part in polygon_parts(geom):
            for ring in (part.exterior, *part.interiors):
                first, *others = shapely.get_coordinates(ring)[:-1].tolist()
                path.move_to(*first)
                for point in others:
                    path.line_to(*point)
                path.close()
        path.style.paint_rule = PathPaintRule.FILL_EVENODD
        path.style.fill_color = "#" + bytes(colour).hex()
        path.style.stroke_color = None
        with self._paper.drawing_context() as drawing:
            drawing.add_item(path)

    def _borders(self, geoms: GeometryArray, width: float, colour: Colour) -> None:
        if len(geoms):
            self._lines(shapely.union_all(shapely.boundary(geoms)), width, colour)

    def _lines(self, lines: BaseGeometry, width: float, colour: Colour) -> None:
        self._paper.set_draw_color(*colour)
        self._paper.set_line_width(width)
        merged = shapely.line_merge(lines) if not shapely.is_empty(lines) else lines
        for line in shapely.get_parts(merged):
            if shapely.get_dimensions(line) == 1:
                self._paper.polyline(shapely.get_coordinates(line).tolist())

    def _old_borders(self, old: MapSide, new: MapSide) -> None:
        was, now = (
            shapely.union_all(shapely.boundary(self._frame.placed(one.changed.geoms)))
            for one in (old, new)
        )
        # A border that only got a vertex runs beside the old one by less than a pen is wide.
        gone = shapely.difference(was, shapely.buffer(now, OLD_BORDER_MM / 3))
        self._paper.set_dash_pattern(*DASH_MM)
        self._lines(gone, OLD_BORDER_MM, OLD_BORDER)
        self._paper.set_dash_pattern()

    def _numbered(
        self, pieces: Sequence[tuple[int, BaseGeometry]]
    ) -> list[tuple[int, Place, Place]]:
        """Return where each number stands, and the place in its piece of which it tells."""
        grounds = self._frame.placed(objects(geom for _number, geom in pieces))
        found = []
        for (number, whole), ground in zip(pieces, grounds, strict=True):
            # What is too narrow for the paper still has its place.
            geom = ground if polygon_parts(ground) else self._point(whole)
            inside = list(places(geom))
            if not inside:
                continue
            x, y = inside[0]
            beside = [(x + dx * 4.5, y + dy * 4.5) for dx, dy in _AROUND_IT]
            farther = [(x + dx * 9.0, y + dy * 9.0) for dx, dy in _AROUND_IT]
            for place in (*inside, *beside, *farther):
                room = _radius_mm(number) + 0.15
                box = place[0] - room, place[1] - room, place[0] + room, place[1] + room
                if self._is_free(box):
                    self._names.append(box)
                    found.append((number, place, (x, y) if place not in inside else place))
                    break
        return found

    def _point(self, ground: BaseGeometry) -> BaseGeometry:
        placed: BaseGeometry = self._frame.placed(objects([shapely.point_on_surface(ground)]))[
            0
        ]
        return placed

    def _number(self, number: int, place: Place, at: Place) -> None:
        paper, (x, y) = self._paper, place
        if at != place:
            paper.set_draw_color(*OLD_BORDER)
            paper.set_line_width(0.2)
            paper.line(*at, *place)
        paper.set_fill_color(*OLD_BORDER)
        paper.circle(x, y, _radius_mm(number), style="F")
        paper.style(6.0, (255, 255, 255), bold=True)
        paper.set_xy(x - 3, y - 1.5)
        paper.cell(6, 3, str(number), align=Align.C)

    def _write_names(
        self,
        areas: LevelAreas,
        grounds: GeometryArray,
        upper: Sequence[Sequence[str]],
        points: float,
        colour: Colour,
        *,
        bold: bool = False,
    ) -> None:
        paper, line_mm = self._paper, points * _PT_MM * 1.15
        paper.style(points, colour, bold=bold)
        for code, name, geom in zip(areas.codes, areas.names, grounds, strict=True):
            parts = polygon_parts(geom)
            if not parts:
                continue
            largest = max(parts, key=lambda part: part.area)
            room = largest.bounds[2] - largest.bounds[0]
            text = short_name(str(name or code), upper)
            lines = balanced(paper, text, max(1.15 * room, 6 * points * _PT_MM))
            width = max(map(paper.width, lines))
            for x, y in places(largest):
                half = len(lines) * line_mm / 2
                box = (x - width / 2, y - half, x + width / 2, y + half)
                if not self._is_free(box):
                    continue
                self._names.append(box)
                for n, line in enumerate(lines):
                    paper.set_xy(x - width / 2 - 2, y - half + n * line_mm)
                    paper.cell(width + 4, line_mm, line, align=Align.C)
                break

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        frame = self._frame
        left, top, right, bottom = box
        if left < frame.x + 0.5 or right > frame.x + frame.width - 0.5:
            return False
        if top < frame.y + 0.5 or bottom > frame.y + frame.height - 0.5:
            return False
        return not any(
            left < one[2] and one[0] < right and top < one[3] and one[1] < bottom
            for one in (*self._names, *self._corners())
        )

    def _corners(self) -> Iterator[tuple[float, float, float, float]]:
        frame = self._frame
        bottom, right = frame.y + frame.height, frame.x + frame.width
        yield frame.x, bottom - 8, frame.x + self._bar()[1] + 6, bottom
        yield right - 8, frame.y, right, frame.y + 12

    def _bar(self) -> tuple[int, float]:
        """Return the metres and millimetres of the scale bar: a third of the map at most."""
        most = self._frame.width / 3 / self._frame.mm_per_m
        power = 10 ** int(np.floor(np.log10(most)))
        metres = max(step * power for step in (1, 2, 5) if step * power <= most)
        return int(metres), float(metres * self._frame.mm_per_m)

    def _scale_bar(self) -> None:
        paper, frame = self._paper, self._frame
        metres, length = self._bar()
        x, y = frame.x + 3, frame.y + frame.height - 2.5
        paper.set_fill_color(255, 255, 255)
        paper.rect(frame.x, y - 4.6, length + 6, 7.1, "F")
        paper.set_draw_color(*INK)
        paper.set_line_width(0.3)
        paper.polyline([(x, y - 1), (x, y), (x + length, y), (x + length, y - 1)])
        paper.style(6.0)
        text = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
        paper.set_xy(x, y - 4.2)
        paper.cell(length, 3, text, align=Align.C)

    def _north(self, letter: str) -> None:
        paper, frame = self._paper, self._frame
        x, y = frame.x + frame.width - 4, frame.y + 2
        paper.set_fill_color(255, 255, 255)
        paper.rect(x - 4, frame.y, 8, 12, "F")
        paper.set_fill_color(*INK)
        paper.polygon([(x, y), (x + 1.6, y + 5), (x, y + 4), (x - 1.6, y + 5)], style="F")
        paper.style(7.0, bold=True)
        paper.set_xy(x - 3, y + 5.2)
        paper.cell(6, 3.4, letter, align=Align.C)


def _radius_mm(number: int) -> float:
    """Return the radius of the disc on which a number stands."""
    return 1.75 + 0.6 * max(len(str(number)) - 2, 0)
