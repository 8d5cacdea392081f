"""What the levels of the area tree are called in the language of a request."""

from flask import Flask, g

from gridmgmt.store.levels import list_levels
from web.languages import language
from web.transaction import connection


def level_names() -> dict[str, str]:
    """Return level -> its name, from the topmost down."""
    if "level_names" not in g:
        chinese = language() == "zh"
        g.level_names = {
            one.name: one.name_zh if chinese else one.name_en
            for one in list_levels(connection())
        }
    names: dict[str, str] = g.level_names
    return names


def level_name(level: str) -> str:
    """Return what a level is called; its own word where it is not known (any more)."""
    return level_names().get(level, level)


def init_app(app: Flask) -> None:
    """Let templates name levels."""
    app.jinja_env.filters["level_name"] = level_name
    app.jinja_env.globals["level_names"] = level_names
