"""The values from which a person chooses cases: classes, responders, channels."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.responsibility.responder_lists import responder_choices
from gridmgmt.services.responsibility.responder_search import written
from gridmgmt.store.cases.case_counts import list_channels

# More channels than this are no list to tick: somebody wrote texts there.
MOST_CHANNELS = 30


@dataclass(frozen=True, slots=True)
class CaseChoices:
    """What can be chosen; ``major_classes`` are 大类, in order of their names."""

    categories: Sequence[Category]
    major_classes: Sequence[str]
    responders: Sequence[Responder]
    channels: Sequence[str]

    def category_name(self, code: str) -> str:
        """Return the name of a category, or its code if it is unknown."""
        return next((one.name for one in self.categories if one.code == code), code)

    def responder_name(self, code: str) -> str:
        """Return the name of a responder, or the code if it is unknown."""
        return next((one.name for one in self.responders if one.code == code), code)

    def written(self, code: str | None) -> str:
        """Return a responder as a field shows it, the code if it is unknown, empty for None."""
        return next((written(one) for one in self.responders if one.code == code), code or "")


def case_choices(
    conn: Connection, *, within: AreaKey | None, case_scope: CaseScope
) -> CaseChoices:
    """Return what an account can choose from.

    Parameters
    ----------
    within : the one area the account is limited to
    case_scope : which cases the account may see
    """
    categories = tuple(directory(conn).categories.values())
    return CaseChoices(
        categories=categories,
        major_classes=sorted({one.major_class for one in categories if one.major_class}),
        responders=responder_choices(conn, within=within, case_scope=case_scope),
        channels=list_channels(conn, most=MOST_CHANNELS),
    )
