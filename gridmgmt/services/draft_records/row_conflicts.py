"""Find rows that a draft states and others have changed outside it meanwhile."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.audit import AuditEntry
from gridmgmt.domain.areas.draft_record import (
    GEOMETRY,
    DraftRecord,
    RecordKind,
    Row,
    differences,
    title_of,
)
from gridmgmt.domain.moments import shown
from gridmgmt.sentence import Sentence, joined
from gridmgmt.services.draft_records.kinds import STORES
from gridmgmt.services.responsibility.named_categories import written_categories
from gridmgmt.store.accounts.audit import newest_entries

# Who may change rows outside a draft, by the action of the audit log.
_CHANGING = {
    RecordKind.DUTY: ("import_duty", "change_duties"),
    RecordKind.GROUP_MEMBER: ("import_group",),
    RecordKind.ROAD_SEGMENT: ("import_road_segment",),
    RecordKind.ZONE: ("import_zone",),
}
_WITH_EDITIONS = ("publish_edition", "withdraw_edition")
_BY = {
    "change_duties": Sentence("page of duties"),
    "publish_edition": Sentence("publication of another draft"),
    "withdraw_edition": Sentence("withdrawal of an edition"),
    **dict.fromkeys(
        ("import_duty", "import_group", "import_road_segment", "import_zone"),
        Sentence("import"),
    ),
}
# What people call the columns that may differ between rows of one key.
_COLUMNS = {
    "categories": Sentence("the list of categories"),
    "kind": Sentence("the kind"),
    "name": Sentence("the name"),
    "tolerance_m": Sentence("the tolerance in metres"),
    "valid_from": Sentence("the first day"),
    "valid_to": Sentence("the last day"),
}


class RowConflict(NamedTuple):
    """A row that a draft states as ``mine`` and that is ``theirs`` now, not ``mine.before``."""

    mine: DraftRecord
    theirs: Row | None


def sentences_of(
    conn: Connection, conflicts: Iterable[RowConflict], tz: tzinfo
) -> list[Sentence]:
    """Return each conflict as a sentence: the row, who changed it, when, and what three say."""
    entries: dict[RecordKind, list[AuditEntry]] = {}
    told: list[Sentence] = []
    for one in conflicts:
        kind = one.mine.kind
        if kind not in entries:
            entries[kind] = newest_entries(conn, (*_CHANGING[kind], *_WITH_EDITIONS))
        told.append(_sentence(one, _changed_by(one, entries[kind]), tz))
    return told


def _sentence(conflict: RowConflict, entry: AuditEntry | None, tz: tzinfo) -> Sentence:
    mine, theirs = conflict
    told = joined("; ", [*_sides(mine.before, theirs, mine.after)])
    title = title_of(mine.after, STORES[mine.kind].key_columns)
    if entry is None:
        return Sentence(
            "{} {}: changed outside the draft since edit {}: {}",
            mine.kind.said,
            title,
            mine.edit,
            told,
        )
    return Sentence(
        "{} {}: changed by {} ({}) on {}, since edit {} of the draft: {}",
        mine.kind.said,
        title,
        entry.actor,
        _BY[entry.action],
        shown(entry.at, tz),
        mine.edit,
        told,
    )


def _sides(base: Row | None, theirs: Row | None, mine: Row) -> Iterator[Sentence]:
    if base is None:
        yield Sentence("it was not there before")
    if theirs is None:
        yield Sentence("it is not there any more")
        return
    for name in differences(base or mine, theirs):
        if name == GEOMETRY:
            yield Sentence("another geometry")
            continue
        yield Sentence(
            "{} was {}, is {} now, the draft states {}",
            _COLUMNS.get(name, name),
            _said(base, name),
            _said(theirs, name),
            _said(mine, name),
        )


def _said(row: Row | None, name: str) -> str:
    value = None if row is None else row.get(name)
    return "–" if value is None else repr(value)


def _changed_by(conflict: RowConflict, entries: Iterable[AuditEntry]) -> AuditEntry | None:
    """Return the first of some entries of the audit log that names the row."""
    kind = conflict.mine.kind
    row = conflict.theirs or conflict.mine.before or {}
    wanted = {name: row.get(name) for name in STORES[kind].key_columns}
    return next((one for one in entries if _names(one.detail, kind, wanted)), None)


def _names(detail: Mapping[str, Any], kind: RecordKind, wanted: Row) -> bool:
    listed = [one for one in _records(detail) if one.get("noun", kind) == kind]
    if any(_is_of(one, wanted) for one in listed):
        return True
    # An import counts the rows that are new and does not list them.
    return isinstance(detail.get("added"), int) and detail["added"] > 0


def _records(detail: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for name in ("changed", "added", "taken_back"):
        listed = detail.get(name)
        yield from (
            (one for one in listed if isinstance(one, Mapping))
            if isinstance(listed, list)
            else ()
        )


def _is_of(told: Mapping[str, Any], wanted: Row) -> bool:
    record = told.get("record") or {}
    if not record:
        return told.get("key") == " ".join(filter(None, wanted.values()))
    return all(_plain(name, record.get(name)) == value for name, value in wanted.items())


def _plain(name: str, value: Any) -> str | None:
    if name == "categories":
        return written_categories(value)
    return None if value is None else str(value)
