"""``gridmgmt category``: what cases are about."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import Connection

from gridmgmt.cli.imports import table_import
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.import_files import FileOptions
    from gridmgmt.services.record_imports.rows import ImportSummary


@click.group()
def category() -> None:
    """Import categories: what cases are about."""


@category.command("import")
@table_import
def import_(
    settings: Settings, conn: Connection, path: Path, options: "FileOptions"
) -> "ImportSummary":
    """Import categories from a CSV, XLSX or Parquet file.

    Columns: code, name; optional: code_set, category_class (component or event), major_class,
    minor_class, time_limit, class_code (or major_code and minor_code). class_code is the class
    of the components a category is about, as in the codes of components.
    """
    from gridmgmt.services.responsibility.categories import import_categories

    return import_categories(conn, path, options, actor=settings.actor)
