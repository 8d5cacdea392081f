"""Names of the levels in the language of a request, and links to their areas."""

from collections.abc import Callable, Iterable, Mapping

from flask import Flask, g
from flask_babel import gettext as _

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.attributes import GAPS, AreaAttribute, AttributeChange, told
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
    place = _place_in(level)
    return sorted(values.items(), key=lambda one: place(one[0]))


def in_declared_order(changes: Iterable[AttributeChange], level: str) -> list[AttributeChange]:
    """Return what changed of the attributes of an area in the order of their declarations."""
    place = _place_in(level)
    return sorted(changes, key=lambda one: place(one.name))


def _place_in(level: str) -> Callable[[str], int]:
    """Return what gives the place of an attribute among those of a level; others come last."""
    order = {name: place for place, name in enumerate(declared(level))}
    return lambda name: order.get(name, len(order))


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
    app.jinja_env.filters["in_declared_order"] = in_declared_order
    app.jinja_env.globals.update(level_names=level_names, may_reach=may_reach)
