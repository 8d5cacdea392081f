"""Responders: squads, street chiefs, grid members, departments, companies, offices."""

from dataclasses import dataclass
from enum import StrEnum


class ResponderKind(StrEnum):
    """The kinds of responders.

    The street office answers if nobody else does (territorial fallback). The district centre
    decides what is left after that (forced adjudication).
    """

    SQUAD = "squad"
    STREET_CHIEF = "street_chief"
    GRID_MEMBER = "grid_member"
    DEPARTMENT = "department"
    COMPANY = "company"
    STREET_OFFICE = "street_office"
    DISTRICT_CENTRE = "district_centre"


@dataclass(frozen=True)
class Responder:
    """A person or body that disposes of, assists with or oversees cases.

    ``area_level`` and ``area_code`` are the area in which it is stationed, if any.
    """

    code: str
    kind: ResponderKind
    name: str
    phone: str | None = None
    superior_code: str | None = None
    area_level: str | None = None
    area_code: str | None = None

    @property
    def is_person(self) -> bool:
        """Return whether it is one person, whose name is personal data, and no body."""
        return self.kind in (ResponderKind.STREET_CHIEF, ResponderKind.GRID_MEMBER)
