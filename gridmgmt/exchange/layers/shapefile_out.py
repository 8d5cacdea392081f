"""Write a zip with shapefiles that keep names, CRS and Chinese text in other programs."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pyogrio.raw

from gridmgmt.arrays import BoolArray, GeometryArray, ObjectArray
from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.encodings import shown_name
from gridmgmt.exchange.bytes.safe_tables import replacing, write_table
from gridmgmt.exchange.layers.layer_out import Format, LayerLoss, crs_losses, write_gdal
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.sentence import Sentence

MAX_NAME_BYTES = 10
MAX_TEXT_BYTES = 254
MAX_FILE_BYTES = 2 << 30

# Programs that ignore the .cpg read the language byte of the DBF. 77 is GBK, which is most of
# GB18030. UTF-8 has no value; GDAL leaves 0, which is right for it.
_LANGUAGE_AT = 29
_LANGUAGES = {"gb18030": 77}


@dataclass(frozen=True)
class FieldMeaning:
    """One line of the data dictionary; ``kind`` is a word of `KINDS`, or nothing."""

    field: str
    name_en: str
    name_zh: str
    kind: str
    unit: str
    meaning: str
    meaning_zh: str = ""

    @property
    def line(self) -> tuple[str, ...]:
        """Return the cells of the line."""
        kind = f"{self.kind} {KINDS[self.kind]}" if self.kind else ""
        return (*astuple(self)[:3], kind, *astuple(self)[4:])


# In both languages: the bureau that receives a shapefile may read either.
DICTIONARY = (
    *("field 字段", "name_en 英文名称", "name_zh 中文名称", "type 类型", "unit 单位"),
    *("meaning 英文说明", "meaning_zh 中文说明"),
)
KINDS = {"text": "文本", "integer": "整数", "real": "实数", "date": "日期", "time": "时间"}
LOSSES = ("row", "field", "what")


def write_shapefile(
    path: Path,
    *,
    name: str,
    geoms: GeometryArray,
    columns: Mapping[str, ObjectArray],
    rows: Sequence[str],
    datum: Datum,
    encoding: str,
    dictionary: Sequence[FieldMeaning],
) -> list[LayerLoss]:
    """Write a zip with .shp, .shx, .dbf, .prj, .cpg and a data dictionary.

    A shapefile holds one kind of geometry. For several kinds the zip has one shapefile each,
    named ``name`` and the kind.

    Parameters
    ----------
    name : ASCII name of the files inside
    geoms : (n,) multipolygons, multilines or points, lon/lat
    columns : (n,) values each; names are ASCII of at most 10 bytes
    rows : (n,) names of the rows in the list of losses
    encoding : of the text, utf-8 or gb18030
    dictionary : goes into the zip as CSV (UTF-8 with BOM)

    Returns
    -------
    what the files cannot hold; if there is anything, the zip has the list too
    """
    for field in columns:
        if not field.isascii() or len(field) > MAX_NAME_BYTES:
            raise ValueError(Sentence("{} is no field name for a shapefile", repr(field)))
    losses: list[LayerLoss] = []
    fitting: dict[str, ObjectArray] = {}
    for field, values in columns.items():
        fitting[field], lost = carried(values, rows, field, encoding, MAX_TEXT_BYTES)
        losses += lost
    with tempfile.TemporaryDirectory(prefix="gridmgmt-shp-") as folder:
        for part, these in layers_of(name, geoms).items():
            shp = Path(folder) / f"{part}.shp"
            picked = {field: values[these] for field, values in fitting.items()}
            write_gdal(path, shp, Format.SHP, geoms[these], picked, datum, encoding=encoding)
            _name_language(shp.with_suffix(".dbf"), encoding)
            losses += _number_losses(shp, picked, rows, these)
            losses += crs_losses(shp, geoms[these], datum)
        losses = list(dict.fromkeys(losses))
        _check_size(path, Path(folder))
        explained = (one.line for one in dictionary)
        write_table(Path(folder) / f"{name}_dictionary.csv", DICTIONARY, explained)
        if losses:
            lines = [(loss.row, loss.field, loss.what) for loss in losses]
            write_table(Path(folder) / f"{name}_losses.csv", LOSSES, lines)
        _zip(path, Path(folder))
    return losses


def _number_losses(
    shp: Path, columns: Mapping[str, ObjectArray], rows: Sequence[str], these: BoolArray
) -> list[LayerLoss]:
    """Return the numbers that the digits of their field do not hold exactly."""
    keys = [row for row, is_there in zip(rows, these, strict=True) if is_there]
    asked = [
        field
        for field, values in columns.items()
        if any(isinstance(value, float) for value in values)
    ]
    if not asked:
        return []
    meta, _, _, read = pyogrio.raw.read(shp, columns=asked, read_geometry=False)
    found = dict(zip(meta["fields"], read, strict=True))
    return [
        LayerLoss(row, field, Sentence("{} is written as {}", repr(value), repr(float(held))))
        for field in asked
        for row, value, held in zip(keys, columns[field], found[field], strict=True)
        if value is not None and value != held
    ]


def _name_language(dbf: Path, encoding: str) -> None:
    language = _LANGUAGES.get(encoding)
    if language is not None:
        with dbf.open("r+b") as stream:
            stream.seek(_LANGUAGE_AT)
            stream.write(bytes([language]))


def layers_of(name: str, geoms: GeometryArray) -> dict[str, BoolArray]:
    """Return the names of the shapefiles for these geometries, and the rows of each.

    Examples
    --------
    >>> import shapely
    >>> layers_of("sites", np.array([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)]))
    {'sites_point': array([ True, False]), 'sites_polygon': array([False,  True])}
    """
    kinds = np.array([one.geom_type.removeprefix("Multi").lower() for one in geoms])
    found = sorted(set(kinds.tolist()))
    if len(found) < 2:
        return {name: np.ones(len(geoms), dtype=bool)}
    return {f"{name}_{kind}": kinds == kind for kind in found}


def _check_size(path: Path, folder: Path) -> None:
    for file in folder.iterdir():
        if file.stat().st_size >= MAX_FILE_BYTES:
            raise LayerError(
                path,
                Sentence(
                    "its {} would be 2 GiB or more, which most programs refuse", file.suffix
                ),
                remedy=Sentence("use --format gpkg"),
            )


def _zip(path: Path, folder: Path) -> None:
    with (
        replacing(path) as temporary,
        ZipFile(temporary, "w", ZIP_DEFLATED) as archive,
    ):
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)


def cut_to_bytes(text: str, encoding: str, limit: int) -> str:
    """Shorten text to a number of bytes without cutting a character.

    >>> cut_to_bytes("街道办事处", "utf-8", 8), cut_to_bytes("街道办事处", "gb18030", 8)
    ('街道', '街道办事')
    """
    data = text.encode(encoding, "replace")
    return text if len(data) <= limit else data[:limit].decode(encoding, "ignore")


def carried(
    values: ObjectArray, rows: Sequence[str], field: str, encoding: str, limit: int
) -> tuple[ObjectArray, list[LayerLoss]]:
    """Return a column cut to an encoding and a length in bytes, and the losses."""
    kept = np.empty(len(values), dtype=object)
    losses = []
    for i, value in enumerate(values):
        kept[i] = value
        if not isinstance(value, str):
            continue
        text = value.encode(encoding, "replace").decode(encoding)
        if text != value:
            gone = "".join(dict.fromkeys(a for a, b in zip(value, text, strict=True) if a != b))
            losses.append(
                LayerLoss(
                    rows[i],
                    field,
                    Sentence("{} cannot carry {}", shown_name(encoding), repr(gone)),
                )
            )
        kept[i] = cut_to_bytes(text, encoding, limit)
        if kept[i] != text:
            what = Sentence(
                "cut at {} bytes, {} characters lost", limit, len(text) - len(kept[i])
            )
            losses.append(LayerLoss(rows[i], field, what))
    return kept, losses
