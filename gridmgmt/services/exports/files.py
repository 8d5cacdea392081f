"""The files of exports: their names, formats and coordinate systems, and what is in them."""

from dataclasses import dataclass
from pathlib import Path

from gridmgmt.domain.headings import Language
from gridmgmt.errors import CRSError, InputError
from gridmgmt.exchange.content.export_content import Fact
from gridmgmt.exchange.layers.layer_out import Format, LayerLoss, check_datum
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.sentence import Sentence

# Not GBK: it drops rare characters (𠀀, 㐀) without failing, and GB18030 keeps them.
ENCODINGS = ("utf-8", "gb18030")
_SUFFIXES = {
    Format.SHP: (".zip",),
    Format.GPKG: (".gpkg",),
    Format.GEOJSON: (".geojson", ".json"),
    Format.PARQUET: (".parquet",),
    Format.CSV: (".csv",),
    Format.XLSX: (".xlsx",),
    Format.TIF: (".tif", ".tiff"),
}


@dataclass(frozen=True)
class ExportReport:
    """What was written, and what the file lacks; ``crs`` is None without positions."""

    noun: str
    path: Path
    rows: int
    facts: tuple[Fact, ...]
    crs: str | None
    encoding: str
    losses: tuple[LayerLoss, ...]
    notes: tuple[str, ...]


def format_of(path: Path) -> Format | None:
    """Return the format for a file name by its suffix, or None if it shows none."""
    suffix = path.suffix.lower()
    return next((fmt for fmt, endings in _SUFFIXES.items() if suffix in endings), None)


def suffix_of(fmt: Format) -> str:
    """Return the suffix of files of this format."""
    return _SUFFIXES[fmt][0]


def check_file(path: Path, fmt: Format, *, datum: Datum, encoding: str, force: bool) -> None:
    """Raise InputError if name, format, datum and encoding do not fit together.

    ``force`` allows replacing a file.

    Raises
    ------
    InputError
        naming what to choose instead
    """
    _check_path(path, fmt, force=force)
    if encoding not in ENCODINGS:
        message = Sentence("{} is not one of {}", repr(encoding), ", ".join(ENCODINGS))
        raise InputError(field="encoding", message=message)
    if fmt is not Format.SHP and encoding != "utf-8":
        raise InputError(
            field="encoding",
            message=Sentence(
                "{} is always UTF-8; the encoding can be chosen only for a shapefile", fmt
            ),
        )
    try:
        check_datum(path, fmt, datum)
    except CRSError as error:
        raise InputError(
            field="crs", message=Sentence("{}; {}", error.message, error.remedy)
        ) from error


def check_headings(fmt: Format, language: Language | None) -> None:
    """Raise InputError if headings for people are wanted of a format that is no table."""
    if language is not None and not fmt.is_table:
        raise InputError(
            field="headings",
            message=Sentence(
                "only CSV and XLSX have headings for people; {} keeps the names of fields and "
                "says beside them what they mean",
                fmt,
            ),
        )


def _check_path(path: Path, fmt: Format, *, force: bool) -> None:
    if path.exists() and not force:
        message = f"{path} is there already; add --force to replace it"
        raise InputError(field="-o", message=message)
    if path.suffix.lower() in _SUFFIXES[fmt]:
        return
    message = Sentence("{} does not end in {}", path.name, " or ".join(_SUFFIXES[fmt]))
    if fmt is Format.SHP:
        message = Sentence(
            "a shapefile consists of several files and is exported as one "
            "zip: end the name with .zip"
        )
    raise InputError(field="-o", message=message)


def datum_notes(datum: Datum) -> tuple[str, ...]:
    """Return what people must know about the coordinates of a file in this datum."""
    # PROJ knows neither GCJ-02 nor BD-09, so no file can state them.
    if datum.crs is None:
        return (
            Sentence(
                "ATTENTION: the coordinates are {}, which is no CRS: the file states none, "
                "and only programs that expect it show it in the right place",
                datum.label,
            ),
        )
    return (datum.note,) if datum.note else ()
