"""Read the register of components page by page, by code."""

from dataclasses import dataclass

import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.responsibility.component import Component
from gridmgmt.store.geometries import from_wkb, meets
from gridmgmt.store.responsibility.components import COLUMNS, from_row
from gridmgmt.store.schema import components

_UNITS = ("owner_code", "maintainer_code", "manager_code")


@dataclass(frozen=True)
class ComponentFilter:
    """A filter of components; a field that is None matches all.

    ``words`` is part of a name or the beginning of a code. ``unit`` is the owner, the
    maintainer or the manager. ``within`` is a shape (lon/lat) that covers the component.
    """

    class_code: str | None = None
    words: str | None = None
    unit: str | None = None
    within: BaseGeometry | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the SQL conditions on rows of ``components``."""
        found: list[sa.ColumnElement[bool]] = []
        if self.class_code is not None:
            found.append(components.c.class_code == self.class_code)
        if self.unit is not None:
            found.append(sa.or_(*(components.c[name] == self.unit for name in _UNITS)))
        if self.words is not None:
            found.append(
                sa.or_(
                    components.c.name.icontains(self.words, autoescape=True),
                    components.c.code.istartswith(self.words, autoescape=True),
                )
            )
        if self.within is not None:
            found.append(meets(components.c.geom, self.within))
        return found


def component_page(
    conn: Connection, wanted: ComponentFilter, *, after: str | None, limit: int
) -> tuple[list[Component], GeometryArray]:
    """Return the next components by code, and their points in the same order."""
    query = sa.select(*COLUMNS).where(*wanted.conditions())
    if after is not None:
        query = query.where(components.c.code > after)
    rows = conn.execute(query.order_by(components.c.code).limit(limit)).all()
    return [from_row(row) for row in rows], from_wkb([row.wkb for row in rows])


def count_meant(conn: Connection, wanted: ComponentFilter) -> dict[str, int]:
    """Count the components that match a filter, by class; classes ascending."""
    query = sa.select(components.c.class_code, sa.func.count()).where(*wanted.conditions())
    rows = conn.execute(query.group_by(components.c.class_code)).all()
    return dict(sorted((row[0], row[1]) for row in rows))
