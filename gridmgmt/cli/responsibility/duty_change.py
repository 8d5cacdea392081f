"""``duty add`` and ``duty end``: change a few duties, and say first what that does."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from gridmgmt.cli.days import DayParam
from gridmgmt.cli.numbers import WholeRangeParam
from gridmgmt.cli.work import commit_option, json_option, print_json, say, work
from gridmgmt.domain.listing import listed
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.services.responsibility.duty_changes import StatedChange
    from gridmgmt.services.responsibility.duty_previews import DutyPreview

_NUMBER = WholeRangeParam(1, 2**31 - 1)
_why = click.option("--why", help="Reason, for the audit log.")


@click.command("add")
@click.argument("responder")
@click.argument("codes", nargs=-1, required=True)
@click.option(
    "--target",
    type=click.Choice(["area", "group", "road_segment", "zone"]),
    default="area",
    show_default=True,
    help="Kind of the places.",
)
@click.option("--level", help="Level of the areas; default: the one that has the code.")
@click.option(
    "--role",
    type=click.Choice(["dispose", "assist", "oversee"]),
    default="dispose",
    show_default=True,
)
@click.option("--categories", required=True, help="Codes separated by ;, or * for all.")
@click.option("--hours", help="Duty hours, e.g. Mo-Fr 08:00-18:00; default: at any hour.")
@click.option("--from", "valid_from", type=DayParam(), help="First day.")
@click.option("--to", "valid_to", type=DayParam(), help="Last day.")
@click.option("--letter", help="Number of the responsibility letter.")
@click.option(
    "--ends",
    type=_NUMBER,
    multiple=True,
    help="Number of a duty that this one replaces: it ends the day before --from.",
)
@_why
@commit_option
@json_option
@click.pass_obj
def add(
    settings: Settings,
    responder: str,
    codes: tuple[str, ...],
    target: str,
    level: str | None,
    role: str,
    categories: str,
    hours: str | None,
    valid_from: date | None,
    valid_to: date | None,
    letter: str | None,
    ends: tuple[int, ...],
    why: str | None,
    commit: bool,
    as_json: bool,
) -> None:
    """Add a duty of RESPONDER on each of the places CODES.

    The rules are those of duty import. It says who would dispose instead of whom, which holes
    and doubles come and go, and how many open cases a reroute would give to others.
    """
    from gridmgmt.services.responsibility.duty_changes import DutyPlace, StatedChange

    first = None if valid_from is None else valid_from.isoformat()
    stated = StatedChange(
        ends=ends,
        from_day=first,
        places=tuple(DutyPlace(target, code, level) for code in codes),
        cells={
            "responder_code": responder,
            "role": role,
            "categories": categories,
            "hours": hours,
            "valid_from": first,
            "valid_to": None if valid_to is None else valid_to.isoformat(),
            "letter_no": letter,
        },
        why=why,
    )
    _run(settings, stated, commit=commit, as_json=as_json)


@click.command("end")
@click.argument("numbers", type=_NUMBER, nargs=-1, required=True)
@click.option(
    "--from", "from_day", type=DayParam(), required=True, help="First day without them."
)
@_why
@commit_option
@json_option
@click.pass_obj
def end(
    settings: Settings,
    numbers: tuple[int, ...],
    from_day: date,
    why: str | None,
    commit: bool,
    as_json: bool,
) -> None:
    """End the duties NUMBERS, as duty list numbers them, and say what that changes."""
    from gridmgmt.services.responsibility.duty_changes import StatedChange

    stated = StatedChange(numbers, from_day.isoformat(), why=why)
    _run(settings, stated, commit=commit, as_json=as_json)


def _run(settings: Settings, stated: "StatedChange", *, commit: bool, as_json: bool) -> None:
    from gridmgmt.services.responsibility.duty_previews import change_duties

    today = datetime.now(settings.tz).date()
    with work(settings, commit=commit) as conn:
        done = change_duties(
            conn, stated, rules=settings.judging_rules, today=today, actor=settings.actor
        )
        for note in done.notes:
            say(note)
        if as_json:
            print_json(_json(done))
        else:
            for line in _lines(done):
                click.echo(line)


def _lines(done: "DutyPreview") -> Iterator[str]:
    for before, after in done.ended:
        yield f"duty {before.id} of {before.responder_code} holds until {after.valid_to}"
    for duty in done.change.new:
        where = f"{duty.level or duty.target} {duty.target_code}"
        yield f"new duty of {duty.responder_code} on {where}"
    for effect in done.effects:
        change = effect.change
        when = "".join(
            [f" at {one}" for one in change.hours.opened]
            + [f" outside {one}" for one in change.hours.closed]
        )
        places = [
            *(f"{one.level} {one.code}" for one in effect.whole),
            *(f"{done.leaf} {code}" for code in effect.leaves),
            *(f"{effect.target} {code}" for code in effect.places),
        ]
        yield (
            f"{listed(places)}; {listed(effect.categories)}{when}:"
            f" {_people(change.before)} -> {_people(change.after)}"
        )
    for kind in sorted({*done.opened, *done.closed}):
        opened, closed = done.opened.get(kind, 0), done.closed.get(kind, 0)
        yield f"{kind}: {closed:,} pairs closed, {opened:,} opened"
    yield (
        f"from {done.day}: {done.pairs:,} pairs of area and category change owners;"
        f" a reroute would give {done.cases.changed:,} open cases to others"
    )


def _people(codes: tuple[str, ...]) -> str:
    return " and ".join(codes) or "nobody"


def _json(done: "DutyPreview") -> dict[str, Any]:
    from gridmgmt.services.record_imports.shaped_records import described

    return {
        "day": done.day,
        "edition": done.edition,
        "ended": [dict(described(after)) for _, after in done.ended],
        "new": [dict(described(duty)) for duty in done.change.new],
        "pairs": done.pairs,
        "effects": [
            {
                "hours": effect.change.hours._asdict(),
                "before": effect.change.before,
                "after": effect.change.after,
                "categories": effect.categories,
                "target": effect.target,
                "whole": [vars(one) for one in effect.whole],
                "leaves": effect.leaves,
                "places": effect.places,
            }
            for effect in done.effects
        ],
        "opened": dict(done.opened),
        "closed": dict(done.closed),
        "cases": done.cases.to_json(),
    }
