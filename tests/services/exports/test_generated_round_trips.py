"""Whatever the rules allow leaves in every format and comes back, but for the losses named."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.surroundings import Group, GroupKind, RoadSegment, Zone, ZoneKind
from gridmgmt.domain.headings import LANGUAGES, Language
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.exchange.bytes.safe_tables import cell_value
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.exchange.layers.layer_out import Format, LayerLoss
from gridmgmt.exchange.layers.vectors import list_layers
from gridmgmt.exchange.tables.tables import read_table
from gridmgmt.services.areas.levels import set_levels
from gridmgmt.services.drafts import drafts
from gridmgmt.services.exports.areas import FIELDS as AREA_FIELDS
from gridmgmt.services.exports.exports import Export, Noun, export
from gridmgmt.services.exports.files import ExportReport, suffix_of
from gridmgmt.services.exports.places import (
    COMPONENT_FIELDS,
    DEMOLITION_FIELDS,
    ROAD_SEGMENT_FIELDS,
    ZONE_FIELDS,
)
from gridmgmt.services.record_imports.rows import ImportSummary
from gridmgmt.services.responsibility.categories import import_categories
from gridmgmt.services.responsibility.components import RegisterOptions, import_components
from gridmgmt.services.responsibility.demolitions import import_demolitions
from gridmgmt.services.responsibility.duties import import_duties
from gridmgmt.services.responsibility.groups import import_groups, list_memberships
from gridmgmt.services.responsibility.responders import import_responders
from gridmgmt.services.responsibility.road_segments import import_road_segments
from gridmgmt.services.responsibility.zones import import_zones
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import read_changes
from gridmgmt.store.areas.levels import list_levels, store_levels
from gridmgmt.store.responsibility.categories import list_categories, put_categories
from gridmgmt.store.responsibility.components import list_components, put_components
from gridmgmt.store.responsibility.demolitions import list_demolitions, put_demolitions
from gridmgmt.store.responsibility.duties import add_duties, list_duties
from gridmgmt.store.responsibility.groups import put_groups, put_members
from gridmgmt.store.responsibility.responders import list_responders, put_responders
from gridmgmt.store.responsibility.road_segments import list_road_segments, put_road_segments
from gridmgmt.store.responsibility.zones import list_zones, put_zones
from tests.factories import make_edition, make_level, square
from tests.services.exports import generated

TZ = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 4, 4, tzinfo=UTC)
TODAY = NOW.date()
# What rows refer to. A spreadsheet would run two of them, so CSV writes a ' before these.
KNOWN = ["007", "08:01", "1E5", "2024-02-31", "甲", "a|b", "330103001001001001", "=A1", "@x"]

# A row: its name in the list of losses, and the text of every field.
Row = tuple[str, dict[str, str | None]]
Rows = list[Row]


@dataclass(frozen=True)
class Moved:
    """How a noun comes into a bureau, is read from it, and is imported from its own file."""

    noun: Noun
    draw: Callable[[Sequence[str]], st.SearchStrategy[Any]]
    put: Callable[[Connection, Any], object]
    rows: Callable[[Connection], Rows]
    take_in: Callable[[Connection, Path, FileOptions], object] | None
    shorts: Mapping[str, str] | None = None
    level: str | None = None
    is_all_points: bool = False


def text(value: object) -> str | None:
    """Return a value as a file has it."""
    if isinstance(value, frozenset):
        return ";".join(sorted(value))
    shown = cell_value(value)
    return None if shown is None else str(shown)


def shown(records: Sequence[Any], key: Callable[[Any], str], geoms: Any = None) -> Rows:
    found = [
        (key(one), {f.name: value_of(one, f.name) for f in fields(one) if f.name != "id"})
        for one in records
    ]
    if geoms is not None:
        for (_, values), wkb in zip(found, shapely.to_wkb(geoms, hex=True), strict=True):
            values["geometry"] = wkb
    return found


def value_of(record: Any, field: str) -> str | None:
    value = getattr(record, field)
    # All categories, in files.
    return "*" if field == "categories" and value is None else text(value)


def shaped_rows(read: Callable[[Connection], tuple[Any, Any]]) -> Callable[[Connection], Rows]:
    def rows(conn: Connection) -> Rows:
        records, geoms = read(conn)
        return shown(records, lambda one: str(one.code), geoms)

    return rows


def area_rows(level: str) -> Callable[[Connection], Rows]:
    def rows(conn: Connection) -> Rows:
        areas = areas_in(conn, 1, level)[level]
        columns = zip(
            areas.codes,
            areas.names,
            areas.parent_codes,
            shapely.to_wkb(areas.geoms, hex=True),
            strict=True,
        )
        names = ("code", "name", "parent", "geometry")
        return [(row[0], dict(zip(names, row, strict=True))) for row in columns]

    return rows


def publish(conn: Connection, levels: Mapping[str, Any]) -> None:
    make_edition(conn, levels, effective_from=datetime(2026, 1, 1, tzinfo=TZ))


def draft_and_publish(level: str) -> Callable[[Connection, Path, FileOptions], object]:
    """Draft a level from a file, then publish what the draft holds, whatever the check says."""

    def take_in(conn: Connection, path: Path, options: FileOptions) -> None:
        draft = drafts.create(conn, "again", actor="t")
        file = AreaFile(path, "code", "name", "parent", encoding=options.encoding)
        drafts.import_areas(conn, "again", level, file, actor="t")
        state = drafts.state_of(conn, None, read_changes(conn, draft.id))
        publish(conn, {level: state[level]})

    return take_in


def table_import(
    run: Callable[..., object],
) -> Callable[[Connection, Path, FileOptions], object]:
    return lambda conn, path, options: run(conn, path, options, actor="t")


def names_of(defined: Sequence[Any]) -> dict[str, str]:
    return {one.named(shortly=True): one.name for one in defined}


def duties_of(known: Sequence[str]) -> st.SearchStrategy[Any]:
    targets = dict.fromkeys(DutyTarget, known)
    return generated.duties(known, targets, known)


def demolished(conn: Connection, path: Path, options: FileOptions) -> object:
    return import_demolitions(conn, path, options, today=TODAY, actor="t")


def registered(conn: Connection, path: Path, options: FileOptions) -> object:
    return import_components(conn, path, options, RegisterOptions(), actor="t")


NOUNS = {
    "streets": Moved(
        Noun.AREAS,
        lambda _: generated.levels_of_areas(),
        publish,
        area_rows("street"),
        draft_and_publish("street"),
        names_of(AREA_FIELDS),
        level="street",
    ),
    "cells": Moved(
        Noun.AREAS,
        lambda _: generated.levels_of_areas(),
        publish,
        area_rows("cell"),
        draft_and_publish("cell"),
        names_of(AREA_FIELDS),
        level="cell",
    ),
    "road segments": Moved(
        Noun.ROAD_SEGMENTS,
        lambda _: generated.road_segments(),
        lambda conn, drawn: put_road_segments(conn, *drawn),
        shaped_rows(list_road_segments),
        table_import(import_road_segments),
        names_of(ROAD_SEGMENT_FIELDS),
    ),
    "zones": Moved(
        Noun.ZONES,
        generated.zones,
        lambda conn, drawn: put_zones(conn, *drawn),
        shaped_rows(list_zones),
        table_import(import_zones),
        names_of(ZONE_FIELDS),
    ),
    "demolitions": Moved(
        Noun.DEMOLITIONS,
        lambda _: generated.demolitions(points_only=False),
        lambda conn, drawn: put_demolitions(conn, *drawn),
        shaped_rows(list_demolitions),
        demolished,
        names_of(DEMOLITION_FIELDS),
    ),
    "sites": Moved(
        Noun.DEMOLITIONS,
        lambda _: generated.demolitions(points_only=True),
        lambda conn, drawn: put_demolitions(conn, *drawn),
        shaped_rows(list_demolitions),
        demolished,
        names_of(DEMOLITION_FIELDS),
        is_all_points=True,
    ),
    "components": Moved(
        Noun.COMPONENTS,
        generated.components,
        lambda conn, drawn: put_components(conn, *drawn),
        shaped_rows(list_components),
        registered,
        names_of(COMPONENT_FIELDS),
        is_all_points=True,
    ),
    "responders": Moved(
        Noun.RESPONDERS,
        generated.responders,
        put_responders,
        lambda conn: shown(list_responders(conn), lambda one: one.code),
        table_import(import_responders),
    ),
    "categories": Moved(
        Noun.CATEGORIES,
        lambda _: generated.categories(),
        put_categories,
        lambda conn: shown(list_categories(conn), lambda one: one.code),
        table_import(import_categories),
    ),
    "groups": Moved(
        Noun.GROUPS,
        generated.groups,
        lambda conn, drawn: (put_groups(conn, drawn[0]), put_members(conn, drawn[1])),
        lambda conn: shown(
            list_memberships(conn), lambda one: f"{one.group_code} {one.area_code}"
        ),
        table_import(import_groups),
    ),
    "duties": Moved(
        Noun.DUTIES,
        duties_of,
        add_duties,
        lambda conn: shown(list_duties(conn), lambda one: f"duty {one.id}"),
        table_import(import_duties),
    ),
    "levels": Moved(
        Noun.LEVELS,
        lambda _: generated.levels(),
        store_levels,
        lambda conn: shown(list_levels(conn), lambda one: one.name),
        lambda conn, path, _: set_levels(conn, path, actor="t"),
    ),
}


def base(conn: Connection, moved: Moved) -> None:
    """Store what the rows of a noun refer to, in both bureaus alike."""
    noun = moved.noun
    if noun in (Noun.GROUPS, Noun.RESPONDERS, Noun.DUTIES):
        cells = {code: square(k, 0) for k, code in enumerate(KNOWN)}
        publish(conn, {"cell": make_level("cell", cells)})
    if noun in (Noun.ZONES, Noun.COMPONENTS, Noun.DUTIES):
        put_categories(conn, [Category(code, code) for code in KNOWN])
    if noun is Noun.DUTIES:
        put_responders(conn, [Responder(one, ResponderKind.SQUAD, one) for one in KNOWN])
        put_groups(conn, [Group(one, GroupKind.BEAT, one) for one in KNOWN])
        at = shapely.MultiPolygon([square(0, 0)])
        put_zones(
            conn, [Zone(one, ZoneKind.VENDOR, one) for one in KNOWN], objects(at for _ in KNOWN)
        )
        road = shapely.MultiLineString([[(120, 30), (121, 30)]])
        put_road_segments(
            conn, [RoadSegment(one, one, 5.0) for one in KNOWN], objects(road for _ in KNOWN)
        )


@contextmanager
def bureau(conn: Connection, moved: Moved) -> Iterator[None]:
    """A bureau that is empty but for what is referred to, and forgotten at the end."""
    with conn.begin_nested() as savepoint:
        base(conn, moved)
        yield
        savepoint.rollback()


def leave(
    conn: Connection,
    moved: Moved,
    path: Path,
    fmt: Format,
    encoding: str,
    language: Language | None = None,
) -> ExportReport:
    wanted = Export(
        moved.noun,
        path,
        fmt,
        "t",
        level=moved.level,
        encoding=encoding,
        personal=True,
        force=True,
        language=language,
    )
    return export(conn, wanted, now=NOW, tz=TZ)


def take_in(conn: Connection, moved: Moved, path: Path, fmt: Format) -> None:
    assert moved.take_in is not None
    if fmt is not Format.SHP:
        moved.take_in(conn, path, FileOptions())
        return
    for layer in list_layers(path):
        moved.take_in(conn, path, FileOptions(layer=layer))


def differences(
    moved: Moved, before: Rows, after: Rows, losses: Sequence[LayerLoss]
) -> list[object]:
    """Return what did not come back, but for the fields that a loss names."""
    lost: dict[str, set[str]] = {}
    for loss in losses:
        field = (moved.shorts or {}).get(loss.field, loss.field)
        lost.setdefault(loss.row, set()).add(field)
    left = list(after)
    missing = []
    # Rows of which less is known take what is left.
    for key, values in sorted(before, key=lambda row: len(lost.get(row[0], ()))):
        named = lost.get(key, set())
        held = {name: value for name, value in values.items() if name not in named}
        found = next((row for row in left if held.items() <= row[1].items()), None)
        if found is None:
            missing.append((key, held))
        else:
            left.remove(found)
    return [_nearest(key, held, left) for key, held in missing]


def _nearest(key: str, held: Mapping[str, str | None], left: Rows) -> object:
    """Return the fields in which a row differs from the one that came back instead."""
    if not left:
        return key, "is not there"
    _, nearest = min(left, key=lambda row: len(held.items() - row[1].items()))
    return key, {
        name: (value, nearest[name]) for name, value in held.items() if nearest[name] != value
    }


def check_for_people(
    conn: Connection, moved: Moved, fmt: Format, language: Language, drawn: Any
) -> None:
    """A table for people comes back into the same bureau and changes nothing."""
    with tempfile.TemporaryDirectory() as folder, bureau(conn, moved):
        path = Path(folder) / f"first{suffix_of(fmt)}"
        moved.put(conn, drawn)
        before = moved.rows(conn)
        leave(conn, moved, path, fmt, "utf-8", language)
        assert moved.take_in is not None
        told = moved.take_in(conn, path, FileOptions())
        if isinstance(told, ImportSummary):
            assert (told.added, told.changed) == (0, 0)
        assert moved.rows(conn) == before


def check(conn: Connection, moved: Moved, fmt: Format, encoding: str, drawn: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"first{suffix_of(fmt)}"
        again = Path(folder) / f"again{suffix_of(fmt)}"
        with bureau(conn, moved):
            moved.put(conn, drawn)
            before = moved.rows(conn)
            report = leave(conn, moved, path, fmt, encoding)
        with bureau(conn, moved):
            take_in(conn, moved, path, fmt)
            after = moved.rows(conn)
            leave(conn, moved, again, fmt, encoding)
        # What CSV protects is taken back on the way in, though other programs do not.
        losses = () if fmt is Format.CSV else report.losses
        assert differences(moved, before, after, losses) == []
        assert len(before) == len(after)
        if fmt in (Format.GEOJSON, Format.CSV):
            assert again.read_bytes() == path.read_bytes()


FORMATS = {
    "shp": (Format.SHP, "utf-8"),
    "shp-gb18030": (Format.SHP, "gb18030"),
    "gpkg": (Format.GPKG, "utf-8"),
    "geojson": (Format.GEOJSON, "utf-8"),
    "csv": (Format.CSV, "utf-8"),
    "xlsx": (Format.XLSX, "utf-8"),
}


def comes_back(moved: Moved, fmt: Format) -> bool:
    """Return whether a file of this format has all of the noun: tables have positions only."""
    return moved.noun.has_shapes != fmt.is_table or (moved.is_all_points and fmt.is_table)


COMBINATIONS = [
    pytest.param(name, form, id=f"{name} {form}".replace(" ", "-"))
    for name, moved in NOUNS.items()
    for form, (fmt, _) in FORMATS.items()
    if comes_back(moved, fmt)
]
few = settings(
    max_examples=2,
    deadline=None,
    # Looking for the smallest example takes minutes with a database.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.proof
@pytest.mark.parametrize(("name", "form"), COMBINATIONS)
def test_a_file_of_any_rows_makes_the_same_rows_again(
    conn: Connection, name: str, form: str
) -> None:
    round_trips(conn, name, form, few)


@pytest.mark.proof
@pytest.mark.parametrize(("name", "form"), COMBINATIONS)
def test_files_of_many_more_rows_make_the_same_rows_again(
    conn: Connection, name: str, form: str
) -> None:
    round_trips(conn, name, form, settings(few, max_examples=25))


def round_trips(conn: Connection, name: str, form: str, how: settings) -> None:
    fmt, encoding = FORMATS[form]
    moved = NOUNS[name]

    @how
    @given(drawn=moved.draw(KNOWN))
    def run(drawn: Any) -> None:
        check(conn, moved, fmt, encoding, drawn)

    run()


@pytest.mark.parametrize("fmt", [Format.CSV, Format.XLSX])
@pytest.mark.parametrize("name", ["streets", "cells", "road segments", "zones"])
def test_a_table_of_shapes_has_every_value_and_a_position_on_each(
    conn: Connection, name: str, fmt: Format
) -> None:
    """No import reads these, as the losses say: what they have is compared with the rows."""
    moved = NOUNS[name]

    @few
    @given(drawn=moved.draw(KNOWN))
    def run(drawn: Any) -> None:
        with tempfile.TemporaryDirectory() as folder, bureau(conn, moved):
            moved.put(conn, drawn)
            path = Path(folder) / f"first{suffix_of(fmt)}"
            report = leave(conn, moved, path, fmt, "utf-8")
            read = read_table(path)
            rows = moved.rows(conn)
        assert any("a table carries no shapes" in loss.what for loss in report.losses)
        for i, (key, values) in enumerate(rows):
            for field in set(read.columns) & set(values):
                assert same_text(read.values[field][i], values[field]), (key, field)
            at = shapely.Point(*(float(read.values[one][i] or "nan") for one in ("lon", "lat")))
            assert shapely.from_wkb(values["geometry"]).distance(at) <= 1e-8

    run()


def same_text(read: str | None, value: str | None) -> bool:
    """A workbook has 15.0 as 15."""
    return read == value or (value is not None and value.endswith(".0") and read == value[:-2])


PEOPLE = [
    pytest.param(name, fmt, language, id=f"{name} {fmt} {language}".replace(" ", "-"))
    for name, moved in NOUNS.items()
    for fmt in (Format.CSV, Format.XLSX)
    for language in LANGUAGES
    if comes_back(moved, fmt)
]


@pytest.mark.proof
@pytest.mark.parametrize(("name", "fmt", "language"), PEOPLE)
def test_a_table_for_people_comes_back_and_changes_nothing(
    conn: Connection, name: str, fmt: Format, language: Language
) -> None:
    moved = NOUNS[name]

    @few
    @given(drawn=moved.draw(KNOWN))
    def run(drawn: Any) -> None:
        check_for_people(conn, moved, fmt, language, drawn)

    run()
