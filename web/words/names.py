"""Names of codes in sentences."""

from flask_babel import gettext as _


def with_code(code: str, name: str | None) -> str:
    """Return a name with its code behind it; the code alone where it has no other name."""
    if name in (None, "", code):
        return code
    return str(_("%(name)s (%(code)s)", name=name, code=code))
