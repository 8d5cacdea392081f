"""Those who answer: squads, street chiefs, grid members, departments, companies, offices."""

from dataclasses import dataclass
from enum import StrEnum


class ResponderKind(StrEnum):
    """What a responder is.

    The street office answers where nobody else does (territorial fallback), the district
    centre decides what is left after that (forced adjudication).
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

    ``area_level`` and ``area_code`` name the area it is stationed in, where there is one.
    """

    code: str
    kind: ResponderKind
    name: str
    phone: str | None = None
    superior_code: str | None = None
    area_level: str | None = None
    area_code: str | None = None
