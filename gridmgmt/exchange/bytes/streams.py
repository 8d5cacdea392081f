"""Read untrusted files: decompressed within limits, in lines of limited length."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from gridmgmt.errors import LayerError
from gridmgmt.sentence import Sentence

MAX_INFLATED = 1 << 30
MAX_RATIO = 200
MAX_LINE = 1 << 20

# Below this size the ratio means nothing: any short repetitive file compresses well.
_RATIO_FROM = 16 << 20
_CHUNK = 1 << 18


def chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file in chunks, gzip decompressed within the limits.

    Raises LayerError for a gzip file that is cut or damaged, that decompresses to more than 1
    GiB, or to more than 200 times its size.
    """
    with path.open("rb") as raw:
        if raw.peek(2)[:2] != b"\x1f\x8b":
            yield from iter(lambda: raw.read(_CHUNK), b"")
            return
        packed = path.stat().st_size
        total = 0
        with gzip.GzipFile(fileobj=raw) as inflated:
            while True:
                try:
                    chunk = inflated.read(_CHUNK)
                except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                    raise LayerError(
                        path,
                        Sentence("the gzip file is cut or damaged ({})", error),
                        remedy=Sentence("send it again"),
                    ) from error
                if not chunk:
                    return
                total += len(chunk)
                check_inflation(path, total, packed)
                yield chunk


def check_inflation(path: Path, total: int, packed: int) -> None:
    """Raise LayerError if content decompresses past the limits; both sizes in bytes."""
    if total > MAX_INFLATED:
        raise LayerError(
            path,
            Sentence("inflates to more than {} MiB, the limit", f"{MAX_INFLATED >> 20:,}"),
            remedy=Sentence("split the file, or send it uncompressed"),
        )
    if total > _RATIO_FROM and total > MAX_RATIO * max(packed, 1):
        raise LayerError(
            path,
            Sentence("inflates more than {}-fold, which data does not: a bomb?", MAX_RATIO),
            remedy=Sentence("send it uncompressed if it is genuine"),
        )


def head(path: Path, size: int = 4096) -> bytes:
    """Read the first bytes of a file, as stored."""
    with path.open("rb") as raw:
        return raw.read(size)


class LineReader(io.RawIOBase):
    """Chunks of bytes as one raw stream, for ``io.BufferedReader``."""

    def __init__(self, content: Iterator[bytes]) -> None:
        self._content = content
        self._rest = memoryview(b"")

    def readable(self) -> bool:  # noqa: D102 - of io.RawIOBase
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # noqa: D102
        while not self._rest:
            chunk = next(self._content, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def lines(content: Iterator[bytes]) -> Iterator[bytes | None]:
    """Split chunks into lines with their line ends; None for a line longer than 1 MiB.

    A line that is too long is skipped without keeping it in memory. If carriage returns are the
    only line ends of a file (old Macintosh), they are read as line feeds.
    """
    first = next(content, b"")
    # A carriage return at the end of a chunk may be the first half of a CR LF pair.
    old_mac = b"\r" in first[:-1] and b"\n" not in first
    whole = _chained(first, content)
    source = (chunk.replace(b"\r", b"\n") for chunk in whole) if old_mac else whole
    reader = io.BufferedReader(LineReader(source), _CHUNK)
    while line := reader.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = reader.readline(MAX_LINE)
        yield None


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def as_utf8(path: Path, content: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Convert chunks to UTF-8, from encodings that cannot be split at line feed bytes."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in content:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise LayerError(
            path, Sentence("is not {} throughout ({})", encoding, error)
        ) from error
