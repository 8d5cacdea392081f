"""Store tables on disk, so that they can be read again without parsing them again."""

import hashlib
import marshal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType

from gridmgmt.domain.stored_time import as_stored_times, stored_times
from gridmgmt.exchange.tables.rejects import Rejected
from gridmgmt.exchange.tables.tables import Table

# The oldest marshal version that knows text: equal values give equal bytes, whoever else refers
# to them.
_FORM = 2
_SIZE_BYTES = 8


class Spool:
    """The chunks of one table in a file without a name, which vanishes on closing.

    The chunks that are read back are those that were stored, even if the original file has
    changed. The file takes about as much room in the temporary folder as the text of the table.
    """

    def __init__(self) -> None:
        # Closed by __exit__.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._digest = hashlib.sha256()
        self._frame: Table | None = None

    def __enter__(self) -> "Spool":
        """Return the spool, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the spool."""
        self._file.close()

    @property
    def sha256(self) -> str:
        """Return the digest of all stored rows, their numbers and the column names."""
        return self._digest.hexdigest()

    def add(self, chunk: Table) -> None:
        """Store the next chunk."""
        if self._frame is None:
            self._frame = replace(chunk, values={}, row=[], rejected=[], notes=(), blank=0)
            self._digest.update(marshal.dumps(chunk.columns, _FORM))
        # marshal takes no other string than a plain one, whatever a reason remembers of itself.
        rejected = [
            (one.row, str.__str__(one.reason), list(one.values.items()))
            for one in chunk.rejected
        ]
        columns = [chunk.values[name] for name in chunk.columns]
        times = [stored_times(texts) for texts in columns]
        columns = [
            list(map(_plain, texts)) if places else texts
            for texts, places in zip(columns, times, strict=True)
        ]
        # marshal is as fast as reading a file, and only this process ever reads the file.
        data = marshal.dumps((chunk.row, columns, times, rejected), _FORM)
        self._digest.update(data)
        self._file.write(len(data).to_bytes(_SIZE_BYTES, "little"))
        self._file.write(data)

    def chunks(self) -> Iterator[Table]:
        """Read the chunks again, in order and without their notes."""
        self._file.seek(0)
        while size := self._file.read(_SIZE_BYTES):
            data = self._file.read(int.from_bytes(size, "little"))
            # Safe: this object wrote the file, which has no name, so nobody else can open it.
            row, columns, times, rejected = marshal.loads(data)  # noqa: S302
            for texts, places in zip(columns, times, strict=True):
                as_stored_times(texts, places)
            assert self._frame is not None
            yield replace(
                self._frame,
                values=dict(zip(self._frame.columns, columns, strict=True)),
                row=row,
                rejected=[Rejected(n, reason, dict(values)) for n, reason, values in rejected],
            )


def _plain(text: str | None) -> str | None:
    return None if text is None else str(text)
