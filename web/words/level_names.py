"""Names of the levels in the language of a request, and links to their areas."""

from collections.abc import Mapping

from flask import Flask, g
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.attributes import GAPS, AreaAttribute, told
from gridmgmt.services.judging.directory import directory
from gridmgmt.store.areas.attributes import declared_attributes
from web.app.transaction import connection
from web.door.access import current_account
from web.words.languages import language


def level_names() -> dict[str, str]:
    """Return the levels with their names, from the topmost down."""
    if "level_names" not in g:
        chinese = language() == "zh"
        g.level_names = {
            one.name: one.name_zh if chinese else one.name_en
            for one in directory(connection()).levels
        }
    names: dict[str, str] = g.level_names
    return names


def level_name(level: str) -> str:
    """Return the name of a level, or its own word if the level does not exist any more."""
    return level_names().get(level, level)


def declared(level: str) -> dict[str, AreaAttribute]:
    """Return the attributes of a level by name, in their order."""
    if "attributes" not in g:
        g.attributes = declared_attributes(connection())
    found: dict[str, AreaAttribute] = g.attributes.get(level, {})
    return found


def attribute_name(name: str, level: str) -> str:
    """Return the heading of an attribute of a level, or its name if it is not declared."""
    if name == GAPS:
        return str(_("Allowed gaps"))
    found = declared(level).get(name)
    if found is None:
        return name
    heading: str = found.name_zh if language() == "zh" else found.name_en
    return heading


def attribute_items(
    values: Mapping[str, str | float], level: str
) -> list[tuple[str, str | float]]:
    """Return attributes with their values in the order in which they are declared."""
    order = [*declared(level)]
    last = len(order)
    return sorted(
        values.items(), key=lambda one: order.index(one[0]) if one[0] in order else last
    )


def attribute_value(value: str | float | None, name: str = "") -> str:
    """Return a value of an attribute as text; "–" for none."""
    return "–" if value is None else told(name, value)


def may_reach(level: str, code: str) -> bool:
    """Return whether a list may link to an area: the account may not open areas above its own.

    Areas below are assumed to be in the account's area, since lists have no others.
    """
    found = current_account()
    if found is None or not found.may(Permission.SEE_AREAS):
        return False
    if found.area is None:
        return True
    names = list(level_names())
    own_level, own_code = found.area
    if level == own_level or not {level, own_level} <= set(names):
        return (level, code) == (own_level, own_code)
    return names.index(level) > names.index(own_level)


def init_app(app: Flask) -> None:
    """Make the names of levels available in templates."""
    app.jinja_env.filters["level_name"] = level_name
    app.jinja_env.filters["attribute_name"] = attribute_name
    app.jinja_env.filters["attribute_value"] = attribute_value
    app.jinja_env.filters["attribute_items"] = attribute_items
    app.jinja_env.globals.update(level_names=level_names, may_reach=may_reach)
