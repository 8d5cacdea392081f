"""Things that tests need in the database, with honest defaults: plain functions."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from shapely.geometry import mapping
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.geometry.coverage.changes import difference, no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.drafts import drafts
from gridmgmt.services.judging.case_leaves import CaseLeaves
from gridmgmt.store.areas.areas import areas_in, close_areas, open_areas
from gridmgmt.store.areas.drafts import replace_changes
from gridmgmt.store.areas.editions import newest_edition, open_edition
from gridmgmt.store.schema import responders
from tests.streets import SOUTH, STEP, WEST, make_level, square, two_streets

__all__ = [
    "SOUTH",
    "STEP",
    "WEST",
    "make_draft",
    "make_edition",
    "make_level",
    "make_responder",
    "square",
    "two_streets",
    "write_areas",
]


def make_edition(
    conn: Connection,
    levels: Mapping[str, LevelAreas],
    *,
    effective_from: datetime | None = None,
    label: str = "an edition",
    tolerance_m2: float = 1.0,
) -> int:
    """Publish exactly these areas, unchecked, and return the number of the edition.

    The first takes effect on 1 January 2026, each further one a day after the one before.
    """
    before = newest_edition(conn)
    if effective_from is None and before is not None:
        effective_from = before.effective_from + timedelta(days=1)
    effective_from = effective_from or datetime(2026, 1, 1, tzinfo=UTC)
    standing = areas_in(conn, None if before is None else before.number)
    number = open_edition(conn, label, effective_from, tolerance_m2, "a test")
    for level in {**standing, **levels}:
        nothing = no_areas(level)
        now = levels.get(level, nothing)
        changed = difference(standing.get(level, nothing), now)
        ended = changed.codes_of(Action.ALTER, Action.DROP)
        close_areas(conn, number, [(level, code) for code in ended])
        open_areas(conn, number, pick(now, changed.codes))
    CaseLeaves(conn, JudgingRules(ZoneInfo("UTC"))).complete(number)
    return number


def make_responder(
    conn: Connection,
    code: str,
    *,
    kind: ResponderKind = ResponderKind.SQUAD,
    name: str | None = None,
    phone: str | None = None,
    superior_code: str | None = None,
    area: tuple[str, str] | None = None,
) -> str:
    """Store a responder, by default a squad called by its code, and return the code."""
    level, area_code = area or (None, None)
    conn.execute(
        responders.insert().values(
            code=code,
            kind=kind,
            name=name or code,
            phone=phone,
            superior_code=superior_code,
            area_level=level,
            area_code=area_code,
        )
    )
    return code


def write_areas(path: Path, areas: LevelAreas) -> Path:
    """Write areas as GeoJSON with the fields code, name and parent."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name, "parent": parent},
            "geometry": None if geom is None else mapping(geom),
        }
        for code, name, parent, geom in zip(
            areas.codes, areas.names, areas.parent_codes, areas.geoms, strict=True
        )
    ]
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def make_draft(conn: Connection, label: str, levels: Iterable[LevelAreas]) -> str:
    """Open a draft on the newest edition in which these levels are stated whole."""
    draft = drafts.create(conn, label, actor="a test")
    base = areas_in(conn, draft.base_edition)
    for level in levels:
        changed = difference(base.get(level.level, no_areas(level.level)), level)
        sources = [None] * len(changed)
        replace_changes(conn, draft.id, changed, sources, instead_of=None)
    return label
