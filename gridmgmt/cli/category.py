"""Categories: what cases are about."""

from pathlib import Path

import click

from gridmgmt.cli.imports import file_options, report, table_options
from gridmgmt.cli.work import work
from gridmgmt.settings import Settings


@click.group()
def category() -> None:
    """Categories: what cases are about."""


@category.command("import")
@table_options
@click.pass_obj
def import_(
    settings: Settings,
    path: Path,
    mapping: dict[str, str],
    layer: str | None,
    encoding: str | None,
    commit: bool,
    as_json: bool,
) -> None:
    """Load categories from a CSV, XLSX or Parquet file.

    Columns: code, name and, where there, code_set, category_class (component or event),
    major_class, minor_class, time_limit.
    """
    from gridmgmt.services.categories import import_categories

    options = file_options(settings, mapping, layer, encoding)
    with work(settings, commit=commit) as conn:
        summary = import_categories(conn, path, options, actor=settings.actor)
        report(summary, as_json=as_json)
