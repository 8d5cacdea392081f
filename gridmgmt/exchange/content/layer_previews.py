"""Preview a layer of a file: its fields, some values and outlines; nothing is stored."""

from dataclasses import dataclass
from pathlib import Path

import shapely

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.headings import names_of
from gridmgmt.exchange.layers.vectors import grid_notes, text_values
from gridmgmt.exchange.reading.files import list_layers, read_layer
from gridmgmt.geometry.crs.crs import Datum

SAMPLE_ROWS = 5
# The number of features read, and drawn if they are polygons.
SHOWN_FEATURES = 300

# Usual names of fields with codes, names and parents, those of our exports first.
_HABITS = {
    "code": (*names_of("areas", "code"), "bm", "编号", "代码", "gbcode", "adcode", "id"),
    "name": (*names_of("areas", "name"), "mc", "名字", "label"),
    "parent": (*names_of("areas", "parent"), "parent_code", "上级", "sjbm"),
}
# Other names that files use for the usual levels.
_CALLED = {
    "city": ("市",),
    "district": ("区", "区县"),
    "street": ("街道",),
    "community": ("社区",),
    "cell": ("grid", "网格", "单元网格"),
}
_CODE_ENDS = ("_code", "code", "编码", "编号", "代码")
_NAME_ENDS = ("_name", "name", "名称", "")


@dataclass(frozen=True)
class LayerLook:
    """The beginning of a layer.

    ``sample`` holds the first rows, one value for each field. ``geoms`` are the first features,
    lon/lat, None where a feature has none. ``notes`` are for people. ``features`` is the number
    of features in the whole layer.
    """

    layers: tuple[str, ...]
    layer: str
    fields: tuple[str, ...]
    sample: tuple[tuple[str | None, ...], ...]
    features: int
    geoms: GeometryArray
    datum: str
    encoding: str | None
    notes: tuple[str, ...]


def look(
    path: Path,
    *,
    layer: str | None = None,
    where: str | None = None,
    datum: Datum | None = None,
    encoding: str | None = None,
    mend: bool = False,
) -> LayerLook:
    """Read the beginning of a layer; without a name, that of the first layer.

    Raises
    ------
    LayerError
        when the file or the layer cannot be used
    """
    layers = list_layers(path, encoding=encoding)
    name = layer or layers[0]
    read = read_layer(
        path,
        layer=name,
        where=where,
        datum=datum,
        encoding=encoding,
        first=SHOWN_FEATURES,
        mend=mend,
    )
    columns = [text_values(read, field)[:SAMPLE_ROWS] for field in read.fields]
    return LayerLook(
        layers=tuple(layers),
        layer=name,
        fields=tuple(read.fields),
        sample=tuple(zip(*columns, strict=True)) if columns else (),
        features=read.features,
        geoms=read.geom,
        datum=read.datum.label,
        encoding=read.encoding,
        notes=(*read.notes, *grid_notes(read)),
    )


def guess(fields: tuple[str, ...], level: str, parent_level: str | None) -> dict[str, str]:
    """Suggest the fields that hold code, name and parent, by their names.

    Examples
    --------
    >>> guess(("community_code", "community", "street_code"), "community", "street")
    {'code': 'community_code', 'name': 'community', 'parent': 'street_code'}
    >>> guess(("Name", "Code", "Parent code"), "cell", "community")
    {'code': 'Code', 'name': 'Name', 'parent': 'Parent code'}
    >>> guess(("x", "y"), "community", None)
    {}
    >>> guess(("网格名称", "网格编号", "社区编码"), "cell", "community")
    {'code': '网格编号', 'name': '网格名称', 'parent': '社区编码'}
    """
    habits = {
        "code": (*_codes(level), *_HABITS["code"], level),
        "name": (*_names(level), *_HABITS["name"]),
        "parent": _HABITS["parent"],
    }
    if parent_level is not None:
        habits["parent"] = (*_codes(parent_level), *habits["parent"])
    by_name = {_folded(field): field for field in reversed(fields)}
    found = {}
    for what, names in habits.items():
        for name in map(_folded, names):
            if name in by_name:
                found[what] = by_name[name]
                break
    return found


def _folded(name: str) -> str:
    return name.casefold().replace(" ", "")


def _codes(level: str) -> list[str]:
    called = (level, *_CALLED.get(level, ()))
    return [
        f"{one}{end}" for one in called for end in ("_code", "code", "编码", "编号", "代码")
    ]


def _names(level: str) -> list[str]:
    called = (level, *_CALLED.get(level, ()))
    return [f"{one}{end}" for one in called for end in _NAME_ENDS]


def drawable(geoms: GeometryArray) -> GeometryArray:
    """Return the geometries that a map can show."""
    return geoms[~(shapely.is_missing(geoms) | shapely.is_empty(geoms))]
