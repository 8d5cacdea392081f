"""Options of commands that choose cases, as the filters of the pages do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import click

from gridmgmt.domain.case_choice import CHOSEN, CaseChoice
from gridmgmt.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--open", is_flag=True, help="Only cases neither disposed of nor closed."),
    click.option("--overdue", is_flag=True, help="Only open cases past their deadline."),
    click.option("--category", metavar="CODE", help="Only cases of this category."),
    click.option(
        "--class", "class", metavar="CLASS", help="Only cases of component or event categories."
    ),
    click.option(
        "--major-class", metavar="NAME", help="Only categories of this major class (大类)."
    ),
    click.option("--responder", metavar="CODE", help="Only cases of this responder."),
    click.option("--channel", metavar="NAMES", help="Only these channels, with commas."),
    click.option(
        "--weekday",
        metavar="NUMBERS",
        help="Only reports of these weekdays: 1 Monday to 7 Sunday, with commas.",
    ),
    click.option(
        "--hour", metavar="NUMBERS", help="Only reports of these hours: 0 to 23, with commas."
    ),
)


def choice_options(command: Command) -> Command:
    """Add the options that choose cases to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen(options: Mapping[str, Any], settings: Settings) -> CaseChoice:
    """Return the choice that the options of ``choice_options`` make.

    Raises
    ------
    InputError
        when a value is none of those that are possible
    """
    given = {name: options[name] for name in CHOSEN if options[name]}
    found = CaseChoice.read(
        {name: "1" if value is True else value for name, value in given.items()}
    )
    return as_set(found, settings)


def as_set(choice: CaseChoice, settings: Settings) -> CaseChoice:
    """Return a choice with what the settings say about deadlines."""
    return replace(choice, without_provisional=not settings.provisional_deadlines)
