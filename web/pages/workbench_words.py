"""Texts of the workbench's scripts, in the language of a request."""

from flask_babel import gettext as _

from web.pages.base_map import words


def workbench_words() -> dict[str, str]:
    """Return all texts of the workbench's scripts; placeholders are like ``%(name)s``."""
    return {
        **words(),
        "zoom_in_to_edit": _("Zoom in to see borders as they are and to edit them."),
    }
