"""Name files that are not tables by what they hold, with the way to make a table of them."""

from pathlib import Path
from zipfile import ZipFile

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.archives import DAMAGED
from gridmgmt.sentence import Sentence

_SAVE_AS = Sentence("save it as .xlsx or CSV UTF-8")

# The first bytes of files that are not tables, and what to do about them.
_STRANGERS = (
    (
        b"SQLite format 3\0",
        Sentence("is a GeoPackage or SQLite file"),
        Sentence("export the table as CSV"),
    ),
    (b"%PDF", Sentence("is a PDF document"), Sentence("export the table as CSV or XLSX")),
    (
        b"<",
        Sentence("is XML or HTML, whatever its name says"),
        Sentence("save it as CSV or XLSX"),
    ),
    (b"{", Sentence("is JSON"), Sentence("export the table as CSV or XLSX")),
)
_OLE = b"\xd0\xcf\x11\xe0"
# The names of streams in an OLE file, in this order: a protected workbook has no other.
_OLE_KINDS = (
    (
        "EncryptedPackage",
        Sentence("is protected by a password"),
        Sentence("save it without one"),
    ),
    ("WordDocument", Sentence("is a text document"), Sentence("save its table as .xlsx")),
)
_OLD_EXCEL = Sentence("is an old Excel file (.xls)")
# Members of a zip that only one program writes.
_ZIP_KINDS = (
    ("xl/workbook.bin", Sentence("is a binary Excel workbook (.xlsb)")),
    ("content.xml", Sentence("is an OpenDocument file (.ods)")),
    ("Index/Document.iwa", Sentence("is a Numbers document")),
    ("Index.zip", Sentence("is a Numbers document")),
    ("word/document.xml", Sentence("is a Word document")),
)


def check_kind(path: Path, start: bytes) -> None:
    """Raise LayerError naming the kind and the remedy, if a file is another kind than text.

    ``start`` are its first bytes.
    """
    if start.startswith(_OLE):
        entries = _ole_entries(path)
        for name, what, remedy in _OLE_KINDS:
            if name.encode("utf-16-le") in entries:
                raise LayerError(path, what, remedy=remedy)
        raise LayerError(path, _OLD_EXCEL, remedy=_SAVE_AS)
    for magic, what, remedy in _STRANGERS:
        if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(magic):
            raise LayerError(path, what, remedy=remedy)


def _ole_entries(path: Path) -> bytes:
    """Return the first entries of the directory of an OLE file."""
    with path.open("rb") as file:
        header = file.read(512)
        size = 1 << min(int.from_bytes(header[30:32], "little"), 12)
        file.seek((int.from_bytes(header[48:52], "little") + 1) * size)
        return file.read(8 * size)


def check_workbook(path: Path) -> None:
    """Raise LayerError naming the kind and the remedy, if a zip is no XLSX workbook."""
    try:
        with ZipFile(path) as archive:
            names = frozenset(archive.namelist())
    except DAMAGED as error:
        raise LayerError(path, Sentence("is a damaged zip or XLSX file ({})", error)) from error
    if "xl/workbook.xml" in names:
        return
    for member, what in _ZIP_KINDS:
        if member in names:
            raise LayerError(path, what, remedy=_SAVE_AS)
    raise LayerError(
        path,
        Sentence("is a zip, not an XLSX file"),
        remedy=Sentence("unpack it and give the table inside"),
    )
