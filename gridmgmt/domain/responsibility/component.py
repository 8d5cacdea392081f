"""Components: fixed public objects in a register, with the units responsible for each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gridmgmt.domain.areas.surroundings import Surroundings

# 6 digits of the district, 2 of the major class, 2 of the minor class, a serial of 6.
_LAYOUT = re.compile(r"\d{6}(\d{4})\d{6}")

# The default largest distance of a case from its component.
COMPONENT_M = 15.0


class ComponentState(StrEnum):
    """The state of a component; only a removed one no longer exists.

    A lost component still has an owner who must replace it: the manhole is open where the cover
    was.
    """

    INTACT = "intact"
    DAMAGED = "damaged"
    LOST = "lost"
    ABANDONED = "abandoned"
    REMOVED = "removed"


@dataclass(frozen=True)
class Component:
    """A component; cases about it have categories with the same ``class_code``.

    Three units may be responsible: the owner (权属单位), the maintainer (养护单位) and the
    manager (主管部门). The code of a unit is that of a responder, or unknown to the program.
    """

    code: str
    class_code: str
    name: str | None = None
    owner_code: str | None = None
    owner_name: str | None = None
    maintainer_code: str | None = None
    maintainer_name: str | None = None
    manager_code: str | None = None
    manager_name: str | None = None
    state: ComponentState | None = None
    recorded_on: date | None = None
    changed_on: date | None = None

    @property
    def is_standing(self) -> bool:
        """Return whether cases can be about it."""
        return self.state is not ComponentState.REMOVED

    @property
    def units(self) -> tuple[str, ...]:
        """Return the codes of its units; the first known responder disposes of its cases."""
        codes = (self.owner_code, self.maintainer_code, self.manager_code)
        return tuple(code for code in codes if code is not None)


@dataclass(frozen=True)
class Tie:
    """The component of a case; there are several ``owners`` if nobody can tell which it is.

    ``component`` is None then. Without an owner, the component only appears in explanations.
    """

    component: str | None
    owners: tuple[str, ...]


class Register:
    """Who disposes of cases about each component; None if none of its units is known."""

    def __init__(self, owner_of: Mapping[str, str | None]) -> None:
        self._owner_of = owner_of

    def owner(self, code: str) -> str | None:
        """Return the responder who disposes of cases about a component."""
        return self._owner_of.get(code)

    def tie(self, surroundings: Surroundings) -> Tie | None:
        """Return the component of a case among those near it.

        Components that are at most ``apart_m`` farther away than the nearest are equally near.
        If they have different owners, none is chosen. Components without an owner do not count
        if another has one.

        Examples
        --------
        >>> register = Register({"C1": "S1", "C2": "S2"})
        >>> register.tie(Surroundings((), components=(("C1", 2.0), ("C2", 4.0)), apart_m=1.0))
        Tie(component='C1', owners=('S1',))
        >>> register.tie(Surroundings((), components=(("C1", 2.0), ("C2", 3.0)), apart_m=1.0))
        Tie(component=None, owners=('S1', 'S2'))
        """
        if not surroundings.components:
            return None
        nearest, nearest_m = surroundings.components[0]
        reach = round(nearest_m + surroundings.apart_m, 3)
        owner_of = {
            code: self.owner(code)
            for code, metres in surroundings.components
            if metres <= reach
        }
        owners = sorted({owner for owner in owner_of.values() if owner is not None})
        if not owners:
            return Tie(nearest, ())
        if len(owners) > 1:
            return Tie(None, tuple(owners))
        first = next(code for code, owner in owner_of.items() if owner is not None)
        return Tie(first, tuple(owners))


def class_digits(code: str) -> str | None:
    """Return the class in a code of 16 digits, or None for a code of another form.

    Examples
    --------
    >>> class_digits("3205080101000001"), class_digits("WC-17")
    ('0101', None)
    """
    found = _LAYOUT.fullmatch(code)
    return found[1] if found else None
