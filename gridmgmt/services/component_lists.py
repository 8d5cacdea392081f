"""The register of components as people look it up: pages of it, one with its units."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.component import Component
from gridmgmt.errors import NotFoundError
from gridmgmt.services.component_classes import class_names
from gridmgmt.services.records import Shaped
from gridmgmt.store.categories import list_categories
from gridmgmt.store.component_pages import ComponentFilter, component_page, count_meant
from gridmgmt.store.components import count_components, get_component
from gridmgmt.store.responders import responder_names

PAGE_ROWS = 50


@dataclass(frozen=True)
class ComponentPage:
    """A page of the register.

    ``total`` counts those of all pages, ``classes`` all there are of each class; ``names`` are
    those of classes, ``responders`` those of the units that are responders.
    """

    rows: tuple[Component, ...]
    total: int
    classes: Mapping[str, int]
    names: Mapping[str, str]
    responders: Mapping[str, str]
    next_after: str | None


@dataclass(frozen=True)
class ComponentShown:
    """One component: what its class is called, and which of its units are responders.

    ``disposes`` is who has cases about it; None where they go on by the duties of the place.
    """

    component: Shaped[Component]
    class_name: str | None
    responders: Mapping[str, str]
    disposes: str | None


def find_components(
    conn: Connection, wanted: ComponentFilter, *, after: str | None = None
) -> ComponentPage:
    """List a page of the components that are meant."""
    found, _ = component_page(conn, wanted, after=after, limit=PAGE_ROWS + 1)
    page = found[:PAGE_ROWS]
    units = sorted({unit for one in page for unit in one.units})
    return ComponentPage(
        rows=tuple(page),
        total=count_meant(conn, wanted),
        classes=count_components(conn),
        names=class_names(list_categories(conn)),
        responders=responder_names(conn, units),
        next_after=page[-1].code if len(found) > len(page) else None,
    )


def list_page(
    conn: Connection, wanted: ComponentFilter, *, after: str | None, limit: int
) -> list[Shaped[Component]]:
    """List some components with their points, by code."""
    found, geoms = component_page(conn, wanted, after=after, limit=limit)
    return [Shaped(one, geom) for one, geom in zip(found, geoms, strict=True)]


def show_component(conn: Connection, code: str) -> ComponentShown:
    """Show one component.

    Raises
    ------
    NotFoundError
        when there is none of this code
    """
    found = get_component(conn, code)
    if found is None:
        raise NotFoundError(kind="component", key=code)
    one, (point,) = found
    responders = responder_names(conn, one.units)
    disposes = next((unit for unit in one.units if unit in responders), None)
    return ComponentShown(
        component=Shaped(one, point),
        class_name=class_names(list_categories(conn)).get(one.class_code),
        responders=responders,
        disposes=disposes if one.is_standing else None,
    )
