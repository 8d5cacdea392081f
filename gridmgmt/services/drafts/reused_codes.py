"""Find codes of retired areas that a draft gives to other ground."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action
from gridmgmt.geometry.coverage.changes import LevelChanges
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence
from gridmgmt.store.areas.area_tree import ended_areas

# An area that comes back has at least this much of the ground of a version of it, as a share of
# the smaller of the two: its neighbours may have moved meanwhile.
_SAME_SHARE = 0.5


def reused_codes(
    conn: Connection, changes: Mapping[str, LevelChanges], base: int | None
) -> list[Problem]:
    """List the areas that a draft adds under the code of an area retired by its base.

    A code is given once: an area may come back under its own, no other area ever gets it, since
    duties, statistics and files of earlier years name it.
    """
    if base is None:
        return []
    return [one for found in changes.values() for one in _reused(conn, found, base)]


def _reused(conn: Connection, changes: LevelChanges, base: int) -> Iterable[Problem]:
    added = changes.codes_of(Action.ADD)
    ended = ended_areas(conn, base, changes.level, added)
    versions: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for code, geom in zip(ended.codes, ended.geoms, strict=True):
        versions[str(code)].append(geom)
    drawn = dict(zip(map(str, changes.codes), changes.geoms, strict=True))
    for code, known in versions.items():
        share = _shared(drawn[code], known)
        if share < _SAME_SHARE:
            yield Problem(
                ProblemKind.REUSED_CODE,
                Severity.ERROR,
                changes.level,
                (code,),
                None,
                None,
                drawn[code],
                Sentence(
                    "an earlier area had this code, and other ground: {} of the smaller of the"
                    " two is in both",
                    f"{share:.0%}",
                ),
            )


def _shared(drawn: shapely.Geometry, known: list[shapely.Geometry]) -> float:
    """Return the largest share of ground that an area has in common with one of some others."""
    drawn = shapely.make_valid(drawn)
    common_m2 = area_m2([shapely.intersection(drawn, one) for one in known])
    smaller_m2 = np.minimum(area_m2([drawn]), area_m2(known))
    return float((common_m2 / np.where(smaller_m2 > 0, smaller_m2, np.inf)).max())
