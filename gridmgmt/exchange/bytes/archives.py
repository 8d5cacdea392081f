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

MAX_ENTRIES = 1_000
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
    name, more than 1,000 entries, more than 2 GiB unpacked or 200 times its packed size.
    """
    with tempfile.TemporaryDirectory(prefix="gridmgmt-zip-") as name:
        folder = Path(name)
        try:
            with ZipFile(path) as archive:
                _extract(path, archive, _entries(path, archive), folder)
        except DAMAGED as error:
            message = f"is a damaged zip file ({error})"
            raise LayerError(path, message, remedy="send it again") from error
        yield folder


def _entries(path: Path, archive: ZipFile) -> list[tuple[ZipInfo, PurePosixPath]]:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        message = f"holds {len(infos):,} entries; the limit is {MAX_ENTRIES:,}"
        raise LayerError(path, message, remedy="put only the layer into the zip")
    problems: list[str] = []
    entries: dict[PurePosixPath, ZipInfo] = {}
    for info in infos:
        name = entry_name(info)
        relative = PurePosixPath(name.replace("\\", "/"))
        fault = _fault(info, name, relative)
        if fault:
            problems.append(f"{name!r} {fault}")
        elif info.is_dir() or relative.name.startswith("._") or _is_litter(relative):
            continue
        elif relative in entries:
            problems.append(f"{name!r} is there twice")
        else:
            entries[relative] = info
    problems += _too_large(path, infos)
    if problems:
        message = "the zip is refused, nothing was unpacked"
        remedy = "make a plain zip of the layer's own files"
        raise LayerError(path, message, problems=problems, remedy=remedy)
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
        return "would be written outside the folder"
    if "\0" in info.orig_filename or (len(name) > 1 and name[1] == ":"):
        return "is no name for a file"
    if len(relative.name.encode()) > 200 or len(relative.parts) > 16:
        return "has too long a name"
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and stat.S_IFMT(mode):
        return "is a link or a device"
    if info.flag_bits & _ENCRYPTED:
        return "is protected by a password"
    if relative.suffix.lower() in _ARCHIVES:
        return "is an archive inside the archive"
    return ""


def _is_litter(relative: PurePosixPath) -> bool:
    return any(part in _LITTER for part in relative.parts)


def _too_large(path: Path, infos: list[ZipInfo]) -> list[str]:
    total = sum(info.file_size for info in infos)
    packed = path.stat().st_size
    if total > MAX_UNPACKED:
        return [f"unpacks to {total >> 20:,} MiB; the limit is {MAX_UNPACKED >> 20:,} MiB"]
    if total > _RATIO_FROM and total > MAX_RATIO * packed:
        return [f"unpacks to {total // packed:,} times its size: a bomb?"]
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
            while piece := source.read(_CHUNK):
                left -= len(piece)
                if left < 0:
                    message = f"unpacks to more than it declares, in {str(relative)!r}"
                    raise LayerError(path, message, remedy="send a plain zip")
                sink.write(piece)
