"""The table of components."""

import sqlalchemy as sa

from gridmgmt.domain.responsibility.component import ComponentState
from gridmgmt.store.schema.columns import (
    LONLAT,
    code,
    geom,
    geom_index,
    metadata,
    one_of,
    text,
)

components = sa.Table(
    "components",
    metadata,
    code("code"),
    code("class_code"),
    text("name", nullable=True),
    code("owner_code", nullable=True),
    text("owner_name", nullable=True),
    code("maintainer_code", nullable=True),
    text("maintainer_name", nullable=True),
    code("manager_code", nullable=True),
    text("manager_name", nullable=True),
    text("state", nullable=True),
    sa.Column("recorded_on", sa.Date, comment="ORDate"),
    sa.Column("changed_on", sa.Date, comment="CHDate"),
    geom("POINT", comment=LONLAT),
    sa.PrimaryKeyConstraint("code"),
    one_of("state", ComponentState),
    # Serves a page of one class in its order.
    sa.Index("ix__components__class_code_code", "class_code", "code"),
    geom_index("components"),
    comment="Fixed public objects with the units that answer for them; units need not be known",
)
