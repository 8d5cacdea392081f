"""Read the text of a .tab: of what type the table is, its fields, its charset."""

import re
from collections.abc import Iterator

# Enough for 2,000 fields; longer ones are read all the same.
HEAD_BYTES = 1 << 20

_CHARSET = re.compile(
    rb'(^!charset[ \t]+|\bcharset[ \t]+")([\w.-]+)', re.IGNORECASE | re.MULTILINE
)
_TYPE = re.compile(rb'^[ \t]*type[ \t]+"?(\w+)', re.IGNORECASE | re.MULTILINE)
_ELSEWHERE = re.compile(
    rb'^[ \t]*(open[ \t]+table|create[ \t]+view)\b|"\\IsSeamless"[ \t]*=[ \t]*"TRUE"',
    re.IGNORECASE | re.MULTILINE,
)
_FIELDS = re.compile(rb"^[ \t]*fields[ \t]+(\d+)[ \t]*\r?\n", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(rb"^[ \t]*(\S+)[ \t]+(\w+)")
# The file with the rows, by the type of the table.
ROWS_IN = {"NATIVE": ".dat", "DBF": ".dbf"}


class Tab:
    """A .tab.

    ``type`` is the type of the table in capital letters, empty if it states none.
    ``lies_elsewhere`` tells that it is put together from other tables. ``charset`` is the name
    it states, empty if none.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        found = _TYPE.search(content)
        self.type = found[1].decode("latin-1").upper() if found else ""
        self.lies_elsewhere = bool(_ELSEWHERE.search(content)) or not self.type
        stated = _CHARSET.search(content)
        self.charset = stated[2].decode("latin-1") if stated else ""

    @property
    def has_rows_beside(self) -> bool:
        """Return whether the rows lie beside it, in files of the same name."""
        return self.type in ROWS_IN and not self.lies_elsewhere

    def fields(self) -> Iterator[tuple[bytes, bool]]:
        """Yield the name of each field, and whether it holds text."""
        begin = _FIELDS.search(self.content)
        if begin is None:
            return
        for line in self.content[begin.end() :].splitlines()[: int(begin[1])]:
            found = _FIELD.match(line)
            if found:
                yield found[1], found[2].lower() == b"char"

    def with_charset(self, charset: str) -> bytes:
        """Return the content with another charset."""
        name = charset.encode("ascii")
        if self.charset:
            return _CHARSET.sub(lambda found: found[1] + name, self.content)
        return self.content.replace(b"\n", b"\n!charset " + name + b"\n", 1)
