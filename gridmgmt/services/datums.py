"""What ``--crs`` means in this deployment, its own table of names included."""

from pathlib import Path

from gridmgmt.errors import CRSError, FieldError, InputError
from gridmgmt.exchange.tables import read_table
from gridmgmt.geometry.crs import Datum, resolve

_COLUMNS = ("name", "definition")


def named_datum(text: str | None, table: Path | None) -> Datum | None:
    """Find the datum a person names; None when they name none.

    Parameters
    ----------
    table : CSV (name,definition) of the city's own coordinate systems, None for none

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
        raise InputError(field="crs", message=message) from error


def read_names(table: Path) -> dict[str, str]:
    """Read the deployment's own coordinate systems: name to definition."""
    rows = read_table(table)
    FieldError.check(table, _COLUMNS, rows.columns)
    pairs = zip(rows.values["name"], rows.values["definition"], strict=True)
    return {name: definition for name, definition in pairs if name and definition}
