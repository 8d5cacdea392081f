"""Areas by which cases are judged on trial, as if they were an edition; nothing is stored."""

from dataclasses import dataclass

from gridmgmt.geometry.locating.locator_index import Locator
from gridmgmt.services.judging.router import Router


@dataclass(frozen=True, eq=False)
class TrialEdition:
    """The leaf areas of a trial: where a case lies in them, and who answers for it there.

    They need not be a whole city: cases can be judged whose answer depends on no other area.
    """

    level: str
    locator: Locator
    router: Router
