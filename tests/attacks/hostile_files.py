"""Files that are small and would take for ever, or more memory than there is."""

import json
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pyogrio

from tests.attacks.songs import frame

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override'
        ' PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/'
        'sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="a"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" '
        f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    ),
}


def workbook(path: Path, rows: Iterable[str], strings: Iterable[str] = ()) -> Path:
    """Write a workbook of one sheet whose rows, and shared strings, are XML as given."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            part.writelines(row.encode() for row in rows)
            part.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f'<sst xmlns="{_MAIN}">'.encode())
            part.writelines(text.encode() for text in strings)
            part.write(b"</sst>")
    return path


def cell(place: str, text: str) -> str:
    """Write a cell that holds a text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


_HEADER = f'<row r="1">{cell("A1", "no")}{cell("B1", "name")}</row>'


def far_row(path: Path, row: str) -> Path:
    """A workbook with one row far below the others, as the XML of that row."""
    return workbook(path, [_HEADER, f'<row r="2">{cell("A2", "1")}</row>', row])


def far_column(path: Path, column: str, rows: int) -> Path:
    """A workbook of many rows, each with one cell far to the right."""

    def lines() -> Iterator[str]:
        yield f'<row r="1">{cell("A1", "no")}{cell(f"{column}1", "last")}</row>'
        for n in range(2, rows + 2):
            yield f'<row r="{n}">{cell(f"{column}{n}", "x")}</row>'

    return workbook(path, lines())


def many_strings(path: Path, megabytes: int) -> Path:
    """A workbook whose shared strings inflate to so much; one cell uses one of them."""
    text = f"<si><t>{'x' * 1_000}</t></si>" * 1_000
    rows = [_HEADER, '<row r="2"><c r="A2" t="s"><v>0</v></c></row>']
    return workbook(path, rows, (text for _ in range(megabytes)))


def constant_rows(path: Path, rows: int) -> Path:
    """A Parquet file of equal rows, which takes a few bytes a million."""
    columns = {name: pyarrow.array(np.full(rows, 7)) for name in ("no", "a", "b", "c")}
    columns["text"] = pyarrow.DictionaryArray.from_arrays(
        np.zeros(rows, np.int32), ["the same text in every row"]
    )
    pyarrow.parquet.write_table(pyarrow.table(columns), path, compression="zstd")
    return path


_ENDLESS = (
    "CREATE VIEW v AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n)"
    " SELECT n.fid AS fid, a.geom AS geom, a.code AS code FROM n, a"
)


def endless_view(path: Path, *, is_alone: bool, name: str = "v") -> Path:
    """A GeoPackage with a view that has no end, alone or beside a table that is good."""
    pyogrio.write_dataframe(frame(), path, layer="a")
    with closing(sqlite3.connect(path)) as file:
        file.execute(_ENDLESS.replace("VIEW v", f"VIEW {name}"))
        for table, column in (("gpkg_contents", "identifier"), ("gpkg_geometry_columns", "")):
            names = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
            taken = ", ".join(
                f"'{name}'" if one in ("table_name", column) else one for one in names
            )
            file.execute(f"INSERT INTO {table} SELECT {taken} FROM {table}")
            if is_alone:
                file.execute(f"DELETE FROM {table} WHERE table_name = 'a'")
        file.commit()
    return path


def endless_contents(path: Path) -> Path:
    """A GeoPackage whose very list of layers has no end."""
    pyogrio.write_dataframe(frame(), path, layer="a")
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA foreign_keys = OFF")
        file.execute("ALTER TABLE gpkg_contents RENAME TO kept")
        file.execute(
            "CREATE VIEW gpkg_contents AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
            " SELECT i + 1 FROM n) SELECT kept.* FROM n, kept"
        )
        file.commit()
    return path


def costly_column(path: Path) -> Path:
    """A GeoPackage with a column that computes half a gigabyte for every row."""
    data = frame()
    pyogrio.write_dataframe(data.loc[data.index.repeat(200)], path, layer="a")
    with closing(sqlite3.connect(path)) as file:
        file.execute(
            "ALTER TABLE a ADD COLUMN song TEXT GENERATED ALWAYS AS"
            " (hex(zeroblob(200000000))) VIRTUAL"
        )
        file.commit()
    return path


def deep_json(path: Path, depth: int) -> Path:
    """GeoJSON whose one property is an array in an array in an array …"""
    begin = '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null,'
    path.write_text(f'{begin} "properties": {{"a": {"[" * depth}{"]" * depth}}}}}]}}')
    return path


def deep_start(path: Path, depth: int) -> Path:
    """JSON that opens arrays before it says what it is, and closes none."""
    path.write_text(f'{{"a": {"[" * depth}')
    return path


def long_line(path: Path, coordinates: int) -> Path:
    """GeoJSON of one geometry with so many coordinates."""
    some = 100_000
    piece = ",".join("[120,30]" for _ in range(some))
    with path.open("w") as file:
        file.write('{"type": "Feature", "properties": {}, "geometry":')
        file.write('{"type": "LineString", "coordinates": [')
        for k in range(coordinates // some):
            file.write(f"{',' * bool(k)}{piece}")
        file.write("]}}")
    return path


def many_folders(path: Path, folders: int) -> Path:
    """KML of so many folders, each a layer."""
    place = "<Placemark><Point><coordinates>120,30</coordinates></Point></Placemark>"
    with path.open("w") as file:
        file.write('<kml xmlns="http://www.opengis.net/kml/2.2"><Document>')
        file.writelines(f"<Folder><name>{k}</name>{place}</Folder>" for k in range(folders))
        file.write("</Document></kml>")
    return path


def nested_folders(path: Path, folders: int) -> Path:
    """KML of a folder in a folder in a folder …"""
    begin, end = "<Folder>" * folders, "</Folder>" * folders
    path.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{begin}{end}</Document></kml>'
    )
    return path


def one_line(path: Path, megabytes: int) -> Path:
    """CSV without a line end."""
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(b"a,b;c\t" * 174_762)
    return path


def bomb(path: Path, name: str, megabytes: int) -> Path:
    """A zip of one file of zeros that says it is small."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(name, "w", force_zip64=True) as part:
            for _ in range(megabytes):
                part.write(bytes(1 << 20))
        archive.getinfo(name).file_size = 1_000
    return path


def repeated_crs(path: Path, times: int) -> Path:
    """GeoJSON with a crs member in a crs member in a crs member … that never ends."""
    begin = '{"type": "FeatureCollection", "features": [], '
    path.write_text(begin + '"crs": {"type": "name", "a": 1, ' * times)
    return path


def packed_text(path: Path, megabytes: int) -> Path:
    """A gzip of spaces."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with path.open("wb") as file:
        file.write(packer.compress(b"a,b\n"))
        for _ in range(megabytes):
            file.write(packer.compress(b" " * (1 << 20)))
        file.write(packer.flush())
    return path


def table_as_json(path: Path, megabytes: int) -> Path:
    """JSON of so many numbers, which is no layer."""
    path.write_text(json.dumps({"type": "FeatureCollections"})[:-1] + ', "a": [')
    with path.open("a") as file:
        for _ in range(megabytes):
            file.write("1," * (1 << 19))
        file.write("1]}")
    return path


Maker = Callable[[Path], Path]
