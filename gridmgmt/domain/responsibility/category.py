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
    ``class_code`` is the class of the components it is about, where several categories (the
    conditions under which a case is filed) share one.
    """

    code: str
    name: str
    code_set: str | None = None
    category_class: CategoryClass | None = None
    major_class: str | None = None
    minor_class: str | None = None
    time_limit: str | None = None
    mapped: bool = True
    class_code: str | None = None

    @property
    def component_class(self) -> str:
        """The class of the components it is about; its own code where none is stated.

        The digits of events and of components are two lists: those of events mean nothing here.
        """
        if self.category_class is CategoryClass.EVENT:
            return self.code
        return self.class_code or self.code
