"""Let GDAL read all placemarks of a KML file, and all their fields as text."""

import re
from contextlib import ExitStack
from xml.parsers import expat

from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.gml.written_positions import wrong_tuple
from gridmgmt.exchange.layers.private_copies import copy_with
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

# The declaration of a field: <SimpleField name="code" type="int"/>.
_FIELD = re.compile(r"<(?:[\w.-]+:)?SimpleField\b[^<>]*>")
_TYPE = re.compile(r"""(\stype\s*=\s*)(["'])(?!string\2)[^"']*\2""")
_CONTAINERS = frozenset({"Document", "Folder"})
# What may stand in the root: of several, GDAL reads only the last.
_FEATURES = _CONTAINERS | {
    "Placemark",
    "NetworkLink",
    "GroundOverlay",
    "ScreenOverlay",
    "PhotoOverlay",
    "Tour",
}
# The shapes that a placemark may have, one of them.
_SHAPES = frozenset(
    {
        "LinearRing",
        "LineString",
        "Model",
        "MultiGeometry",
        "MultiTrack",
        "Point",
        "Polygon",
        "Track",
    }
)
_BOUNDARIES = ("outerBoundaryIs", "innerBoundaryIs")
_FIELD_VALUES = ("Data", "SimpleData")
# Elements of a placemark that GDAL reads into fields, and fields of these names as well.
_OWN = ("name", "description")
# GDAL reads 120.1, 30.2 like 120.1,30.2.
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_CHUNK = 1 << 20


def checked_kml(source: LayerSource, stack: ExitStack) -> LayerSource:
    """Return a source in which every field is declared as text, and every placemark is read.

    A field of the type int cannot hold 330103001001: GDAL makes it 2147483647, and 007 becomes
    7. The copy exists as long as the stack; a file with text fields only is not copied.

    Raises
    ------
    LayerError
        when placemarks lie where GDAL passes over them, in whatever layer, when text that is no
        position stands among their coordinates, when a placemark has something twice of which
        GDAL reads one (shapes, rings, the value of a field), or when it has values of fields
        that no schema of the file declares
    """
    content = source.path.read_bytes()
    walk = _walked(content)
    if walk is not None:
        _check_placemarks(source, walk)
        _check_positions(source, walk)
        _check_surplus(source, walk)
        _check_declared(source, walk)
    # Every byte is a character of latin-1, and is written back as it was.
    text = content.decode("latin-1")
    changed = _FIELD.sub(lambda found: _TYPE.sub(r"\1\2string\2", found[0]), text)
    if changed == text:
        return source
    suffix = source.path.suffix.lower()
    return copy_with(source, {suffix: changed.encode("latin-1")}, (), stack)


