"""Where the next page of a list begins, as an address carries it: ``rank:code``."""

from flask_babel import gettext as _

from gridmgmt.errors import InputError
from web.app.params import Args

KEY = "after"


def written(key: tuple[int, str] | None) -> str | None:
    """Write the key of a page."""
    return None if key is None else f"{key[0]}:{key[1]}"


def page_key(args: Args) -> tuple[int, str] | None:
    """Read ``after``; None when there is none.

    Raises
    ------
    InputError
        when it is no key of a page
    """
    given = args.get(KEY)
    if not given:
        return None
    rank, colon, code = given.partition(":")
    if not (colon and rank.isascii() and rank.isdigit() and len(rank) < 5):
        message = _("the address is incomplete; open the list again")
        raise InputError(field=KEY, message=message)
    return int(rank), code
