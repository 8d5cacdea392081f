"""Check a DXF drawing, and make of it the layer that is read: areas with their labels."""

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

from gridmgmt.arrays import BoolArray, IntArray, objects
from gridmgmt.domain.listing import listed
from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.bytes.encodings import codec_name
from gridmgmt.exchange.layers.curves import curve_notes
from gridmgmt.exchange.layers.drivers import only_driver
from gridmgmt.exchange.layers.dxf.areas import (
    Entities,
    closed_as_areas,
    is_area,
    is_label,
    label_notes,
    labels,
    repeated_fills,
    unescaped,
)
from gridmgmt.exchange.layers.dxf.scan import DrawingFacts, scan
from gridmgmt.exchange.layers.gdal import LayerContent, read_content
from gridmgmt.exchange.layers.private_copies import private_folder
from gridmgmt.exchange.layers.readable_file import Readable
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.text_encoding import (
    TextFile,
    doubted,
    read_as,
    unsure_encoding,
    wrong_encoding,
)
from gridmgmt.sentence import Sentence

_VALUE = rb"(?m)^([^\r\n]*[\x80-\xff][^\r\n]*)"
_VARIABLE = r"(?m)^\s*9\s*\n\s*\${}\s*\n\s*[13]\s*\n\s*(\S+)"
_HEADER_BYTES = 1 << 16
# From this version on (AutoCAD 2007), all text is UTF-8.
_UTF8_SINCE = "AC1021"
_FIELDS = ("Layer", "Text", "Linetype", "EntityHandle")


def checked_dxf(source: LayerSource, asked: str | None, stack: ExitStack) -> Readable:
    """Check a drawing, and write its areas with their labels as a layer of their own.

    Closed lines are areas. A text is the label of the area it lies in (``Text``). What is
    neither stays what it is, so that an import says which features do not fit.

    Raises
    ------
    LayerError
        when it is cut, not in the stated encoding, or has half a position or one that is text
    """
    encoding, notes = _encoding(source, asked)
    text = source.path.read_bytes().decode(encoding)
    facts = scan(text)
    if not facts.is_whole:
        raise LayerError(
            source.shown,
            Sentence("is cut: a drawing ends with EOF, and this one does not"),
            remedy=Sentence("save it anew as DXF, and send it again"),
        )
    _check_positions(source, facts)
    folder = private_folder(stack)
    drawing = folder / f"{source.path.stem}.dxf"
    drawing.write_text(text, "utf-8", newline="")
    content = read_content(replace(source, path=drawing), source.path.stem, None, None)
    layer = folder / f"{source.path.stem}.fgb"
    told = _write_areas(content, facts, layer)
    return Readable(
        replace(source, path=layer, kind="FlatGeobuf"),
        encoding,
        (*notes, *content.notes, *_left_out(facts), *_empty(facts, content), *told),
    )


def _check_positions(source: LayerSource, facts: DrawingFacts) -> None:
    problems = {
        line: Sentence("line {} holds {}, which is no position", line, repr(value[:40]))
        for line, value in facts.broken.items()
    }
    for line, code in facts.halves.items():
        words = Sentence("line {}: the position there has no group {}", line, code)
        problems.setdefault(line, words)
    if problems:
        raise LayerError(
            source.shown,
            Sentence("has positions that are none"),
            problems=[problems[line] for line in sorted(problems)],
            remedy=Sentence(
                "correct them, or save the layer anew in the program it comes from"
            ),
        )


def _write_areas(content: LayerContent, facts: DrawingFacts, path: Path) -> list[str]:
    """Write the areas of a drawing; return notes on them."""
    fields = content.fields
    text = objects(map(unescaped, fields["Text"]))
    is_fill = np.array(["AcDbHatch" in (one or "") for one in fields["SubClasses"]], dtype=bool)
    text[is_fill] = None  # the name of a pattern
    geom = closed_as_areas(shapely.force_2d(content.geom))
    layer = objects(map(unescaped, fields["Layer"]))
    entities = Entities(geom, layer, text, is_fill)
    on_paper = np.array([bool(one) for one in fields["PaperSpace"]], dtype=bool)
    repeated = repeated_fills(entities) & ~on_paper
    kept = ~on_paper & ~repeated
    drawn = geom.copy()
    drawn[~kept] = None
    found = labels(replace(entities, geom=drawn))
    has_areas = bool(is_area(geom[kept]).any())
    if has_areas:
        kept &= ~is_label(entities)
        text = np.where(is_area(geom), found.text, text)
    number = np.where(kept, np.cumsum(kept), 0).astype(np.int64)
    values = {**fields, "Layer": layer, "Text": text}
    with warnings.catch_warnings(), only_driver("FlatGeobuf"):
        warnings.simplefilter("ignore")  # a drawing has no CRS
        pyogrio.raw.write(
            path,
            shapely.to_wkb(geom[kept]),
            [objects(values[name][kept]) for name in _FIELDS],
            list(_FIELDS),
            geometry_type="Unknown",
            crs=None,
            driver="FlatGeobuf",
            SPATIAL_INDEX="NO",
        )
    return [
        *_entity_notes(on_paper, repeated, number),
        *_curves(facts, content, number),
        *(label_notes(entities, found, number) if has_areas else ()),
        *(_open_lines(entities, kept, number) if has_areas else ()),
    ]


