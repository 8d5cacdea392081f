"""The imports of all nouns except areas and cases, by name."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.domain.columns import Column, choose_columns
from gridmgmt.exchange.content.file_previews import FilePreview, preview_layer, preview_table
from gridmgmt.exchange.content.format_proposals import format_of_layer, format_of_table
from gridmgmt.exchange.content.import_files import FileOptions, is_table
from gridmgmt.services.record_imports.rows import ImportSummary
from gridmgmt.services.responsibility import components, demolitions
from gridmgmt.services.responsibility.categories import CATEGORY, import_categories
from gridmgmt.services.responsibility.duties import DUTY, import_duties
from gridmgmt.services.responsibility.groups import GROUP, import_groups
from gridmgmt.services.responsibility.responders import RESPONDER, import_responders
from gridmgmt.services.responsibility.road_segments import COLUMNS, import_road_segments
from gridmgmt.services.responsibility.zones import ZONE, import_zones


class ImportNoun(StrEnum):
    """The nouns that can be imported, in the order in which they are needed."""

    RESPONDERS = "responders"
    CATEGORIES = "categories"
    ROAD_SEGMENTS = "road_segments"
    ZONES = "zones"
    GROUPS = "groups"
    DEMOLITIONS = "demolitions"
    COMPONENTS = "components"
    DUTIES = "duties"

    @property
    def is_layer(self) -> bool:
        """Return whether its files are layers; points may come as layer or table."""
        return self in (ImportNoun.ROAD_SEGMENTS, ImportNoun.ZONES, *_EITHER)

    @property
    def is_table(self) -> bool:
        """Return whether its files are tables."""
        return not self.is_layer or self in _EITHER


# Nouns with points: the columns of their tables, and of their layers.
_EITHER = {
    ImportNoun.DEMOLITIONS: (demolitions.TABLE_COLUMNS, demolitions.LAYER_COLUMNS),
    ImportNoun.COMPONENTS: (components.TABLE_COLUMNS, components.LAYER_COLUMNS),
}


def columns_of(noun: ImportNoun, path: Path) -> tuple[Column, ...]:
    """Return the fields that rows of a file may have."""
    if noun in _EITHER:
        of_table, of_layer = _EITHER[noun]
        return of_table if is_table(path) else of_layer
    return {
        ImportNoun.RESPONDERS: RESPONDER.columns,
        ImportNoun.CATEGORIES: CATEGORY.columns,
        ImportNoun.ROAD_SEGMENTS: COLUMNS,
        ImportNoun.ZONES: ZONE.columns,
        ImportNoun.GROUPS: GROUP.columns,
        ImportNoun.DUTIES: DUTY.columns,
    }[noun]


def preview(noun: ImportNoun, path: Path, options: FileOptions) -> FilePreview:
    """Read the beginning of a file; raise LayerError if it cannot be used at all."""
    if _is_read_as_table(noun, path):
        return preview_table(path, encoding=options.encoding, sheet=options.layer)
    return preview_layer(path, options)


def proposed_format(
    noun: ImportNoun,
    path: Path,
    options: FileOptions,
    preview: FilePreview,
    chosen: dict[str, str],
) -> str | None:
    """Return the one known format that every date of a file fits, or None.

    Parameters
    ----------
    preview : the beginning of the file
    chosen : the column of each field, as far as it is known

    Raises
    ------
    LayerError
        when the file cannot be read to its end
    """
    fields = [one.name for one in columns_of(noun, path) if one.is_dated]
    if not fields:
        return None
    dated = [chosen[name] for name in fields if name in chosen]
    if _is_read_as_table(noun, path):
        return format_of_table(preview, dated, path, options)
    return format_of_layer(preview, dated, path, options)


def _is_read_as_table(noun: ImportNoun, path: Path) -> bool:
    return noun.is_table and (is_table(path) or not noun.is_layer)


def recognised(
    noun: ImportNoun, path: Path, available: Sequence[str], given: dict[str, str]
) -> dict[str, str]:
    """Return which column of a file holds each field, as far as the names show it."""
    there = {field: column for field, column in given.items() if column in available}
    return choose_columns(columns_of(noun, path), available, there)[0]


def run_import(
    conn: Connection,
    noun: ImportNoun,
    path: Path,
    options: FileOptions,
    *,
    today: date,
    actor: str,
) -> ImportSummary:
    """Import a file like the command of the same noun.

    Raises
    ------
    LayerError, InputError
        listing every row that cannot be used
    """
    if noun is ImportNoun.DEMOLITIONS:
        return demolitions.import_demolitions(conn, path, options, today=today, actor=actor)
    if noun is ImportNoun.COMPONENTS:
        # On a page the person has seen in the preview what would change.
        said = components.RegisterOptions(update=True)
        return components.import_components(conn, path, options, said, actor=actor)
    if noun is ImportNoun.ROAD_SEGMENTS:
        return import_road_segments(conn, path, options, actor=actor)
    run = {
        ImportNoun.RESPONDERS: import_responders,
        ImportNoun.CATEGORIES: import_categories,
        ImportNoun.ZONES: import_zones,
        ImportNoun.GROUPS: import_groups,
        ImportNoun.DUTIES: import_duties,
    }[noun]
    return run(conn, path, options, actor=actor)
