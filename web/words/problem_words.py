"""Names of the problems of areas and what to do, in the language of a request."""

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, amount_text
from web.words.languages import NOTHING

_SHOWN_CODES = 4

KINDS: dict[ProblemKind, LazyString] = {
    ProblemKind.DUPLICATE_CODE: _l("Code given twice"),
    ProblemKind.REUSED_CODE: _l("Code of a retired area"),
    ProblemKind.EMPTY_GEOMETRY: _l("No outline"),
    ProblemKind.INVALID_RING: _l("Outline crosses itself"),
    ProblemKind.MISSING_PARENT: _l("No such area above"),
    ProblemKind.OVERLAP: _l("Overlap"),
    ProblemKind.OUTSIDE_PARENT: _l("Outside the area above"),
    ProblemKind.MISSING_CELL: _l("Area missing"),
    ProblemKind.GAP: _l("Gap"),
    ProblemKind.PINHOLE: _l("Pinhole"),
    ProblemKind.ENCLAVE: _l("Ground of nobody inside"),
    ProblemKind.SLIVER: _l("Sliver"),
    ProblemKind.MALFORMED_CODE: _l("Unusual code"),
    ProblemKind.UNUSUAL_SIZE: _l("Unusual size"),
}
REMEDIES: dict[ProblemKind, LazyString] = {
    ProblemKind.DUPLICATE_CODE: _l(
        "Give each its own code, or dissolve the parts of one area."
    ),
    ProblemKind.REUSED_CODE: _l("Give this area a code that no area ever had."),
    ProblemKind.EMPTY_GEOMETRY: _l("Draw the area or remove the feature."),
    ProblemKind.INVALID_RING: _l("Correct the outline there."),
    ProblemKind.MISSING_PARENT: _l("Name a parent that exists, or add the parent."),
    ProblemKind.OVERLAP: _l("Give the shared ground to one of them."),
    ProblemKind.OUTSIDE_PARENT: _l("Cut the area back, or move the parent's border."),
    ProblemKind.MISSING_CELL: _l(
        "Draw the missing area, move a neighbour's border to fill it, or have the gap allowed."
    ),
    ProblemKind.GAP: _l(
        "Move a neighbour's border to fill it, or have it allowed if it is meant to be there."
    ),
    ProblemKind.PINHOLE: _l("Fill it from the area with the longest border."),
    ProblemKind.ENCLAVE: _l(
        "Draw an area there, or have it allowed if the ground belongs to somebody else."
    ),
    ProblemKind.SLIVER: _l("Merge it into a neighbour unless it is meant."),
    ProblemKind.MALFORMED_CODE: _l("Correct the code, or the level's pattern."),
    ProblemKind.UNUSUAL_SIZE: _l(
        "Split or merge where that is not meant, or set the level's size."
    ),
}


def kind_of(problem: Problem) -> str:
    """Return the name of the problem."""
    return str(KINDS[problem.kind])


def remedy_of(problem: Problem) -> str:
    """Return what to do about the problem."""
    return str(REMEDIES[problem.kind])


def amount_of(problem: Problem) -> str:
    """Return the amount of the problem, or a dash if it has no measure."""
    return NOTHING if problem.amount is None else amount_text(problem.amount, problem.unit)


def shown_codes(problem: Problem) -> tuple[str, ...]:
    """Return the first codes of the problem, as many as a table has room for."""
    return problem.codes[:_SHOWN_CODES]


def subject_of(problem: Problem) -> str:
    """Return the areas of the problem; for ground without an area, the parent."""
    some = shown_codes(problem)
    shown = ", ".join(code or NOTHING for code in some)
    shown += " …" if len(some) < len(problem.codes) else ""
    if problem.names_parents:
        return str(_("in %(codes)s", codes=shown))
    return shown
