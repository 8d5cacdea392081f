"""Which cases are meant, as conditions of a statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gridmgmt.domain.case import CaseStatus
from gridmgmt.domain.sight import EVERYTHING, Sight
from gridmgmt.store.schema import cases


@dataclass(frozen=True)
class CaseFilter:
    """Which cases are meant; a filter that is None or False lets all pass.

    ``areas`` are pairs of an edition and a code of its leaf level.
    """

    status: CaseStatus | None = None
    responder_code: str | None = None
    unlocated: bool = False
    areas: Sequence[tuple[int, str]] | None = None
    sight: Sight = EVERYTHING

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """Yield what a row of ``cases`` must fulfil."""
        yield from in_sight(self.sight)
        if self.status is not None:
            yield cases.c.status == self.status
        if self.responder_code is not None:
            yield cases.c.responder_code == self.responder_code
        if self.unlocated:
            yield cases.c.area_code.is_(None)
        if self.areas is not None:
            yield _in_areas(self.areas)


def in_sight(sight: Sight) -> Iterator[sa.ColumnElement[bool]]:
    """Yield what a row of ``cases`` must fulfil to be seen."""
    if sight.leaves is not None:
        yield _in_areas(sight.leaves)
    if sight.responder_code is not None:
        yield cases.c.responder_code == sight.responder_code


def _in_areas(areas: Sequence[tuple[int, str]]) -> sa.ColumnElement[bool]:
    pairs = sa.func.unnest(
        sa.cast([edition for edition, _ in areas], ARRAY(sa.Integer)),
        sa.cast([code for _, code in areas], ARRAY(sa.Text)),
    ).table_valued(sa.column("edition", sa.Integer), sa.column("code", sa.Text))
    pairs = pairs.render_derived()
    there = sa.select(pairs.c.edition, pairs.c.code)
    return sa.tuple_(cases.c.edition, cases.c.area_code).in_(there)
