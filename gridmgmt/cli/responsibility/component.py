"""``gridmgmt component``: fixed public objects and the units that answer for them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.imports import dated_layer_import
from gridmgmt.cli.numbers import WholeRangeParam
from gridmgmt.cli.work import json_option, print_json, work
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group()
def component() -> None:
    """Import and list components: fixed public objects, with their responsible units."""


def _pairs(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str | None, str]:
    """Parse ``[WORD=]VALUE``, each WORD once; a VALUE without WORD has the key None."""
    pairs: dict[str | None, str] = {}
    for value in values:
        # At the last sign, since a word of the file may contain one.
        word, equals, last = value.rpartition("=")
        key = word.strip() if equals else None
        if not last.strip() or key == "" or key in pairs:
            message = f"{value!r}: write {param.metavar}, each once"
            raise click.BadParameter(message, ctx, param)
        pairs[key] = last.strip()
    return pairs


@component.command("import")
@click.option(
    "--class",
    "classes",
    metavar="[WORD=]CLASS",
    multiple=True,
    callback=_pairs,
    help="Class meant by a word of the file; without WORD=, class of rows that state none.",
)
@click.option(
    "--owner",
    "owners",
    metavar="[CLASS=]UNIT",
    multiple=True,
    callback=_pairs,
    help="Owner of the components of a class, or of all, where a row states none.",
)
@click.option(
    "--on-existing",
    type=click.Choice(["refuse", "update"]),
    default="refuse",
    show_default=True,
    help="What to do with known components whose content differs in the file.",
)
@dated_layer_import
def import_(
    settings: Settings,
    conn: Connection,
    path: Path,
    options: "FileOptions",
    classes: dict[str | None, str],
    owners: dict[str | None, str],
    on_existing: str,
) -> "ImportSummary":
    """Import components from a layer of points, or a table with lon and lat.

    Fields (their names in GB/T 30428.2 also work): code (ObjID); optional: class_code, name
    (ObjName), owner_code and owner_name (DeptCode2, DeptName2), maintainer_code,
    maintainer_name (3), manager_code, manager_name (1), state (ObjState: intact 完好, damaged
    破损, lost 丢失, abandoned 废弃, removed 移除), recorded_on (ORDate), changed_on (CHDate).
    Without class_code, a code of 16 digits states the class. A class must be a class_code of
    categories, a category, or the name of either.
    """
    from gridmgmt.services.responsibility.components import RegisterOptions, import_components

    said = RegisterOptions(classes, owners, update=on_existing == "update")
    return import_components(conn, path, options, said, actor=settings.actor)


def _lonlat(point: "BaseGeometry") -> dict[str, float]:
    (lon, lat), *_ = point.coords
    return {"lon": lon, "lat": lat}


_SHOWN = (
    "code",
    "class_code",
    "name",
    "owner_code",
    "maintainer_code",
    "manager_code",
    "state",
)


@component.command("list")
@click.option("--class", "class_code", metavar="CLASS", help="Only components of this class.")
@click.option("--unit", metavar="CODE", help="Only components of this unit.")
@click.option("--after", metavar="CODE", help="Only components after this code.")
@click.option(
    "--limit",
    type=WholeRangeParam(min=1),
    default=1_000,
    show_default=True,
    help="Largest number of components to list.",
)
@json_option
@click.pass_obj
def list_(
    settings: Settings,
    class_code: str | None,
    unit: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List components by code."""
    from gridmgmt.services.record_imports.shaped_records import described
    from gridmgmt.services.responsibility.component_lists import list_page
    from gridmgmt.store.responsibility.component_pages import ComponentFilter

    wanted = ComponentFilter(class_code=class_code, unit=unit)
    with work(settings, commit=None) as conn:
        found = list_page(conn, wanted, after=after, limit=limit)
    rows = [{**described(one.record), **_lonlat(one.geom)} for one in found]
    if as_json:
        print_json(rows)
        return
    print_columns(
        [*_SHOWN, "lon", "lat"],
        [
            # Seven decimals of a degree are about a centimetre.
            [*(row[name] for name in _SHOWN), *(f"{row[name]:.7f}" for name in ("lon", "lat"))]
            for row in rows
        ],
    )
