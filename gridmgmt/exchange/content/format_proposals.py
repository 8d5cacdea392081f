"""Propose the format of the dates in an uploaded file."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from gridmgmt.domain.format_proposal import FormatProposal
from gridmgmt.exchange.content.file_previews import FilePreview
from gridmgmt.exchange.content.import_files import FileOptions, open_layer
from gridmgmt.exchange.reading.files import read_table_chunks

_ROWS_AT_ONCE = 10_000
# A page has to answer within seconds; of a longer table nothing is proposed.
MOST_ROWS = 300_000

# Texts by column: of a chunk of rows, or of a layer.
_Cells = Mapping[str, Sequence[str | None]]


def format_of_table(
    preview: FilePreview, dated: Sequence[str], path: Path, options: FileOptions
) -> str | None:
    """Return the one known format that every date of a table fits, or None.

    The whole file is read, but only as long as some format still fits: most files stop at their
    first rows. Of a table of more than ``MOST_ROWS`` rows nothing is proposed.

    Parameters
    ----------
    dated : the columns of dates; empty: those whose first rows look like dates

    Raises
    ------
    LayerError
        when the file cannot be read to its end
    """
    columns = _doubtful(preview, dated)
    if not columns:
        return None
    chunks = read_table_chunks(
        path, _ROWS_AT_ONCE, encoding=options.encoding, sheet=options.layer
    )
    with closing(chunks):
        return _only_format(columns, (chunk.values for chunk in chunks))


def format_of_layer(
    preview: FilePreview, dated: Sequence[str], path: Path, options: FileOptions
) -> str | None:
    """Return the one known format that every date of a layer fits, or None; as for a table."""
    columns = _doubtful(preview, dated)
    if not columns:
        return None
    return _only_format(columns, [open_layer(path, options).cells])


def _doubtful(preview: FilePreview, dated: Sequence[str]) -> list[str]:
    """Return the columns whose first rows are dates that nobody reads without a format."""
    first = dict(zip(preview.columns, zip(*preview.rows, strict=True), strict=False))
    looked_at = {name: FormatProposal() for name in dated or first}
    for name, proposal in looked_at.items():
        proposal.add(first.get(name, ()))
    # Of named columns none may stand against a format; of the others those that have none are
    # no dates.
    if dated and not all(proposal.is_open for proposal in looked_at.values()):
        return []
    return [name for name, proposal in looked_at.items() if proposal.is_doubtful or dated]


def _only_format(columns: Sequence[str], chunks: Iterable[_Cells]) -> str | None:
    proposal, rows = FormatProposal(), 0
    for cells in chunks:
        for name in columns:
            proposal.add(cells.get(name, ()))
        rows += len(cells[columns[0]])
        if not proposal.is_open or rows > MOST_ROWS:
            return None
    return proposal.found()
