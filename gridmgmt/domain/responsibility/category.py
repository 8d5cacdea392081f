"""Categories of cases: components and events, each in a code set."""

from dataclasses import dataclass
from enum import StrEnum


class CategoryClass(StrEnum):
    """Whether a category is about a fixed object or an occurrence."""

    COMPONENT = "component"
    EVENT = "event"


@dataclass(frozen=True)
class Category:
    """A category. ``mapped`` is False for a code that is known only from cases.

    Codes mean nothing without their ``code_set``: cities number the same classes differently.
    ``class_code`` is the class of its components, if several categories (the filing conditions
    of cases) share one.
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
    def matrix_class(self) -> str:
        """Return the class whose column of the duty matrix it is in; "" without any class."""
        return self.major_class or self.category_class or ""

    @property
    def component_class(self) -> str:
        """Return the class of its components, or its own code if none is stated.

        The digits of events and of components are two different lists: those of events mean
        nothing here.
        """
        if self.category_class is CategoryClass.EVENT:
            return self.code
        return self.class_code or self.code
