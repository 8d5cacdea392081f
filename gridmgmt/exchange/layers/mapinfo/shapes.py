"""Find the lines of a .mif that are no position, or not as many as it announces.

GDAL reads text as 0 and 120,11 as 120, and takes a vertex too many for the next statement.
"""

import re
from collections.abc import Iterator

from gridmgmt.domain.numbers import no_number

# The shapes whose vertices follow line by line, and the number behind them, if any.
_SHAPE = re.compile(r"(region|pline|multipoint)\b\s*(multiple\b)?\s*(\S*)", re.IGNORECASE)
# The shapes whose numbers stand behind their name.
_FLAT = re.compile(r"(point|line|rect|roundrect|ellipse|arc|center)\s+(.*)", re.IGNORECASE)
# Those with one more line: the angles, the radius, the corners of a text.
_MORE = ("arc", "roundrect", "text")
_NUMBERED = re.compile(r"[0-9.+-]")
_PAIR = 2


def broken_lines(text: str, first: int) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line that does not stand for what it should.

    The text is empty for the last line of a file that ends within a shape.

    Parameters
    ----------
    text : the objects of a .mif, behind the line DATA
    first : the number of its first line
    """
    lines = ((n, line.strip()) for n, line in enumerate(text.split("\n"), first))
    rest = (numbered for numbered in lines if numbered[1])
    # What is still to come: vertices, parts that begin with their number.
    vertices = parts = 0
    may_follow = False
    number = first
    for number, line in rest:
        words = line.split()
        name = words[0].lower()
        # MapInfo writes the string of a text in a line between.
        is_between = may_follow and line.startswith('"')
        was_to_come, may_follow = may_follow, is_between or name in _MORE
        if vertices:
            vertices -= 1
            is_right = len(words) == _PAIR and no_number(words) is None
        elif parts:
            parts -= 1
            is_right = line.isdecimal()
            vertices = int(line) if is_right else 0
        elif shape := _SHAPE.fullmatch(line):
            in_parts = name == "region" or shape[2] or not shape[3]
            is_right = shape[3].isdecimal() or (name == "pline" and not shape[3])
            count = int(shape[3]) if shape[3].isdecimal() else 1
            vertices, parts = (0, count) if in_parts else (count, 0)
        elif _NUMBERED.match(line):
            is_right = was_to_come and no_number(words) is None
        else:
            flat = _FLAT.fullmatch(line)
            is_right = flat is None or no_number(flat[2].split()) is None
        if not is_right:
            yield number, line
    if vertices or parts:
        yield number, ""
