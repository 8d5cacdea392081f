"""Unpack zip files from strangers within limits, into a temporary folder.

GDAL can read inside a zip by itself, but has none of these limits.
"""

import lzma
import stat
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.streams import MAX_RATIO
from gridmgmt.sentence import Sentence

# A File Geodatabase has some five files for each of its tables.
MAX_ENTRIES = 5_000
MAX_UNPACKED = 2 << 30

_RATIO_FROM = 16 << 20
_CHUNK = 1 << 18
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
# The errors the zip module raises when the bytes of a zip make no sense.
DAMAGED = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    UnicodeDecodeError,
    lzma.LZMAError,
    zlib.error,
)

_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".kmz")

# Files that macOS and Windows add to every zip.
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Unpack a zip into a temporary folder that exists during the block.

    Names are read as UTF-8 if the zip says so or if they are valid UTF-8, and otherwise as
    GB18030, which Windows in China writes. Raises LayerError with every fault of the archive:
    an entry outside the folder, a link, a password, an archive inside, two entries with one
    name, more than 5,000 entries, more than 2 GiB unpacked or 200 times its packed size.
    """
    with tempfile.TemporaryDirectory(prefix="gridmgmt-zip-") as name:
        folder = Path(name)
        try:
            with ZipFile(path) as archive:
                _extract(path, archive, _entries(path, archive), folder)
        except DAMAGED as error:
            raise LayerError(
                path,
                Sentence("is a damaged zip file ({})", error),
                remedy=Sentence("send it again"),
            ) from error
        yield folder


def _entries(path: Path, archive: ZipFile) -> list[tuple[ZipInfo, PurePosixPath]]:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise LayerError(
            path,
            Sentence(
                "holds {} entries; the limit is {}", f"{len(infos):,}", f"{MAX_ENTRIES:,}"
            ),
            remedy=Sentence("put only the layer into the zip"),
        )
    problems: list[str] = []
    entries: dict[PurePosixPath, ZipInfo] = {}
    for info in infos:
        name = entry_name(info)
        relative = PurePosixPath(name.replace("\\", "/"))
        fault = _fault(info, name, relative)
        if fault:
            problems.append(fault)
        elif info.is_dir() or relative.name.startswith("._") or _is_litter(relative):
            continue
        elif relative in entries:
            problems.append(Sentence("{} is there twice", repr(name)))
        else:
            entries[relative] = info
    problems += _too_large(path, infos)
    if problems:
        raise LayerError(
            path,
            Sentence("the zip is refused, nothing was unpacked"),
            problems=problems,
            remedy=Sentence("make a plain zip of the layer's own files"),
        )
    return [(info, relative) for relative, info in entries.items()]


def entry_name(info: ZipInfo) -> str:
    """Return the intended name of an entry, whatever encoding it was written in."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    # The zip module decoded the bytes as cp437. That maps every byte, so it can be undone.
    raw = info.orig_filename.split("\0", 1)[0].encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _fault(info: ZipInfo, name: str, relative: PurePosixPath) -> str:
    mode = info.external_attr >> 16
    if relative.is_absolute() or ".." in relative.parts or relative.parts[:1] == ("~",):
        return Sentence("{} would be written outside the folder", repr(name))
    if "\0" in info.orig_filename or (len(name) > 1 and name[1] == ":"):
        return Sentence("{} is no name for a file", repr(name))
    if len(relative.name.encode()) > 200 or len(relative.parts) > 16:
        return Sentence("{} has too long a name", repr(name))
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and stat.S_IFMT(mode):
        return Sentence("{} is a link or a device", repr(name))
    if info.flag_bits & _ENCRYPTED:
        return Sentence("{} is protected by a password", repr(name))
    if relative.suffix.lower() in _ARCHIVES:
        return Sentence("{} is an archive inside the archive", repr(name))
    return ""


def _is_litter(relative: PurePosixPath) -> bool:
    return any(part in _LITTER for part in relative.parts)


def _too_large(path: Path, infos: list[ZipInfo]) -> list[str]:
    total = sum(info.file_size for info in infos)
    packed = path.stat().st_size
    if total > MAX_UNPACKED:
        return [
            Sentence(
                "unpacks to {} MiB; the limit is {} MiB",
                f"{total >> 20:,}",
                f"{MAX_UNPACKED >> 20:,}",
            )
        ]
    if total > _RATIO_FROM and total > MAX_RATIO * packed:
        return [Sentence("unpacks to {} times its size: a bomb?", f"{total // packed:,}")]
    return []


def _extract(
    path: Path, archive: ZipFile, entries: list[tuple[ZipInfo, PurePosixPath]], folder: Path
) -> None:
    left = min(MAX_UNPACKED, max(_RATIO_FROM, MAX_RATIO * path.stat().st_size))
    for info, relative in entries:
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(info) as source, target.open("xb") as sink:
            # The sizes declared in a zip may be false, so the bytes written are counted.
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise LayerError(
                        path,
                        Sentence(
                            "unpacks to more than it declares, in {}", repr(str(relative))
                        ),
                        remedy=Sentence("send a plain zip"),
                    )
                sink.write(chunk)