def _entity_notes(
    on_paper: BoolArray, repeated: BoolArray, number: IntArray
) -> Iterator[Sentence]:
    if on_paper.any():
        yield Sentence(
            "{} entities in paper space were left out", f"{np.count_nonzero(on_paper):,}"
        )
    if repeated.any():
        yield Sentence(
            "{} hatch(es) with the outline of a closed polyline were left out",
            f"{np.count_nonzero(repeated):,}",
        )


def _curves(facts: DrawingFacts, content: LayerContent, number: IntArray) -> Iterator[str]:
    handles = content.fields["EntityHandle"]
    is_curved = np.array([handle in facts.curved for handle in handles], dtype=bool)
    is_line = shapely.get_dimensions(content.geom) > 0
    yield from curve_notes(number[is_curved & is_line & (number > 0)])
    if facts.unnamed_curves:
        yield Sentence(
            "curves replaced by short straight lines on the layers {}",
            listed(_counted(facts.unnamed_curves)),
        )


def _open_lines(entities: Entities, kept: BoolArray, number: IntArray) -> Iterator[Sentence]:
    is_open = kept & (shapely.get_type_id(entities.geom) == shapely.GeometryType.LINESTRING)
    if is_open.any():
        counts = Counter(str(layer) for layer in entities.layer[is_open])
        yield Sentence(
            "{} line(s) are open and so no areas: features {}, on the layers {}",
            f"{np.count_nonzero(is_open):,}",
            listed(number[is_open]),
            listed(_counted(counts)),
        )


def _left_out(facts: DrawingFacts) -> Iterator[Sentence]:
    if facts.unread:
        yield Sentence("entities that are not read: {}", listed(_counted(facts.unread)))
    if facts.external:
        yield Sentence(
            "it refers to other drawings, which were not read: {}", listed(facts.external)
        )


def _empty(facts: DrawingFacts, content: LayerContent) -> Iterator[Sentence]:
    """Yield a note on the shapes of which GDAL makes no feature: polylines without vertices."""
    read = set(content.fields["EntityHandle"])
    lost = [shape for handle, shape in facts.drawn.items() if handle not in read]
    if lost:
        counts = Counter(f"{kind} {unescaped(layer) or ''}".rstrip() for kind, layer in lost)
        yield Sentence(
            "{} entities hold no shape that can be read: {}",
            f"{len(lost):,}",
            listed(_counted(counts)),
        )


def _counted(counts: Counter[str]) -> list[str]:
    return [f"{name} ({count:,})" for name, count in counts.items()]


def _encoding(source: LayerSource, asked: str | None) -> tuple[str, tuple[str, ...]]:
    text = TextFile(source.shown, source.path, _VALUE)
    with source.path.open("rb") as stream:
        head = stream.read(_HEADER_BYTES).decode("latin-1").replace("\r\n", "\n")
    version = re.search(_VARIABLE.format("ACADVER"), head)
    page = re.search(_VARIABLE.format("DWGCODEPAGE"), head)
    if asked is not None:
        encoding, origin = codec_name(asked), Sentence("as --encoding says")
    elif version and version[1] >= _UTF8_SINCE:
        encoding, origin = "utf-8", Sentence("as its version {} says", version[1])
    elif page and (known := _code_page(page[1])):
        encoding, origin = known, Sentence("as its code page {} says", page[1])
    else:
        encoding, origin = "utf-8", Sentence("as nothing in it says otherwise")
    fault = text.undecodable(encoding)
    if fault:
        raise wrong_encoding(text, encoding, origin, fault)
    if text.undecodable("ascii") == "":
        return encoding, ()
    others = doubted(text, encoding) if asked is None else []
    if others:
        raise unsure_encoding(text, [encoding, *others])
    return encoding, (read_as(encoding, origin),)


def _code_page(name: str) -> str | None:
    """Return the encoding of a code page; None for a name that is not known.

    Examples
    --------
    >>> _code_page("ANSI_936"), _code_page("GB2312"), _code_page("dos437")
    ('gb18030', 'gb18030', 'cp437')
    """
    number = re.fullmatch(r"(?:ansi|dos)_?(\d+)", name.lower())
    try:
        return codec_name(f"cp{number[1]}" if number else name)
    except InputError:
        return None
