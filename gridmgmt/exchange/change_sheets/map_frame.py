"""Where a map stands on a page, and what of the ground it shows."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray
from gridmgmt.exchange.change_sheets.change_sheet import Window
from gridmgmt.geometry.measure import metres_per_degree

# Fine enough for paper.
_SIMPLER_MM = 0.03


@dataclass(frozen=True)
class Frame:
    """Where a map stands on the page, in millimetres, and what it shows."""

    x: float
    y: float
    width: float
    window: Window

    @property
    def height(self) -> float:
        """Return how high the map is for its width."""
        width_m, height_m = _metres(self.window)
        return self.width * height_m / width_m

    @property
    def mm_per_m(self) -> float:
        """Return the scale."""
        return self.width / _metres(self.window)[0]

    def placed(self, geoms: GeometryArray) -> GeometryArray:
        """Return geometries in lon/lat on the page, cut off a little outside of the map."""
        west, _south, east, north = self.window
        scale_x = self.width / (east - west)
        scale_y = self.height / (north - self.window[1])

        def on_page(xy: FloatArray) -> FloatArray:
            return np.column_stack(
                [self.x + (xy[:, 0] - west) * scale_x, self.y + (north - xy[:, 1]) * scale_y]
            )

        drawn = shapely.transform(geoms, on_page)
        drawn = shapely.simplify(drawn, _SIMPLER_MM, preserve_topology=False)
        beyond = 2.0
        return np.atleast_1d(
            shapely.clip_by_rect(
                drawn,
                self.x - beyond,
                self.y - beyond,
                self.x + self.width + beyond,
                self.y + self.height + beyond,
            )
        )


def _metres(window: Window) -> tuple[float, float]:
    west, south, east, north = window
    m_lon, m_lat = metres_per_degree((south + north) / 2)
    return float((east - west) * m_lon), float((north - south) * m_lat)
