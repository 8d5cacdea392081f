"""What our cookies are called."""

from gridmgmt.settings import Settings


def name(what: str, settings: Settings) -> str:
    """Return the name of a cookie.

    Under https it begins with ``__Host-``: browsers then take it only over https, for this
    host and for every path, so no neighbour of the host's name can plant one.
    """
    prefix = "__Host-" if settings.https else ""
    return f"{prefix}gridmgmt_{what}"