class _Walk:
    """Find the placemarks; those within an Update change what is elsewhere, and are no data."""

    def __init__(self, content: bytes) -> None:
        # The line of each placemark, and the number of the feature of the root it lies in, or 0
        # where KML has no placemarks.
        self.placemarks: list[tuple[int, int]] = []
        self.roots = 0
        # By line: the first text of its coordinates that is no position, which GDAL makes 0.
        self.broken: dict[int, str] = {}
        # By line: what stands there although one of its kind stood before.
        self.surplus: dict[int, str] = {}
        # What each open element has held already.
        self._held: list[set[str]] = []
        # The fields of the schemas, and by field the first line with a value of it.
        self.declared: set[str] = set()
        self.fields: dict[str, int] = {}
        # The name and the description of the placemark, and the fields called so.
        self._own: dict[str, set[str]] = {}
        self._text: list[str] | None = None
        self._field = ""
        self._namespace = ""
        self._path: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._take
        for start in range(0, len(content), _CHUNK):
            self._parser.Parse(content[start : start + _CHUNK], False)
        self._parser.Parse(b"", True)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self._path:
            self._namespace = namespace
        if len(self._path) == 1 and local in _FEATURES:
            self.roots += 1
        if (
            local.lower() == "placemark"
            and namespace == self._namespace
            and "Update" not in self._path
        ):
            is_placed = local == "Placemark" and _CONTAINERS.issuperset(self._path[1:])
            line = self._parser.CurrentLineNumber
            self.placemarks.append((line, self.roots if is_placed else 0))
        if local == "SimpleField":
            self.declared.add(attributes.get("name", ""))
        elif local == "SimpleData":
            named = attributes.get("name", "")
            self.fields.setdefault(named, self._parser.CurrentLineNumber)
        elif local == "Placemark":
            self._own = {}
        self._find_surplus(local, attributes)
        if local in ("Data", "SimpleData"):
            self._field = attributes.get("name", "").lower()
        if local in ("coordinates", "value", "SimpleData", *_OWN):
            self._text = []
        self._path.append(local)
        self._held.append(set())

    def _find_surplus(self, local: str, attributes: dict[str, str]) -> None:
        parent = self._path[-1] if self._path else ""
        if parent == "Placemark" and local in _SHAPES:
            held, what = "shape", local
        elif (parent == "Polygon" and local == "outerBoundaryIs") or parent in _BOUNDARIES:
            held = what = local
        elif parent in ("ExtendedData", "SchemaData") and local in _FIELD_VALUES:
            what = repr(attributes.get("name", ""))
            held = what
        else:
            return
        if held in self._held[-1]:
            self.surplus.setdefault(self._parser.CurrentLineNumber, what)
        self._held[-1].add(held)

    def _take(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, _name: str) -> None:
        local = self._path.pop()
        self._held.pop()
        if self._text is None:
            return
        text, self._text = "".join(self._text), None
        parent = self._path[-1] if self._path else ""
        if local == "coordinates":
            wrong = wrong_tuple(_COMMA.sub(",", text))
            if wrong is not None:
                self.broken.setdefault(self._parser.CurrentLineNumber, wrong)
        elif local in _OWN and parent == "Placemark":
            self._add_own(local, text)
        elif local == "SimpleData" or (local == "value" and parent == "Data"):
            self._add_own(self._field, text)

    def _add_own(self, field: str, text: str) -> None:
        """Note two values for what is one field to GDAL; two that are equal lose nothing."""
        texts = self._own.setdefault(field, set()) if field in _OWN else set()
        texts.add(text.strip())
        if len(texts) > 1:
            self.surplus.setdefault(self._parser.CurrentLineNumber, repr(field))


def _walked(content: bytes) -> _Walk | None:
    try:
        return _Walk(content)
    except (expat.ExpatError, ValueError):
        return None  # GDAL reads the same XML, and says what is wrong with it.


def _check_positions(source: LayerSource, walk: _Walk) -> None:
    if walk.broken:
        raise LayerError(
            source.shown,
            Sentence("{} coordinates cannot be read", f"{len(walk.broken):,}"),
            problems=[
                Sentence("line {}: {} is no position", line, repr(text[:40]))
                for line, text in walk.broken.items()
            ],
            remedy=Sentence(
                "correct them, or save the layer anew in the program it comes from"
            ),
        )


def _check_surplus(source: LayerSource, walk: _Walk) -> None:
    if walk.surplus:
        raise LayerError(
            source.shown,
            Sentence("placemarks have something twice, of which one would be read"),
            problems=[
                Sentence("line {}: a second {}", line, what)
                for line, what in walk.surplus.items()
            ],
            remedy=Sentence(
                "put several shapes into one <MultiGeometry>, each ring into a boundary of its "
                "own, and leave one value for each field"
            ),
        )


def _check_declared(source: LayerSource, walk: _Walk) -> None:
    unknown = {name: line for name, line in walk.fields.items() if name not in walk.declared}
    if unknown:
        raise LayerError(
            source.shown,
            Sentence("it has values of fields that none of its schemas declares"),
            problems=[
                Sentence("line {}: {} is in no <Schema> of the file", line, repr(name))
                for name, line in unknown.items()
            ],
            remedy=Sentence("write them as <Data>, or save the layer anew with its <Schema>"),
        )


def _check_placemarks(source: LayerSource, walk: _Walk) -> None:
    unread = [
        Sentence("number {} (line {})", number, line)
        for number, (line, root) in enumerate(walk.placemarks, start=1)
        if root != walk.roots
    ]
    if unread:
        raise LayerError(
            source.shown,
            Sentence(
                "{} of its {} placemark(s) lie where none is read: {}",
                f"{len(unread):,}",
                f"{len(walk.placemarks):,}",
                listed(unread),
            ),
            remedy=Sentence(
                "put all placemarks into a single <Document>, directly or in its <Folder>s"
            ),
        )
