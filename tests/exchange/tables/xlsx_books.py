"""Workbooks as other programs write them, made from what openpyxl writes."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl

SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"


def workbook(
    path: Path,
    rows: Sequence[Sequence[object]],
    *,
    merge: Sequence[str] = (),
    formats: Sequence[str] = (),
) -> Path:
    """Write one sheet; ``formats`` are the number formats of its columns below the header."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for column, code in enumerate(formats, start=1):
        for number in range(2, len(rows) + 1):
            sheet.cell(number, column).number_format = code
    for place in merge:
        sheet.merge_cells(place)
    book.save(path)
    return path


def rewritten(path: Path, change: Callable[[str, str], str]) -> Path:
    """Write a workbook again; ``change(name, text)`` returns the new text of a part."""
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name).decode()))
    path.write_bytes(packed.getvalue())
    return path


def with_merges(path: Path, places: Sequence[str]) -> Path:
    """Write merged cells that openpyxl would not, as a program might have."""
    listed = "".join(f'<mergeCell ref="{place}"/>' for place in places)
    return rewritten(
        path,
        lambda name, text: (
            text.replace("</sheetData>", f"</sheetData><mergeCells>{listed}</mergeCells>")
            if name == SHEET
            else text
        ),
    )


def strict(path: Path) -> Path:
    """Make a workbook a Strict Open XML one."""
    return rewritten(
        path,
        lambda _, text: re.sub(
            r"http://schemas\.openxmlformats\.org/(spreadsheetml|officeDocument)/2006/",
            r"http://purl.oclc.org/ooxml/\1/",
            text,
        ),
    )
