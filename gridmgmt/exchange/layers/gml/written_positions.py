"""Find the text in a GML file that is no position, and that GDAL reads as another one."""

import re

from gridmgmt.domain.numbers import no_number

# The blanks of XML; str.split() also takes the ideographic space for one, and GDAL does not.
_BLANKS = " \t\r\n"
_TOKEN = re.compile(f"[^{_BLANKS}]+")
_LISTS = frozenset({"posList", "lowerCorner", "upperCorner"})
# Of the oldest GML: <coord><X>120.1</X><Y>30.2</Y></coord>.
_AXES = frozenset({"X", "Y", "Z"})
POSITION_ELEMENTS = frozenset({"pos", "coordinates", *_LISTS, *_AXES})
# A position has two numbers, or three with a height.
_NUMBERS = (2, 3)


class WrittenPositions:
    """The text of one element with positions.

    ``element`` is its local name and ``parent`` that of the element around it.
    """

    def __init__(self, element: str, parent: str, attributes: dict[str, str]) -> None:
        self.element = element
        self._parent = parent
        self._attributes = attributes
        self._texts: list[str] = []

    def take(self, text: str) -> None:
        """Take the next piece of its text."""
        self._texts.append(text)

    def wrong(self) -> str | None:
        """Return the first text that is no number or no position, None if all is well."""
        text = "".join(self._texts)
        if self.element in _LISTS:
            return no_number(_TOKEN.findall(text))
        if self.element in _AXES:
            return no_number([text.strip(_BLANKS)]) if self._parent == "coord" else None
        if self.element == "coordinates":
            # The separators can be stated.
            stated = self._attributes.get
            return wrong_tuple(
                text, stated("cs", ","), stated("ts", " "), stated("decimal", ".")
            )
        found = _TOKEN.findall(text)
        is_empty_point = not found and self._parent == "Point"
        if len(found) in _NUMBERS or is_empty_point:
            return no_number(found)
        return text.strip(_BLANKS)


def wrong_tuple(
    text: str, between: str = ",", after: str = " ", decimal: str = "."
) -> str | None:
    """Return the first of many tuples that is no position, None if all are.

    Parameters
    ----------
    between, after, decimal : what separates numbers and tuples, and the decimal point
    """
    for position in _split(text, after):
        found = _split(position, between)
        if len(found) not in _NUMBERS:
            return position
        if no_number(one.replace(decimal, ".") for one in found) is not None:
            return position
    return None


def _split(text: str, separator: str) -> list[str]:
    if separator.strip(_BLANKS):
        return [one.strip(_BLANKS) for one in text.strip(_BLANKS).split(separator)]
    return _TOKEN.findall(text)
