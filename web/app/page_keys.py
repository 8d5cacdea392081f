"""The key of the next page of a list in a URL: ``rank:code``."""

from flask_babel import gettext as _

from gridmgmt.errors import InputError
from web.app.params import Args

KEY = "after"


def written(key: tuple[int, str] | None) -> str | None:
    """Return the key of a page as text."""
    return None if key is None else f"{key[0]}:{key[1]}"


def page_key(args: Args) -> tuple[int, str] | None:
    """Return the parameter ``after``, or None if it is missing.

    Raises
    ------
    InputError
        when it is not the key of a page
    """
    given = args.get(KEY)
    if not given:
        return None
    rank, colon, code = given.partition(":")
    if not (colon and rank.isascii() and rank.isdigit() and len(rank) < 5):
        message = _("the address is incomplete; open the list again")
        raise InputError(field=KEY, message=message)
    return int(rank), code
