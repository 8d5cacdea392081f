"""Put together which gaps two sides allow in an area."""

import json
from collections.abc import Iterable
from dataclasses import asdict

import shapely
from shapely.geometry import shape

from gridmgmt.domain.areas.allowed_gaps import AllowedGap, gaps_of
from gridmgmt.domain.areas.attributes import Attributes
from gridmgmt.geometry.coverage.overlaps import DUST_M2
from gridmgmt.geometry.measure import area_m2
from gridmgmt.geometry.merging.divergence import Take


def gaps_together(
    base: Attributes, mine: Attributes, theirs: Attributes, take: Take | None
) -> tuple[list[AllowedGap], bool]:
    """Return the allowed gaps with the changes of both sides, and whether these collide.

    They do where both allowed or forbade the same ground, each differently: ``take`` says whose
    changes stand there, theirs if nothing is said. All other changes of both stand.
    """
    known = {_key(gap): gap for one in (base, mine, theirs) for gap in gaps_of(one)}
    had, my, their = ({_key(gap) for gap in gaps_of(one)} for one in (base, mine, theirs))
    by_me, by_them = my ^ had, their ^ had
    both = by_me & by_them
    grounds = {key: shape(known[key].geometry) for key in by_me | by_them}
    collided = [
        (one, other)
        for one in by_me
        for other in by_them
        if not {one, other} <= both and _share_ground(grounds[one], grounds[other])
    ]
    if take is Take.MINE:
        by_them -= {other for _, other in collided} - both
    else:
        by_me -= {one for one, _ in collided} - both
    together: Iterable[str] = had ^ (by_me | by_them)
    return [known[key] for key in sorted(together)], bool(collided)


def _key(gap: AllowedGap) -> str:
    return json.dumps(asdict(gap), ensure_ascii=False)


def _share_ground(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    return bool(area_m2([shapely.intersection(one, other)])[0] > DUST_M2)
