"""Find coordinates of GeoJSON that are no positions: GDAL leaves out the part they are in."""

from typing import Any

from gridmgmt.exchange.layers.geojson.first_look import GEOMETRY_TYPES
from gridmgmt.exchange.layers.geojson.plain_json import is_no_number
from gridmgmt.sentence import Sentence

# GDAL reads polygon like Polygon.
_KINDS = frozenset(kind.lower() for kind in GEOMETRY_TYPES)
_COORDINATES = ".coordinates"
_MOST_SHOWN = 40


class Coordinates:
    """The geometry of one feature, by the events of the parser; ``fault`` is the first found.

    A position is a list of two numbers or more, and all positions of a shape are equally deep.
    """

    def __init__(self) -> None:
        self.fault: Sentence | None = None
        self._numbers = 0
        self._place: str | None = None

    def take(self, place: str, event: str, value: Any) -> None:
        """Take the next event; this is called for every number of a file."""
        if event == "number":
            self._numbers += 1
            if place != self._place:
                self._take_place(place)
        elif event == "start_array":
            self._numbers = 0
        elif event == "end_array":
            if self._numbers == 1:
                self._found(Sentence("a position has one number alone"))
            self._numbers = 0
        elif event == "map_key":
            self._place = None
        elif event != "end_map" and self.fault is None:
            self._take_other(place, event, value)

    def _take_place(self, place: str) -> None:
        if self._place is not None:
            self._found(Sentence("its positions are not equally deep in lists"))
        self._place = place

    def _take_other(self, place: str, event: str, value: Any) -> None:
        if _COORDINATES in place:
            # A point, or a whole shape, without coordinates is empty.
            if not (event == "null" and place.endswith(_COORDINATES)):
                self._found(Sentence("{} is no number of a position", _shown(event, value)))
        elif event == "string" and place.endswith(".type") and value.lower() not in _KINDS:
            self._found(Sentence("{} is no kind of geometry", _shown(event, value)))

    def _found(self, fault: Sentence) -> None:
        self.fault = self.fault or fault


def _shown(event: str, value: Any) -> str:
    if is_no_number(value):
        return str(value[1:])
    return {"start_map": "{…}", "null": "null", "boolean": str(value).lower()}.get(
        event, repr(str(value)[:_MOST_SHOWN])
    )
