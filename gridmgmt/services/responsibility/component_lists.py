"""Look up components: pages of the register, and one component with its units."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.responsibility.component import Component
from gridmgmt.errors import NotFoundError
from gridmgmt.geometry.coverage.changes import no_areas
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.areas.chosen_editions import edition_to_use
from gridmgmt.services.areas.scopes import area_scope
from gridmgmt.services.record_imports.shaped_records import Shaped
from gridmgmt.services.responsibility.component_classes import class_names
from gridmgmt.store.areas.area_tree import shapes_of
from gridmgmt.store.areas.areas import leaf_level, locate_point
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.component_pages import (
    ComponentFilter,
    component_page,
    count_meant,
)
from gridmgmt.store.responsibility.components import get_component
from gridmgmt.store.responsibility.responders import responder_names

PAGE_ROWS = 50


@dataclass(frozen=True)
class ComponentPage:
    """A page of the register.

    ``total`` is the number on all pages, ``classes`` are the numbers of each class. ``names``
    are those of classes, ``responders`` those of units that are responders.
    """

    rows: tuple[Component, ...]
    total: int
    classes: Mapping[str, int]
    names: Mapping[str, str]
    responders: Mapping[str, str]
    next_after: str | None


@dataclass(frozen=True)
class ComponentShown:
    """One component: the name of its class, and which of its units are responders.

    ``disposes`` is who gets cases about it; None if the duties of the place decide.
    """

    component: Shaped[Component]
    class_name: str | None
    responders: Mapping[str, str]
    disposes: str | None


def find_components(
    conn: Connection,
    wanted: ComponentFilter,
    *,
    within: AreaKey | None = None,
    after: str | None = None,
) -> ComponentPage:
    """Return a page of the components that match a filter, within an area."""
    ground = ComponentFilter(within=_shape(conn, within))
    wanted = replace(wanted, within=ground.within)
    found, _ = component_page(conn, wanted, after=after, limit=PAGE_ROWS + 1)
    page = found[:PAGE_ROWS]
    units = sorted({unit for one in page for unit in one.units})
    return ComponentPage(
        rows=tuple(page),
        total=sum(count_meant(conn, wanted).values()),
        # Without the filter: these numbers stand beside the choices that would replace it.
        classes=count_meant(conn, ground),
        names=class_names(list_categories(conn)),
        responders=responder_names(conn, units),
        next_after=page[-1].code if len(found) > len(page) else None,
    )


def list_page(
    conn: Connection, wanted: ComponentFilter, *, after: str | None, limit: int
) -> list[Shaped[Component]]:
    """Return some components with their points, by code."""
    found, geoms = component_page(conn, wanted, after=after, limit=limit)
    return [Shaped(one, geom) for one, geom in zip(found, geoms, strict=True)]


def show_component(
    conn: Connection, code: str, *, within: AreaKey | None = None
) -> ComponentShown:
    """Return one component.

    Raises
    ------
    NotFoundError
        when there is no such component, or it does not lie ``within``
    """
    found = get_component(conn, code)
    shape = _shape(conn, within)
    if found is None or not (shape is None or shape.intersects(found[1][0])):
        raise NotFoundError(kind="component", key=code)
    one, (point,) = found
    responders = responder_names(conn, one.units)
    disposes = next((unit for unit in one.units if unit in responders), None)
    return ComponentShown(
        component=Shaped(one, point),
        class_name=class_names(list_categories(conn)).get(one.class_code),
        responders=responders,
        # A lost cover still has an owner; only a removed component is out (DECISIONS 33).
        disposes=disposes if one.is_standing else None,
    )


def area_around(conn: Connection, point: BaseGeometry) -> LevelAreas:
    """Return the outline of the newest edition's area in which a component lies."""
    edition = newest_edition(conn)
    level = None if edition is None else leaf_level(conn, edition.number)
    if edition is None or level is None:
        return no_areas("")
    (lon, lat), *_ = point.coords
    number = edition.number
    found = locate_point(conn, lon, lat, edition=number, level=level, candidate_m=0, snap_m=0)
    codes = [] if found is None or found.code is None else [found.code]
    return shapes_of(conn, number, level, codes)


def _shape(conn: Connection, within: AreaKey | None) -> BaseGeometry | None:
    if within is None:
        return None
    edition = edition_to_use(conn, None, datetime.now(UTC)).number
    return area_scope(conn, edition, *within).shape
