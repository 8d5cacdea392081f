"""What the map colours areas by beside their counts: shrunk rates, and cases per km²."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.indicators.density_classes import in_three
from gridmgmt.indicators.shrunk_rates import are_uncertain, shrunk_on_time_rates
from gridmgmt.services.situation.map_areas import map_areas
from gridmgmt.services.situation.map_figures import MapFigures


@dataclass(frozen=True, slots=True)
class AreaColours:
    """Columns in the order of the codes of `MapFigures`, and the breaks of their classes.

    ``shrunk_rate`` is the on-time rate drawn towards that of the parent, None where no case
    is due; ``is_uncertain`` whether the area's own cases leave its rate open;
    ``cases_per_km2`` counts the cases of the whole period. A value belongs to the class whose
    number is the count of breaks it has reached: two of those of `ShownClasses`, ``fixed`` None
    where nothing but the view can make them.
    """

    shrunk_rate: Sequence[float | None]
    is_uncertain: Sequence[bool]
    cases_per_km2: Sequence[float]
    fixed_breaks: Sequence[float] | None
    fitted_breaks: Sequence[float]

    @property
    def columns(self) -> Mapping[str, Sequence[float | None]]:
        """Return the columns by their names."""
        return {
            "shrunk_rate": self.shrunk_rate,
            "is_uncertain": [int(one) for one in self.is_uncertain],
            "cases_per_km2": self.cases_per_km2,
        }


def area_colours(
    conn: Connection, found: MapFigures, *, area: AreaKey | None = None
) -> AreaColours:
    """Compute what the areas of counted figures are coloured by.

    Siblings are the areas of the level that the account sees under one parent. Areas without
    a parent, such as the topmost, are siblings of each other: their rates are drawn towards
    that of the city. Breaks of density are those of all cases of the city, whoever asks.

    Parameters
    ----------
    area : the one area the account is limited to
    """
    areas = map_areas(conn, found.edition, area=area)
    rows = areas.by_level[found.level]
    parents = [rows[code].parent_code or "" for code in found.codes]
    _, groups = np.unique(np.array(parents, dtype=np.str_), return_inverse=True)
    counted = {name: np.array(column, np.int64) for name, column in found.columns.items()}
    due = counted["on_time"] + counted["late"] + counted["overdue"]
    rates = shrunk_on_time_rates(counted["on_time"], due, groups)
    per_km2 = counted["cases"] / areas.area_km2(found.level)
    fixed = found.classes.fixed
    return AreaColours(
        shrunk_rate=[None if np.isnan(one) else round(one, 4) for one in rates.tolist()],
        is_uncertain=are_uncertain(counted["on_time"], due).tolist(),
        cases_per_km2=[float(f"{one:.4g}") for one in per_km2.tolist()],
        fixed_breaks=None if fixed is None else in_three(fixed),
        fitted_breaks=in_three(found.classes.fitted),
    )
