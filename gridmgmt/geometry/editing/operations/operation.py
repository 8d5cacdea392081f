"""What an operation is: what it is given, and what it does to a state.

An operation is a pure function of a state: the same arguments on the same state give the same
bytes, wherever they are applied again.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from gridmgmt.domain.areas.attributes import AreaAttribute
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.gap_keepers import with_keepers
from gridmgmt.geometry.editing.ground_edits import NewCodes
from gridmgmt.sentence import Sentence

# Longitude and latitude in degrees.
LonLat = tuple[float, float]


@dataclass(frozen=True)
class EditRules:
    """What operations need to know of the deployment.

    ``border_m`` is the largest distance between lines that are one border, ``attributes`` what
    areas of a level may have, by name.
    """

    border_m: float
    new_codes: NewCodes
    attributes: Mapping[str, Mapping[str, AreaAttribute]] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation(ABC):
    """Something that can be done to areas of a level; ``op`` is its name in files."""

    op: ClassVar[str]
    level: str

    def apply(self, state: EditState, rules: EditRules) -> EditState:
        """Return the state after it; whether its borders are sound is not looked at.

        Raises
        ------
        EditError
            when it is impossible, or there is no such level
        """
        if self.level not in state.levels:
            raise EditError(Sentence("there is no level {}", self.level))
        return with_keepers(state, self._applied(state, rules))

    @abstractmethod
    def _applied(self, state: EditState, rules: EditRules) -> EditState: ...
