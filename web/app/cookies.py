"""Names of the cookies."""

from gridmgmt.settings import Settings


def name(what: str, settings: Settings) -> str:
    """Return the name of a cookie.

    With https it begins with ``__Host-``. Browsers then accept it only over https, for this
    host and for every path, so that no neighbouring host name can set it.
    """
    prefix = "__Host-" if settings.https else ""
    return f"{prefix}gridmgmt_{what}"
