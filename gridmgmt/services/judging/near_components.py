"""Find the components near cases: those of the right class, within reach."""

from collections.abc import Sequence

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.component import Register
from gridmgmt.geometry.locating.near_index import NearIndex
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.components import StandingComponents, standing_components


class NearComponents:
    """The standing components, indexed by class for finding them near cases.

    ``codes`` are ascending; ``register`` says who disposes of cases about each.
    """

    def __init__(self, standing: StandingComponents, categories: Sequence[Category]) -> None:
        self.codes = standing.codes.tolist()
        classes, kind = np.unique(standing.classes.astype(str), return_inverse=True)
        number = {str(one): i for i, one in enumerate(classes)}
        # Only through the class that a category states: a guessed one would give cases to a
        # wrong owner.
        self._kind_of = {
            one.code: number[one.component_class]
            for one in categories
            if one.component_class in number
        }
        self._kind = kind.astype(np.int64)
        points = np.atleast_1d(np.asarray(shapely.points(standing.lon, standing.lat), object))
        self._index = NearIndex(points)
        self.register = Register(dict(zip(self.codes, standing.owners.tolist(), strict=True)))

    @classmethod
    def load(cls, conn: Connection) -> "NearComponents":
        """Read the register, its responders and the component classes of all categories."""
        return cls(standing_components(conn), list_categories(conn))

    def kinds(self, categories: Sequence[str]) -> IntArray:
        """Return the class of components for each category, -1 for none."""
        return np.array([self._kind_of.get(code, -1) for code in categories], dtype=np.int64)

    def near(
        self, lon: FloatArray, lat: FloatArray, kinds: IntArray, component_m: float
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Find the components that each case may be about.

        Parameters
        ----------
        lon, lat : (n,) degrees, EPSG:4326; NaN is near nothing
        kinds : (n,) results of ``kinds``
        component_m : metres, inclusive

        Returns
        -------
        (m,) positions of cases, (m,) positions in ``codes``, (m,) metres: by case, the nearest
        first, of equals the smaller code
        """
        # Most categories are not about components, and the search is the expensive part.
        asking = np.flatnonzero(kinds >= 0)
        at, point, metres = self._index.near(lon[asking], lat[asking], component_m)
        case = asking[at]
        wanted = self._kind[point] == kinds[case]
        return case[wanted], point[wanted], metres[wanted]
