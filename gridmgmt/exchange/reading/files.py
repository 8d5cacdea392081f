"""Read layers and tables of untrusted files in a separate process, within limits."""

import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from gridmgmt.domain.stored_time import StoredTime
from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.draft_files.marks import DraftMark
from gridmgmt.exchange.layers.vectors import Layer
from gridmgmt.exchange.reading import values
from gridmgmt.exchange.reading.limits import current_limits
from gridmgmt.exchange.reading.reader import ask
from gridmgmt.exchange.tables.tables import Table, blank_rows
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.sentence import Sentence

_POINTER = 8


def read_layer(
    path: Path | str,
    *,
    layer: str | None = None,
    where: str | None = None,
    datum: Datum | None = None,
    encoding: str | None = None,
    first: int | None = None,
    mend: bool = False,
    code: str | None = None,
) -> Layer:
    """Read a layer like ``vectors.read_layer``, in a separate process.

    Raises
    ------
    CRSError, LayerError
        as it does, and when reading the file takes more than the limits allow
    """
    request = _request(
        "layer",
        path,
        layer=layer,
        where=where,
        datum=datum and values.datum_value(datum),
        encoding=encoding,
        first=first,
        mend=mend,
        code=code,
    )
    whole, features = ask(request, path)
    return values.as_layer(Path(path), datum, whole, features)


def list_layers(path: Path | str, *, encoding: str | None = None) -> list[str]:
    """List the layers of a file like ``vectors.list_layers``, in a separate process."""
    [names] = ask(_request("layers", path, encoding=encoding), path)
    return list(names)


def read_draft_mark(path: Path | str) -> DraftMark | None:
    """Return of which draft a file is, like ``marks.mark_of``, in a separate process."""
    [found] = ask(_request("draft_mark", path), path)
    return None if found is None else DraftMark(**found)


def read_table(
    path: Path | str, *, encoding: str | None = None, sheet: str | None = None
) -> Table:
    """Read a table like ``tables.read_table``, in a separate process.

    Raises
    ------
    LayerError
        as it does, and when reading takes more than the limits allow, or the rows need more
        memory here than the limit
    """
    limits = current_limits()
    with closing(_chunks(path, None, encoding, sheet)) as chunks:
        whole = next(chunks)
        held = _share_equal_texts(whole)
        for chunk in chunks:
            held += _share_equal_texts(chunk)
            if held > limits.memory:
                raise LayerError(
                    path,
                    Sentence(
                        "holds more than {} MB of values, the limit", f"{limits.memory_mb:,}"
                    ),
                    remedy=Sentence("split the file"),
                )
            whole = _joined(whole, chunk)
    return replace(whole, notes=(*whole.notes, *blank_rows(whole.blank)))


def _joined(whole: Table, chunk: Table) -> Table:
    for name, texts in chunk.values.items():
        whole.values[name].extend(texts)
    whole.row.extend(chunk.row)
    whole.rejected.extend(chunk.rejected)
    return replace(whole, blank=whole.blank + chunk.blank, notes=(*whole.notes, *chunk.notes))


def _share_equal_texts(table: Table) -> int:
    """Store equal texts of a column only once; return about how many bytes they take."""
    taken = 0
    for texts in table.values.values():
        kept: dict[str | None, str | None] = {}
        # A stored time equals the text it has, and is another value.
        times: dict[str | None, str | None] = {}
        texts[:] = [
            (times if type(text) is StoredTime else kept).setdefault(text, text)
            for text in texts
        ]
        taken += _POINTER * len(texts) + sum(map(sys.getsizeof, (*kept, *times)))
    return taken + _POINTER * len(table.row)


def read_table_chunks(
    path: Path | str, at_once: int, *, encoding: str | None = None, sheet: str | None = None
) -> Generator[Table, None, None]:
    """Read a table in chunks like ``tables.read_table_chunks``, in a separate process.

    Closing the generator ends the process.
    """
    yield from _chunks(path, at_once, encoding, sheet)


def read_head(
    path: Path | str, rows: int, *, encoding: str | None = None, sheet: str | None = None
) -> Table:
    """Read the beginning of a table like ``heads.read_head``, in a separate process."""
    request = _request("head", path, rows=rows, encoding=encoding, sheet=sheet)
    [table] = ask(request, path)
    return values.as_table(Path(path), table)


def _chunks(
    path: Path | str, at_once: int | None, encoding: str | None, sheet: str | None
) -> Generator[Table, None, None]:
    request = _request("table", path, at_once=at_once, encoding=encoding, sheet=sheet)
    for value in ask(request, path):
        yield values.as_table(Path(path), value)


def _request(what: str, path: Path | str, **options: Any) -> dict[str, Any]:
    return {"what": what, "path": str(path), **options}
