"""Categories of cases: components and events, each of a code set."""

from dataclasses import dataclass
from enum import StrEnum


class CategoryClass(StrEnum):
    """Whether a category is about a fixed object or an occurrence."""

    COMPONENT = "component"
    EVENT = "event"


@dataclass(frozen=True)
class Category:
    """One category. ``mapped`` is False for a code that only came in with cases.

    Codes mean nothing without their ``code_set``: cities number the same classes differently.
    """

    code: str
    name: str
    code_set: str | None = None
    category_class: CategoryClass | None = None
    major_class: str | None = None
    minor_class: str | None = None
    time_limit: str | None = None
    mapped: bool = True
