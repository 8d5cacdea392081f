"""The roster: superiors and stations of responders."""

from collections.abc import Iterable, Mapping, Sequence

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind


class Roster:
    """All responders of a city, by superior and by station."""

    def __init__(self, responders: Iterable[Responder]) -> None:
        self._by_code = {responder.code: responder for responder in responders}
        self._superior_of = {code: r.superior_code for code, r in self._by_code.items()}
        self._by_station: dict[tuple[ResponderKind, AreaKey | None], list[str]] = {}
        for code, responder in sorted(self._by_code.items()):
            station = _station(responder)
            self._by_station.setdefault((responder.kind, station), []).append(code)
        self._chiefs: dict[str, list[str]] = {}

    def stations(self) -> set[AreaKey]:
        """Return the areas in which responders are stationed."""
        return {area for _, area in self._by_station if area is not None}

    def stationed(self, kind: ResponderKind, areas: Sequence[AreaKey]) -> tuple[str, ...]:
        """Return those of a kind in the first area that has any, ascending."""
        for area in areas:
            found = self._by_station.get((kind, area))
            if found:
                return tuple(found)
        return ()

    def everywhere(self, kind: ResponderKind) -> tuple[str, ...]:
        """Return those of a kind that are stationed in no area, ascending."""
        return tuple(self._by_station.get((kind, None), ()))

    def chain(self, nearest: Iterable[str], areas: Sequence[AreaKey]) -> tuple[str, ...]:
        """Return the chain of overseers, each followed by the street chiefs above, none twice.

        Parameters
        ----------
        nearest : those with a duty to oversee, the nearest first; if there are none, the chain
            begins with the street chiefs stationed in the areas
        areas : (level, code), the deepest first
        """
        begin = list(nearest) or [
            code
            for area in areas
            for code in self._by_station.get((ResponderKind.STREET_CHIEF, area), ())
        ]
        chain: dict[str, None] = {}
        for code in begin:
            chain[code] = None
            chain.update(dict.fromkeys(self._chiefs_above(code)))
        return tuple(chain)

    def _chiefs_above(self, code: str) -> list[str]:
        found = self._chiefs.get(code)
        if found is None:
            path = superiors(code, self._superior_of)
            chief = ResponderKind.STREET_CHIEF
            found = self._chiefs[code] = [c for c in path if self._by_code[c].kind is chief]
        return found


def superiors(code: str, superior_of: Mapping[str, str | None]) -> list[str]:
    """Return the superiors of ``code`` up to the top, an unknown code or a repeated one.

    Examples
    --------
    >>> superiors("road", {"road": "street", "street": "head", "head": None})
    ['street', 'head']
    """
    path: list[str] = []
    above = superior_of.get(code)
    while above is not None and above in superior_of and above not in path:
        path.append(above)
        above = superior_of[above]
    return path


def cycles(superior_of: Mapping[str, str | None]) -> list[list[str]]:
    """Find cycles of responders who are their own superiors, each cycle once.

    Returns
    -------
    cycles, each beginning with its smallest code; ascending

    Examples
    --------
    >>> cycles({"a": "b", "b": "c", "c": "a", "d": "a"})
    [['a', 'b', 'c']]
    """
    rings = []
    for code in superior_of:
        path = superiors(code, superior_of)
        if code in path and code == min(path):
            rings.append([code, *path[:-1]])
    return sorted(rings)


def _station(responder: Responder) -> AreaKey | None:
    if responder.area_level is None or responder.area_code is None:
        return None
    return responder.area_level, responder.area_code
