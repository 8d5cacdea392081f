"""Who is at work in a draft, and where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Whereabouts:
    """What somebody looks at: the middle of the map, and the areas of a level they selected.

    ``at`` is longitude and latitude in degrees, None for nowhere in particular.
    """

    at: tuple[float, float] | None = None
    level: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Colleague:
    """Somebody at work in a draft, with the name of the account."""

    username: str
    name: str
    where: Whereabouts
