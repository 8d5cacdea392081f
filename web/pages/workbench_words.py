"""Texts of the workbench's scripts, in the language of a request."""

from web.pages.base_map import words


def workbench_words() -> dict[str, str]:
    """Return all texts of the workbench's scripts."""
    return words()
