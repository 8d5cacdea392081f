"""Names of codes and persons in sentences."""

from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext as _

from gridmgmt.domain.accounts.audit import STRANGER


def with_code(code: str, name: str | None) -> str:
    """Return a name with its code behind it; the code alone where it has no other name."""
    if name in (None, "", code):
        return code
    return str(_("%(name)s (%(code)s)", name=name, code=code))


def person(username: str, people: Mapping[str, str]) -> str:
    """Return the name of a person, or the user name where no name is known.

    Parameters
    ----------
    people : names of accounts by user name
    """
    if username == STRANGER:
        return str(_("Somebody not logged in"))
    return people.get(username) or username


def person_with_login(username: str, people: Mapping[str, str]) -> str:
    """Return a person as `person` does, with the user name behind it."""
    name = person(username, people)
    return name if username == STRANGER else with_code(username, name)


def init_app(app: Flask) -> None:
    """Make names with their codes available in templates."""
    app.jinja_env.globals["with_code"] = with_code
