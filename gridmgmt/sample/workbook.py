"""Write spreadsheets and archives whose bytes depend on nothing but what is in them."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import openpyxl

_LONG_AGO = (2025, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb">\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<")


def write_workbook(
    path: Path,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    note: str,
) -> None:
    """Write rows of text under a header; ``note`` becomes the document's description.

    openpyxl stamps the hour of writing into the document and its archive; both are replaced.
    """
    book = openpyxl.Workbook(write_only=True)
    book.properties.description = note
    sheet = book.create_sheet(title)
    sheet.append(list(columns))
    for row in rows:
        sheet.append([value or None for value in row])
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    core = "docProps/core.xml"
    parts[core] = _STAMP.sub(b">2025-01-01T00:00:00Z<", parts[core])
    write_archive(path, parts)


def write_archive(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write a zip archive whose entries all carry the same hour of long ago."""
    with zipfile.ZipFile(path, "w") as target:
        for name, content in parts.items():
            target.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED, 4)
