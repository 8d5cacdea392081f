"""The meaning of ``--crs`` in this deployment, including its own table of names."""

import re
from pathlib import Path

from gridmgmt.errors import CRSError, FieldError, InputError
from gridmgmt.exchange.reading.files import read_table
from gridmgmt.geometry.crs.crs import Datum, resolve

# Without dot, slash or plus sign: neither the path of a file nor a PROJ string.
_NAME = re.compile(r"(EPSG:)?[0-9]{1,6}|[A-Za-z0-9-]{1,20}", re.IGNORECASE)
_COLUMNS = ("name", "definition")


def named_datum(text: str | None, table: Path | None, *, field: str = "crs") -> Datum | None:
    """Return the datum that a person stated, or None if they stated none.

    Parameters
    ----------
    table : CSV (name,definition) of the city's own coordinate systems, or None
    field : what the person calls it, for errors

    Raises
    ------
    InputError
        when the name is not known, listing what is accepted
    LayerError
        when the table cannot be read
    """
    if text is None:
        return None
    names = {} if table is None else read_names(table)
    try:
        return resolve(text, names)
    except CRSError as error:
        said = f"{text.strip()!r}"
        if error.path != text.strip():
            said = f"{said} stands for {error.path!r} in {table}, which"
        message = f"{said} {error.message}; {error.remedy}"
        raise InputError(field=field, message=message) from error


def remote_datum(text: str | None, table: Path | None) -> Datum | None:
    """Return the datum that a remote person stated: only a name, no file is opened.

    Raises
    ------
    InputError
        when it is neither EPSG:n, gcj02, bd09 nor in the deployment's own table
    """
    names = {} if text is None or table is None else read_names(table)
    # Names of the deployment's table are trusted: its administrator wrote them.
    own = text is not None and text.strip().casefold() in {one.casefold() for one in names}
    if text is None or own or _NAME.fullmatch(text.strip()):
        return named_datum(text, table)
    own_names = f" or one of: {', '.join(names)}" if names else ""
    message = f"{text!r} is not known here; write EPSG:n, gcj02, bd09{own_names}"
    raise InputError(field="crs", message=message)


def read_names(table: Path) -> dict[str, str]:
    """Read the deployment's own coordinate systems: name -> definition."""
    rows = read_table(table)
    FieldError.check(table, _COLUMNS, rows.columns)
    pairs = zip(rows.values["name"], rows.values["definition"], strict=True)
    return {name: definition for name, definition in pairs if name and definition}
