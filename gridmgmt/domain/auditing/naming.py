"""Find which of the duties in a place are about a category, once for equal lists."""

CategoryList = frozenset[str] | None


class Naming:
    """Answers for lists of categories, of which most places have the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[CategoryList, ...], dict[str, tuple[int, ...]]] = {}

    def of(self, lists: tuple[CategoryList, ...], category: str) -> tuple[int, ...]:
        """Return the positions of the lists that name a category, then of those for all (None).

        Examples
        --------
        >>> Naming().of((None, frozenset({"E1"}), frozenset({"E2"})), "E1")
        (1, 0)
        """
        known = self._known.setdefault(lists, {})
        found = known.get(category)
        if found is None:
            naming = [nth for nth, some in enumerate(lists) if some and category in some]
            for_all = [nth for nth, some in enumerate(lists) if some is None]
            found = known[category] = (*naming, *for_all)
        return found
