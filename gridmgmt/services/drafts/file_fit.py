"""Notes on whether the areas of a file lie where stored areas lie."""

import shapely

from gridmgmt.domain.listing import listed
from gridmgmt.geometry.coverage.datum_fit import (
    outlines_elsewhere,
    overlap_as_is_and_moved,
    own_ground_as_is_and_moved,
)
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts.scope import Scope


def fit_notes(
    areas: LevelAreas,
    scope: Scope,
    base: dict[str, LevelAreas],
    state: dict[str, LevelAreas],
    *,
    has_datum: bool,
) -> list[str]:
    """Compare the areas of a file with those that are known; no notes if none are.

    Parameters
    ----------
    base, state : the areas of the base edition, and those of the draft until now
    has_datum : whether the file or a person stated the datum
    """
    known = _known_ground(areas.level, base, state)
    if known is None:
        return []
    notes = _elsewhere(areas, known) or _exchanged(areas, known)
    return notes if has_datum else notes + _datum_fit(areas, known, scope)


def _known_ground(
    level: str, base: dict[str, LevelAreas], state: dict[str, LevelAreas]
) -> LevelAreas | None:
    """Return areas to compare with, of the level itself or the nearest level with areas.

    Published areas are more reliable; in a first draft the other levels of the draft must do.
    """
    others = {name: found for name, found in state.items() if name != level}
    return _nearest(level, base, list(state)) or _nearest(level, others, list(state))


def _elsewhere(areas: LevelAreas, known: LevelAreas) -> list[str]:
    """Return a note if the box of a file does not even meet known areas: another city."""
    # Boxes are enough: this finds files of another city, not bad borders.
    if len(shapely.STRtree(known.geoms).query(areas.geoms)[0]):
        return []
    return [
        Sentence(
            "none of these areas lies where the stored areas of level {} "
            "lie: are file, layer and --crs correct?",
            known.level,
        )
    ]


def _exchanged(areas: LevelAreas, known: LevelAreas) -> list[str]:
    """Return a note on outlines that lie mostly outside the stored area of their own code."""
    found = outlines_elsewhere(areas, known) if known.level == areas.level else []
    if not found:
        return []
    places = [
        Sentence("the outline of {} lies in {}", code, there)
        if there is not None
        else Sentence("the outline of {} lies in no stored area", code)
        for code, there in found
    ]
    return [
        Sentence(
            "{} outline(s) lie mostly outside the stored area of the same code: {}",
            f"{len(found):,}",
            listed(places),
        )
    ]


def _datum_fit(areas: LevelAreas, known: LevelAreas, scope: Scope) -> list[str]:
    """Return a note on how well the file fits, as it is and as GCJ-02.

    This is for files in China without a stated datum. An import of some areas is compared only
    with the existing areas of the same codes: the rest of the level would make any overlap look
    small.
    """
    if scope.codes is not None:
        if known.level != areas.level:
            return []
        own = own_ground_as_is_and_moved(scope.areas, known)
        if own is None:
            return []
        return [
            Sentence(
                "of the ground of these areas, {} lies in the stored area of the same code as "
                "is, {} after GCJ-02 to WGS 84",
                f"{own[0]:.0%}",
                f"{own[1]:.0%}",
            )
        ]
    fit = overlap_as_is_and_moved(areas, known)
    if fit is None:
        return []
    as_is, moved = fit
    return [
        Sentence(
            "overlap with the {} level that is there (intersection over union): {} as is, "
            "{} after GCJ-02 to WGS 84",
            known.level,
            f"{as_is:.0%}",
            f"{moved:.0%}",
        )
    ]


def _nearest(level: str, state: dict[str, LevelAreas], order: list[str]) -> LevelAreas | None:
    """Return the level itself if it has areas, else the nearest above, then below."""
    here = order.index(level)
    names = [order[i] for i in (here, *reversed(range(here)), *range(here + 1, len(order)))]
    return next(
        (state[name] for name in names if name in state and len(state[name].codes)), None
    )
