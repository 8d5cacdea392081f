"""Let GDAL read all fields of a KML file as text."""

import re
from contextlib import ExitStack

from gridmgmt.exchange.layers.private_copies import copy_with
from gridmgmt.exchange.layers.sources import LayerSource

# The declaration of a field: <SimpleField name="code" type="int"/>.
_FIELD = re.compile(r"<(?:[\w.-]+:)?SimpleField\b[^<>]*>")
_TYPE = re.compile(r"""(\stype\s*=\s*)(["'])(?!string\2)[^"']*\2""")


def with_text_fields(source: LayerSource, stack: ExitStack) -> LayerSource:
    """Return a source in which every field is declared as text.

    A field of the type int cannot hold 330103001001: GDAL makes it 2147483647, and 007 becomes
    7. The copy exists as long as the stack; a file with text fields only is not copied.
    """
    # Every byte is a character of latin-1, and is written back as it was.
    text = source.path.read_bytes().decode("latin-1")
    changed = _FIELD.sub(lambda found: _TYPE.sub(r"\1\2string\2", found[0]), text)
    if changed == text:
        return source
    suffix = source.path.suffix.lower()
    return copy_with(source, {suffix: changed.encode("latin-1")}, (), stack)
