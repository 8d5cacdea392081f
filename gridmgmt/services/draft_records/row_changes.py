"""Stored rows that a publication or a withdrawal changes, for people and the audit log."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from gridmgmt.domain.areas.draft_record import GEOMETRY, RecordKind, Row, differences
from gridmgmt.services.responsibility.named_categories import read_categories


class RowChange(NamedTuple):
    """A stored row that becomes another; None: there was, or will be, none."""

    kind: RecordKind
    name: str
    before: Row | None
    after: Row | None

    def shown(self) -> dict[str, Any]:
        """Return it as plain values: kind, name, whether it is new, and what differs.

        ``record`` has its columns without the geometry, as the audit log has them.
        """
        fields = differences(self.before, self.after)
        before, after = self.before or {}, self.after or {}
        return {
            "kind": self.kind.value,
            "name": self.name,
            "is_new": self.before is None,
            "record": self._record(),
            "fields": [
                [name, None, None]
                if name == GEOMETRY
                else [name, before.get(name), after.get(name)]
                for name in fields
            ],
        }

    def told(self) -> dict[str, Any]:
        """Return it as the audit log keeps changes, without the geometry."""
        fields = differences(self.before, self.after)
        shown = [name for name in fields if name != GEOMETRY]
        found: dict[str, Any] = {
            "noun": self.kind.value,
            "key": self.name,
            "record": self._record(),
        }
        if self.before is not None and self.after is not None:
            before, after = self.before, self.after
            found["fields"] = fields
            found["before"] = {name: before.get(name) for name in shown}
            found["after"] = {name: after.get(name) for name in shown}
        return found

    def _record(self) -> dict[str, Any]:
        row = {**(self.after or self.before or {})}
        row.pop(GEOMETRY, None)
        named = row.get("categories")
        if named is None:
            return row
        codes = read_categories(named)
        return {**row, "categories": None if codes is None else sorted(codes)}


def told_of(changes: Iterable[RowChange]) -> dict[str, list[dict[str, Any]]]:
    """Return changes as the audit log keeps them: those that are added, changed, taken back."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in changes:
        part = "added" if one.before is None else "changed"
        found.setdefault("taken_back" if one.after is None else part, []).append(one.told())
    return found
