"""Check which host a request is for, and which site it comes from."""

from urllib.parse import urlsplit

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, Forbidden

from web.app.transaction import current_settings

# Hosts that checks on this machine use to see whether the pages answer.
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
# What browsers send for a page of this site, and for a URL that a person typed or reloaded.
_OWN = frozenset({"same-origin", "none"})


def check_host() -> None:
    """Raise BadRequest for a host name that is not ours, if the deployment lists them.

    Raises
    ------
    BadRequest
    """
    hosts = current_settings().hosts
    if hosts and _name(request.host) not in {*hosts, *_HERE}:
        raise BadRequest(_("There is no site of this name here."))


def check_origin() -> None:
    """Raise Forbidden for a request that another site's page sends in a person's name.

    Browsers state where a request comes from: new ones in ``Sec-Fetch-Site`` (over https, and
    on this machine), all of them in ``Origin``. A program sends neither. Everybody needs the
    form's token in any case.

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
    """Return a host without its port, in lower case."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower().rstrip(".")
