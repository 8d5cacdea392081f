"""Open XLSX workbooks, also Strict Open XML: their sheets, shared texts and number formats."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import iterparse
from zipfile import ZipFile

from openpyxl.cell.text import Text
from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.workbook import WorkbookParser
from openpyxl.utils.escape import unescape
from openpyxl.xml.constants import ARC_CONTENT_TYPES, ARC_STYLE, SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.streams import LineReader, check_inflation
from gridmgmt.exchange.tables.xlsx_formats import NumberFormat
from gridmgmt.sentence import Sentence

WORKBOOK = "xl/workbook.xml"

_CHUNK = 1 << 18
_STRICT = b"http://purl.oclc.org/ooxml/"
# Strict Open XML differs from what every program writes by its namespaces and by dates as text.
_STRICT_NAME = re.compile(rb"((?:xmlns(?::[\w.-]+)?|Type)\s*=\s*[\"'])" + _STRICT + rb"(\w+)/")
_USUAL_NAME = rb"\1http://schemas.openxmlformats.org/\2/2006/"


@dataclass(frozen=True)
class Book:
    """An open workbook.

    ``parts`` has the file of every sheet with cells, by its name; ``formats`` the number format
    of every style; ``epoch`` is the day 0 of its dates.
    """

    archive: ZipFile
    parts: dict[str, str]
    texts: list[str]
    formats: list[NumberFormat]
    epoch: datetime


class _StrictZip(ZipFile):
    """A Strict Open XML workbook whose parts have the namespaces that are read."""

    def open(self, name: Any, mode: Any = "r", *others: Any, **options: Any) -> IO[bytes]:
        part = super().open(name, mode, *others, **options)
        return io.BufferedReader(LineReader(_usual(part)), _CHUNK)


def _usual(part: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := part.read(_CHUNK):
        rest += chunk
        # A tag that goes on in the next chunk is kept for it.
        cut = rest.rfind(b"<")
        if len(rest) - cut > _CHUNK:
            cut = len(rest)
        yield _STRICT_NAME.sub(_USUAL_NAME, rest[:cut])
        rest = rest[cut:]
    yield _STRICT_NAME.sub(_USUAL_NAME, rest)


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """Open a workbook for the block.

    Raises
    ------
    LayerError
        if it has a password or unpacks past the limits
    """
    _check_parts(path)
    with ZipFile(path) as archive:
        is_strict = _STRICT in archive.read(WORKBOOK)
    with (_StrictZip if is_strict else ZipFile)(path) as archive:
        parser = WorkbookParser(archive, WORKBOOK, keep_links=False)
        parser.parse()
        known = set(archive.namelist())
        # Sheets of charts, dialogs and macros have no cells.
        parts = {
            str(sheet.name): str(link.target)
            for sheet, link in parser.find_sheets()
            if link.Type.endswith("/worksheet") and link.target in known
        }
        epoch: datetime = parser.wb.epoch
        yield Book(archive, parts, _texts(archive), _formats(archive), epoch)


def _check_parts(path: Path) -> None:
    with ZipFile(path) as archive:
        total = 0
        for part in archive.infolist():
            if part.flag_bits & 1:
                raise LayerError(
                    path,
                    Sentence("is protected by a password"),
                    remedy=Sentence("save it without one"),
                )
            total += part.file_size
            check_inflation(path, total, path.stat().st_size)


def _texts(archive: ZipFile) -> list[str]:
    content: Any = fromstring(archive.read(ARC_CONTENT_TYPES))
    manifest: Any = Manifest.from_tree(content)
    part = manifest.find(SHARED_STRINGS)
    if part is None:
        return []
    texts = []
    with archive.open(part.PartName[1:]) as source:
        for _, node in iterparse(source):
            if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                texts.append(text_of(node))
                node.clear()
    return texts


def text_of(node: Any) -> str:
    """Return the text of a shared or inline string, without formatting and phonetic signs."""
    text: Any = Text.from_tree(node)
    return unescape(text.content)


def _formats(archive: ZipFile) -> list[NumberFormat]:
    if ARC_STYLE not in archive.namelist():
        return []
    root = fromstring(archive.read(ARC_STYLE))
    space = f"{{{SHEET_MAIN_NS}}}"
    codes = {
        int(one.get("numFmtId", "0")): one.get("formatCode", "")
        for one in root.findall(f"{space}numFmts/{space}numFmt")
    }
    numbers = [
        int(one.get("numFmtId", "0")) for one in root.findall(f"{space}cellXfs/{space}xf")
    ]
    made = {number: NumberFormat(codes.get(number, ""), number) for number in set(numbers)}
    return [made[number] for number in numbers]
