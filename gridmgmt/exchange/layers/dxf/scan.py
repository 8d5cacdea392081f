"""Walk through a DXF drawing once, to find what GDAL changes or leaves out without a word.

A drawing is pairs of lines: a group code and its value. Code 0 begins an entity, 5 is its
handle, 8 its layer, 42 the bulge of an arc between two vertices.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from gridmgmt.domain.numbers import no_number

_CURVES = frozenset({"ARC", "CIRCLE", "ELLIPSE", "HELIX", "SPLINE"})
_READ = frozenset(
    {
        "3DFACE",
        "ATTDEF",
        "ATTRIB",
        "DIMENSION",
        "HATCH",
        "INSERT",
        "LEADER",
        "LINE",
        "LWPOLYLINE",
        "MLINE",
        "MTEXT",
        "MULTILEADER",
        "POINT",
        "POLYLINE",
        "SEQEND",
        "SOLID",
        "TEXT",
        "TRACE",
        "VERTEX",
        "VIEWPORT",
        *_CURVES,
    }
)
# Those that are a shape by themselves.
_SHAPES = _CURVES | {
    "3DFACE",
    "HATCH",
    "LINE",
    "LWPOLYLINE",
    "MLINE",
    "POLYLINE",
    "SOLID",
    "TRACE",
}
# A block that stands for another drawing: attached, overlaid, or dependent on one.
_EXTERNAL = 4 | 8 | 16
# The codes of x, y and z of all positions. Each x (10 to 18) has its y (20 to 28) after it.
_POSITIONS = frozenset(str(code) for code in range(10, 40))
_X, _Y = (frozenset(f"{tens}{ones}" for ones in range(9)) for tens in (1, 2))
# The x that an entity is never without.
_NEEDED = {
    **dict.fromkeys(("ARC", "CIRCLE", "ELLIPSE", "INSERT", "MTEXT", "POINT"), ("10",)),
    **dict.fromkeys(("TEXT", "VERTEX"), ("10",)),
    "LINE": ("10", "11"),
}


@dataclass
class DrawingFacts:
    """What a drawing holds.

    ``curved`` are the handles of entities with curves, ``unnamed_curves`` the layers of those
    without a handle. ``unread`` counts entities by kinds that GDAL does not read.
    ``external`` are the names of other drawings it refers to. ``is_whole`` tells that it ends
    as a drawing ends. ``drawn`` has the kind and the layer of each shape by its handle.
    ``broken`` are lines, from 1, whose text is no number where a position is
    to stand. ``halves`` are lines of positions, or of what has none, with the group that is
    missing there: GDAL takes it for 0.
    """

    curved: set[str] = field(default_factory=set)
    unnamed_curves: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    external: dict[str, None] = field(default_factory=dict)
    is_whole: bool = False
    drawn: dict[str, tuple[str, str]] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)
    halves: dict[int, str] = field(default_factory=dict)


@dataclass
class _Entity:
    kind: str = ""
    line: int = 0
    handle: str = ""
    layer: str = ""
    name: str = ""
    path: str = ""
    flags: int = 0
    is_bulged: bool = False
    is_counted: bool = False
    broken: dict[int, str] = field(default_factory=dict)
    halves: dict[int, str] = field(default_factory=dict)
    # The line of each x whose y has not come yet, and every x that came.
    _open: dict[str, int] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def take_position(self, code: str, line: int) -> None:
        """Take the next x or y of a position."""
        if code in _X:
            self._close(code)
            self._open[code] = line
            self._seen.add(code)
        elif code in _Y and self._open.pop(f"1{code[1]}", None) is None:
            self.halves[line] = f"1{code[1]}"

    def end(self) -> "_Entity":
        """Return the entity once all of it was taken."""
        for code in list(self._open):
            self._close(code)
        for code in _NEEDED.get(self.kind, ()):
            if code not in self._seen and code not in self.halves.values():
                self.halves[self.line] = code
        return self

    def _close(self, code: str) -> None:
        line = self._open.pop(code, None)
        if line is not None:
            self.halves[line] = f"2{code[1]}"


class _Walk:
    def __init__(self) -> None:
        self.facts = DrawingFacts()
        self._section = ""
        self._block = ""
        self._curved_blocks: set[str] = set()
        # The polyline that the next vertices belong to, in drawings of the old kind.
        self._owner = _Entity()

    def take(self, entity: _Entity) -> None:
        if self._section in ("BLOCKS", "ENTITIES") and entity.kind in _READ:
            self.facts.broken.update(entity.broken)
            self.facts.halves.update(entity.halves)
        if entity.kind == "SECTION":
            self._section = entity.name
        elif entity.kind == "EOF":
            self.facts.is_whole = True
        elif self._section == "BLOCKS":
            self._take_of_block(entity)
        elif self._section == "ENTITIES" and entity.kind != "ENDSEC":
            self._take_drawn(entity)

    def _take_of_block(self, entity: _Entity) -> None:
        if entity.kind == "BLOCK":
            self._block = entity.name
            if entity.flags & _EXTERNAL:
                self.facts.external.setdefault(entity.path or entity.name)
        elif self._is_curved(entity):
            self._curved_blocks.add(self._block)

    def _take_drawn(self, entity: _Entity) -> None:
        if entity.kind != "VERTEX":
            self._owner = entity
        if entity.kind not in _READ:
            self.facts.unread[entity.kind] += 1
        if entity.kind in _SHAPES and entity.handle:
            self.facts.drawn[entity.handle] = entity.kind, entity.layer
        if not self._is_curved(entity):
            return
        if self._owner.handle:
            self.facts.curved.add(self._owner.handle)
        elif not self._owner.is_counted:
            self._owner.is_counted = True
            self.facts.unnamed_curves[self._owner.layer] += 1

    def _is_curved(self, entity: _Entity) -> bool:
        inserts_curves = entity.kind == "INSERT" and entity.name in self._curved_blocks
        return entity.kind in _CURVES or entity.is_bulged or inserts_curves


def scan(text: str) -> DrawingFacts:
    """Return what a drawing in DXF holds."""
    walk = _Walk()
    for entity in _entities(text):
        walk.take(entity)
    return walk.facts


def _entities(text: str) -> Iterator[_Entity]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    entity = _Entity()
    for pair, (line, value) in enumerate(zip(lines[::2], lines[1::2], strict=False), 1):
        code = line.strip()
        if code == "0":
            yield entity.end()
            entity = _Entity(kind=value.strip(), line=2 * pair)
        elif code in _POSITIONS:
            entity.take_position(code, 2 * pair)
            if no_number([value.strip()]) is not None:
                entity.broken[2 * pair] = value.strip()
        elif code == "42":
            # Of other kinds this code is a scale or a width.
            of_line = entity.kind in ("LWPOLYLINE", "VERTEX")
            entity.is_bulged = entity.is_bulged or (of_line and _number(value) != 0)
        elif code in _TEXTS:
            setattr(entity, _TEXTS[code], value.strip())
        elif code == "70" and entity.kind == "BLOCK":
            entity.flags = int(_number(value))
    yield entity.end()


_TEXTS = {"1": "path", "2": "name", "5": "handle", "8": "layer"}


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0
