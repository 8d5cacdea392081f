"""``gridmgmt area``: one area, on any day, and what became of it."""

import shlex
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.work import json_option, print_json, say, work
from gridmgmt.domain.areas.allowed_gaps import gaps_of, without_gaps
from gridmgmt.domain.areas.attributes import as_text, told
from gridmgmt.domain.moments import shown
from gridmgmt.errors import NotFoundError
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmgmt.domain.areas.area_history import AreaState, AreaStep, GroundShare

_level_option = click.option(
    "--level", metavar="LEVEL", help="Level of the code, if several levels have it."
)


@click.group()
def area() -> None:
    """Show an area on any day, and what became of it."""


@area.command("show")
@click.argument("code")
@_level_option
@click.option(
    "--on",
    "on",
    metavar="DATE",
    help="As it was then; a date alone means 00:00 in the bureau's time zone. Without it: now.",
)
@json_option
@click.pass_obj
def show(
    settings: Settings, code: str, level: str | None, on: str | None, as_json: bool
) -> None:
    """Show an area as it is, or was at an instant. --json prints a GeoJSON feature."""
    from shapely.geometry import mapping

    from gridmgmt.domain.areas.edition import parse_moment
    from gridmgmt.services.areas import area_histories, tree
    from gridmgmt.store.areas.area_tree import shapes_of

    at = datetime.now(UTC) if on is None else parse_moment("on", on, settings.tz)
    with work(settings, commit=None) as conn:
        level = area_histories.level_of(conn, code, level)
        edition = area_histories.edition_on(conn, at)
        found = tree.show(conn, edition, (level, code), top=None, on=None)
        row = found.row
        if row is None:
            remedy = (
                f"edition {edition.number} does not have it: gridmgmt area history"
                f" {shlex.quote(code)} --level {level} tells which editions do, and whose its"
                " ground is"
            )
            raise NotFoundError(kind=level, key=code, remedy=remedy)
        [outline] = shapes_of(conn, edition.number, level, [code]).geoms
    if as_json:
        properties = {
            "level": level,
            "code": code,
            "name": row.name,
            "parent": row.parent_code,
            "area_m2": row.area_m2,
            "attributes": without_gaps(found.attributes),
            "gaps": [asdict(one) for one in gaps_of(found.attributes)],
            "within": [asdict(one) for one in found.chain[1:]],
            "edition": edition.number,
            "edition_from": edition.effective_from,
            "edition_until": edition.in_force_until,
        }
        print_json({"type": "Feature", "properties": properties, "geometry": mapping(outline)})
        return
    until = edition.in_force_until
    say(
        f"{level} {code} in edition {edition.number} ({edition.label}), in force from"
        f" {shown(edition.effective_from, settings.tz)} until"
        f" {'further notice' if until is None else shown(until, settings.tz)}"
    )
    within = " in ".join(f"{one.level} {one.code} {one.name}" for one in found.chain[1:])
    print_columns(
        ("level", "code", "name", "area_m2", "below", "in"),
        [(level, code, row.name, row.area_m2, row.children, within)],
    )
    if found.attributes:
        told_values = [(name, told(name, value)) for name, value in found.attributes.items()]
        print_columns(("attribute", "value"), told_values)


@area.command("history")
@click.argument("code")
@_level_option
@json_option
@click.pass_obj
def history(settings: Settings, code: str, level: str | None, as_json: bool) -> None:
    """List the editions that made, changed or retired an area, and whose ground it is.

    Shares of ground it was made of, and of ground that went to others, sum to 100 % each.
    """
    from gridmgmt.services.areas import area_histories

    with work(settings, commit=None) as conn:
        level = area_histories.level_of(conn, code, level)
        steps = area_histories.history(conn, level, code)
    if as_json:
        print_json({"level": level, "code": code, "steps": [_plain(one) for one in steps]})
        return
    print_columns(
        (
            "edition",
            "from",
            "event",
            "name",
            "in",
            "m2_before",
            "m2_after",
            "attributes",
            "made of",
            "went",
        ),
        [_row(settings, one) for one in steps],
    )


def _plain(step: "AreaStep") -> dict[str, object]:
    plain = asdict(step)
    edition = plain.pop("edition")
    told = {name: edition[name] for name in ("number", "label", "effective_from")}
    return {"edition": told, **plain}


def _row(settings: Settings, one: "AreaStep") -> tuple[object, ...]:
    before, after = one.before, one.after
    return (
        one.edition.number,
        shown(one.edition.effective_from, settings.tz),
        one.event,
        _change([state.name for state in _states(before, after)]),
        _change([state.parent_code or "–" for state in _states(before, after)]),
        None if before is None else before.area_m2,
        None if after is None else after.area_m2,
        _change([as_text(state.attributes) for state in _states(before, after)]),
        _shares(one.came),
        _shares(one.went),
    )


def _states(*states: "AreaState | None") -> "list[AreaState]":
    return [one for one in states if one is not None]


def _change(words: list[str]) -> str:
    return " -> ".join(dict.fromkeys(words))


def _shares(shares: "Iterable[GroundShare]") -> str:
    return ", ".join(f"{one.code or 'no area'} {one.share:.2%}" for one in shares)
