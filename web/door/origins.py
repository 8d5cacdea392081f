"""Which site a request is meant for, and from which site it was sent."""

from urllib.parse import urlsplit

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, Forbidden

from web.app.transaction import current_settings

# What asks from this machine itself, to see whether the pages are there.
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
# What browsers call a page of this site, and an address that a person typed or reloaded.
_OWN = frozenset({"same-origin", "none"})


def check_host() -> None:
    """Refuse a request for a host name that is none of ours, where the deployment lists them.

    Raises
    ------
    BadRequest
    """
    hosts = current_settings().hosts
    if hosts and _name(request.host) not in {*hosts, *_HERE}:
        raise BadRequest(_("There is no site of this name here."))


def check_origin() -> None:
    """Refuse what another site's page sends in a person's name.

    Browsers say where a request comes from: today's in ``Sec-Fetch-Site`` (over https, and on
    this machine), all of them in ``Origin``. A program says neither; the form's token is asked
    of everybody all the same.

    Raises
    ------
    Forbidden
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in _OWN:
        is_ours = False
    else:
        is_ours = origin is None or site == "same-origin" or _is_ours(origin)
    if not is_ours:
        raise Forbidden(_("Another site sent this. Open the page here and do it again."))


def _is_ours(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        ports = {"http": 80, "https": 443}
        own = urlsplit(f"{request.scheme}://{request.host}")
        theirs = (parts.scheme, parts.hostname, parts.port or ports.get(parts.scheme))
        return theirs == (own.scheme, own.hostname, own.port or ports.get(own.scheme))
    except ValueError:
        return False


def _name(host: str) -> str:
    """Return a host without its port, in small letters."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower().rstrip(".")
