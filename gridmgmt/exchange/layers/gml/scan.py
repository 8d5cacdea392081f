"""Walk through a GML file once, to find what GDAL would pass over or follow elsewhere."""

from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

from gridmgmt.exchange.layers.gml.written_positions import POSITION_ELEMENTS, WrittenPositions

_GML = "http://www.opengis.net/gml"
_LINK = "http://www.w3.org/1999/xlink href"
# The elements whose children are features.
_MEMBERS = ("featureMember", "featureMembers", "member", "cityObjectMember")
_GEOMETRIES = frozenset(
    {
        "CompositeCurve",
        "CompositeSolid",
        "CompositeSurface",
        "Curve",
        "LineString",
        "LinearRing",
        "MultiCurve",
        "MultiGeometry",
        "MultiLineString",
        "MultiPoint",
        "MultiPolygon",
        "MultiSolid",
        "MultiSurface",
        "OrientableCurve",
        "OrientableSurface",
        "Point",
        "Polygon",
        "PolyhedralSurface",
        "Ring",
        "Solid",
        "Surface",
        "Tin",
        "TriangulatedSurface",
    }
)
# A polygon has one outer boundary, and a boundary one ring.
_OUTER = ("exterior", "outerBoundaryIs")
_BOUNDARIES = (*_OUTER, "interior", "innerBoundaryIs")
_CHUNK = 1 << 20


class DeclarationError(Exception):
    """The file declares a document type, which can hold entities."""


@dataclass
class GmlFacts:
    """What a GML file holds.

    ``features`` counts features by the local name of their type, ``shaped`` are the types
    with geometry. ``crs_names`` are the distinct
    names of coordinate systems. ``geometries`` are the properties with geometry of the features
    that have several, ``linked`` the places of geometry that is a link, ``links`` the number of
    other links by property, ``broken`` the first element and text of a feature that are no
    position, ``surplus`` what stands in a feature although one of its kind stood before;
    features are counted from 1 within their type.
    """

    features: Counter[str] = field(default_factory=Counter)
    shaped: dict[str, None] = field(default_factory=dict)
    crs_names: dict[str, None] = field(default_factory=dict)
    geometries: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    linked: dict[tuple[str, int], str] = field(default_factory=dict)
    links: Counter[str] = field(default_factory=Counter)
    broken: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    surplus: dict[tuple[str, int], str] = field(default_factory=dict)


class _Walk:
    def __init__(self, parser: expat.XMLParserType) -> None:
        self.facts = GmlFacts()
        self._parser = parser
        self._positions: WrittenPositions | None = None
        self._path: list[tuple[str, str]] = []
        # Whether each open element has held its outer boundary, or its ring.
        self._held: list[bool] = []
        self._feature_depth = 0
        self._properties: list[str] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        parent = self._path[-1] if self._path else ("", "")
        self._path.append((namespace, local))
        self._held.append(False)
        if not self._feature_depth and parent[1] in _MEMBERS:
            self._feature_depth = len(self._path)
            self.facts.features[local] += 1
            self._properties = []
        is_geometry = namespace.startswith(_GML) and local in _GEOMETRIES
        if is_geometry and "srsName" in attributes:
            self.facts.crs_names.setdefault(attributes["srsName"].strip())
        if self._feature_depth and is_geometry and len(self._path) == self._feature_depth + 2:
            self._properties.append(parent[1])
        if self._feature_depth and (local in _OUTER or parent[1] in _BOUNDARIES):
            self._find_surplus(namespace, local)
        if _LINK in attributes and self._feature_depth:
            self._link(namespace, local)
        if local in POSITION_ELEMENTS and self._is_of_geometry(namespace):
            self._positions = WrittenPositions(local, parent[1], attributes)
            # Only here: a call for every other text would take as long as all the rest.
            self._parser.CharacterDataHandler = self._positions.take

    def _find_surplus(self, namespace: str, local: str) -> None:
        if not namespace.startswith(_GML):
            return
        if self._held[-2]:
            self.facts.surplus.setdefault(self._feature(), local)
        self._held[-2] = True

    def _is_of_geometry(self, namespace: str) -> bool:
        """Return whether a position is one of a feature; its bounding box is not read."""
        if not self._feature_depth:
            return False
        above = {local for _, local in self._path[self._feature_depth : -1]}
        return "boundedBy" not in above and (
            namespace.startswith(_GML) or not above.isdisjoint(_GEOMETRIES)
        )

    def _link(self, namespace: str, local: str) -> None:
        if namespace.startswith(_GML):
            self.facts.linked.setdefault(self._feature(), local)
        else:
            self.facts.links[local] += 1

    def end(self, _name: str) -> None:
        if self._positions is not None:
            self._parser.CharacterDataHandler = None
            wrong = self._positions.wrong()
            if wrong is not None:
                self.facts.broken.setdefault(self._feature(), (self._positions.element, wrong))
            self._positions = None
        if len(self._path) == self._feature_depth:
            if self._properties:
                self.facts.shaped.setdefault(self._feature()[0])
            if len(self._properties) > 1:
                self.facts.geometries[self._feature()] = tuple(self._properties)
            self._feature_depth = 0
        self._path.pop()
        self._held.pop()

    def _feature(self) -> tuple[str, int]:
        kind = self._path[self._feature_depth - 1][1]
        return kind, self.facts.features[kind]


def _refuse_declaration(*_: object) -> None:
    raise DeclarationError


def scan(content: bytes) -> GmlFacts:
    """Return what a GML file in UTF-8 holds.

    Raises
    ------
    DeclarationError
        at a document type declaration, before anything in it is read
    expat.ExpatError
        when it is not well-formed XML
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    walk = _Walk(parser)
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.StartElementHandler = walk.begin
    parser.EndElementHandler = walk.end
    for start in range(0, len(content), _CHUNK):
        parser.Parse(content[start : start + _CHUNK], False)
    parser.Parse(b"", True)
    return walk.facts
