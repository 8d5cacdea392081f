"""Entries of the audit log, and the values before and after that each contains."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.moments import with_clock

# Fields whose values are not shown; only that they changed is shown.
PERSONAL = frozenset({"phone", "address", "description"})
# The field of what changed on the map, which has no value in the log.
SHAPE = "geometry"
# Actions that do not change the bureau's data: logins, logouts, and refusals.
OF_ACCESS = frozenset(
    {"log_in", "fail_login", "lock_login", "log_out", "refuse_action", "refuse_token"}
    | {"leave_out_entries"}
)
# The actor if nobody is logged in; the username of an account has no blanks.
STRANGER = "not logged in"
# Characters of the stored JSON that a page shows.
_MOST_RAW = 4_000
_PARTS = frozenset({"before", "after", "fields", "key", "record"})


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what, and when; ``detail`` has the values before and after."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A field that changed, or a fact; ``of`` names the object if there are several.

    ``before`` and ``after`` are None if there was no value, and both are None if they are
    personal data or a shape. A fact has only ``after``, and ``is_change`` is False. ``record``
    are the fields of an object without a code of its own, such as a duty: the one that changed,
    or the fact itself.
    """

    field: str
    before: str | None
    after: str | None
    of: str | None = None
    record: Mapping[str, Any] | None = None
    is_change: bool = True
    is_personal: bool = False


def told(detail: Mapping[str, Any], tz: tzinfo) -> list[Told]:
    """Return the detail of an entry as changed fields and facts, changes first.

    Empty facts, such as an empty list, are left out. Instants are shown on the clock in ``tz``.

    Examples
    --------
    >>> from datetime import UTC
    >>> detail = {"before": {"role": "a", "name": "x"}, "after": {"role": "b", "name": "x"}}
    >>> [(one.field, one.before, one.after) for one in told({**detail, "rows": 3}, UTC)]
    [('role', 'a', 'b'), ('rows', None, '3')]
    """
    return [_on_clock(one, tz) for one in _told(detail)]


def _on_clock(one: Told, tz: tzinfo) -> Told:
    before, after = (
        None if text is None else with_clock(text, tz) for text in (one.before, one.after)
    )
    return replace(one, before=before, after=after)


def _told(detail: Mapping[str, Any]) -> list[Told]:
    found = _changed(detail)
    for name, value in _placed(detail).items():
        if name in _PARTS and _is_pair(detail):
            continue
        if _are_pairs(value):
            found += [one for pair in value for one in _changed(pair)]
        elif _are_records(value):
            found += [
                Told(name, None, None, record=one["record"], is_change=False) for one in value
            ]
        elif value not in (None, "", [], {}):
            found.append(_fact(name, value))
    return found


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("before"), Mapping)
        and isinstance(value.get("after"), Mapping)
    )


def _are_pairs(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_pair(one) for one in value)


def _are_records(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, Mapping) and "record" in one for one in value)
    )


def _placed(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return fields with an area as level and code in one, as accounts state theirs."""
    if not {"area", "level"} <= fields.keys():
        return fields
    rest = {name: value for name, value in fields.items() if name != "level"}
    if isinstance(fields["area"], str):
        rest["area"] = [fields["level"], fields["area"]]
    return rest


def areas_named(entry: AuditEntry) -> set[AreaKey]:
    """Return the areas that an entry may name, in its subject or anywhere in its detail.

    Examples
    --------
    >>> at = datetime.fromisoformat("2026-05-04T08:00:00+08:00")
    >>> told = {"after": {"area": ["street", "A"]}, "added": [{"level": "cell", "area": "A1"}]}
    >>> sorted(areas_named(AuditEntry(1, at, "li", "read_personal", "cell B2", told)))
    [('cell', 'A1'), ('cell', 'B2'), ('street', 'A')]
    """
    level, _, code = entry.subject.partition(" ")
    return {(level, code), *_areas_in(entry.detail)}


def _areas_in(value: Any) -> Iterator[AreaKey]:
    if isinstance(value, Mapping):
        area = _placed(value).get("area")
        if isinstance(area, list) and len(area) == 2:
            yield str(area[0]), str(area[1])
        if "target_code" in value and value.get("level"):
            yield value["level"], value["target_code"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _areas_in(one)


def _changed(pair: Mapping[str, Any]) -> list[Told]:
    if not _is_pair(pair):
        return []
    before, after = _placed(pair["before"]), _placed(pair["after"])
    record = pair.get("record")
    of = pair.get("key") or pair.get("code") or after.get("code") or before.get("code")
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    # Fields that an import reports as changed, without their values, are personal.
    unsaid = [name for name in pair.get("fields", ()) if name not in {*before, *after}]
    return [
        Told(name, None, None, of=_of(of), record=record, is_personal=name != SHAPE)
        if name in PERSONAL or name in unsaid
        else Told(
            name,
            written(before.get(name)),
            written(after.get(name)),
            of=_of(of),
            record=record,
        )
        for name in [*names, *unsaid]
    ]


def _of(key: Any) -> str | None:
    return None if key is None else written(key)


def _fact(name: str, value: Any) -> Told:
    if name in PERSONAL:
        return Told(name, None, None, is_change=False, is_personal=True)
    return Told(name, None, written(value), is_change=False)


def raw(detail: Mapping[str, Any]) -> str:
    """Return the stored detail as JSON without personal data; of a long one the beginning."""
    text = json.dumps(_without_personal(detail), ensure_ascii=False, indent=2)
    return text if len(text) <= _MOST_RAW else f"{text[:_MOST_RAW]} …"


def written(value: Any) -> str | None:
    """Return a JSON value as text for people; None stays None.

    Examples
    --------
    >>> written(["district", "cell"]), written({"a": 1}), written(True), written(None)
    ('district, cell', '{"a": 1}', 'true', None)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return json.dumps(_without_personal(value), ensure_ascii=False)


def _without_personal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _without_personal(one) for name, one in value.items() if name not in PERSONAL
        }
    if isinstance(value, list):
        return [_without_personal(one) for one in value]
    return value
