"""Which cases somebody may see."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sight:
    """A limit on cases; what is None limits nothing, and both limits hold together.

    ``leaves`` are pairs of an edition and a code of its leaf level: a case without an area lies
    in none of them. ``responder_code`` lets only that responder's own cases through.

    Examples
    --------
    >>> EVERYTHING.is_limited, NOTHING.is_limited, NOTHING.leaves
    (False, True, ())
    """

    leaves: tuple[tuple[int, str], ...] | None = None
    responder_code: str | None = None

    @property
    def is_limited(self) -> bool:
        """Tell whether there are cases out of sight."""
        return self.leaves is not None or self.responder_code is not None


EVERYTHING = Sight()
NOTHING = Sight(leaves=())
