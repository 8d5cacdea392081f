"""Notes on whether the areas of a file lie where stored areas lie."""

from dataclasses import dataclass

import shapely

from gridmgmt.domain.listing import listed
from gridmgmt.geometry.coverage.datum_fit import (
    DatumFit,
    outlines_elsewhere,
    overlap_fit,
    own_ground_fit,
)
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.crs.crs import WGS84, Datum
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts.scope import Scope


@dataclass(frozen=True)
class FileFit:
    """What a comparison with stored areas says about a file.

    ``elsewhere`` says that it all but coincides with them by another datum than it was taken
    by, and not by that one; ``settled`` is whether it coincides as it was taken.
    """

    notes: tuple[str, ...] = ()
    elsewhere: "OtherDatum | None" = None
    settled: bool = False


@dataclass(frozen=True)
class OtherDatum:
    """The datum by which a file fits stored areas, and a sentence that compares both."""

    label: str
    told: Sentence


def file_fit(
    areas: LevelAreas,
    scope: Scope,
    base: dict[str, LevelAreas],
    state: dict[str, LevelAreas],
    *,
    said: Datum | None,
) -> FileFit:
    """Compare the areas of a file with those that are known; nothing is said if none are.

    Parameters
    ----------
    base, state : the areas of the base edition, and those of the draft until now
    said : the datum that a person stated, None: that of the file
    """
    known = _known_ground(areas.level, base, state)
    if known is None:
        return FileFit()
    fit, told = _datum_fit(areas, known, scope, said)
    notes = _elsewhere(areas, known)
    # By the wrong datum all outlines lie elsewhere: then that alone is told.
    if not notes and not (fit is not None and fit.is_contradicted):
        notes = _exchanged(areas, known)
    if fit is None:
        return FileFit(tuple(notes))
    doubt = _doubt(fit, WGS84.label if said is None else said.label, known.level)
    if said is None:
        notes.append(told)
    elif fit.is_doubtful:
        notes.append(doubt)
    other = OtherDatum(fit.datum.label, doubt) if fit.is_contradicted else None
    return FileFit(tuple(notes), other, fit.is_settled)


def _doubt(fit: DatumFit, taken: str, level: str) -> Sentence:
    return Sentence(
        "taken as {} the file coincides with {} of the stored areas of level {}, taken as {} "
        "with {}",
        taken,
        f"{fit.taken:.0%}",
        level,
        fit.datum.label,
        f"{fit.other:.0%}",
    )


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


def _datum_fit(
    areas: LevelAreas, known: LevelAreas, scope: Scope, said: Datum | None
) -> tuple[DatumFit | None, str]:
    """Return how well a file in China fits, as it was taken and otherwise, and a note on it.

    An import of some areas is compared only with the existing areas of the same codes: the rest
    of the level would make any overlap look small.
    """
    if scope.codes is not None:
        if known.level != areas.level:
            return None, ""
        own = own_ground_fit(scope.areas, known, said)
        if own is None:
            return None, ""
        return own, Sentence(
            "of the ground of these areas, {} lies in the stored area of the same code as "
            "is, {} after GCJ-02 to WGS 84",
            f"{own.taken:.0%}",
            f"{own.other:.0%}",
        )
    fit = overlap_fit(areas, known, said)
    if fit is None:
        return None, ""
    return fit, Sentence(
        "overlap with the {} level that is there (intersection over union): {} as is, "
        "{} after GCJ-02 to WGS 84",
        known.level,
        f"{fit.taken:.0%}",
        f"{fit.other:.0%}",
    )


def _nearest(level: str, state: dict[str, LevelAreas], order: list[str]) -> LevelAreas | None:
    """Return the level itself if it has areas, else the nearest above, then below."""
    here = order.index(level)
    names = [order[i] for i in (here, *reversed(range(here)), *range(here + 1, len(order)))]
    return next(
        (state[name] for name in names if name in state and len(state[name].codes)), None
    )
