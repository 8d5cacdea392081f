import numpy as np
import shapely

from gridmgmt.arrays import FloatArray
from gridmgmt.geometry.drawing.density import DensityFrame
from gridmgmt.geometry.drawing.raster import Raster

CITY = shapely.box(120.0, 30.0, 120.1, 30.1)
STREET = shapely.Polygon([(120.02, 30.03), (120.051, 30.03), (120.07, 30.06), (120.03, 30.055)])


def whole() -> Raster:
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(120.0, 120.1, 500), rng.uniform(30.0, 30.1, 500)
    return DensityFrame(CITY, 300.0).density(lon, lat)


def by_place(raster: Raster, values: FloatArray) -> dict[tuple[int, int], float]:
    lon, lat = raster.middles()
    places = zip((lon * 1e7).round().ravel(), (lat * 1e7).round().ravel(), strict=True)
    return dict(zip(places, values.ravel().tolist(), strict=True))


def test_a_part_has_the_same_values_at_the_same_places_and_no_others() -> None:
    city = whole()
    part = city.clipped(STREET)
    assert part is not None
    everywhere, here = by_place(city, city.values), by_place(part, part.values)
    lon, lat = city.middles()
    inside = shapely.contains_xy(STREET, lon, lat)
    known = {place: value for place, value in here.items() if not np.isnan(value)}
    assert len(known) == inside.sum() > 50
    assert all(everywhere[place] == value for place, value in known.items())
    assert part.values.size < city.values.size / 2


def test_a_part_is_known_two_pixels_beyond_its_outline_and_no_farther() -> None:
    part = whole().clipped(STREET)
    assert part is not None
    lon, lat = part.middles()
    width = (part.east - part.west) / part.wide.shape[1]
    apart = shapely.distance(STREET, shapely.points(lon, lat)) / width
    assert np.isfinite(part.wide[apart < 2]).all()
    assert np.isnan(part.wide[apart > 5]).all()


def test_a_part_smaller_than_a_pixel_is_known_around_it() -> None:
    part = whole().clipped(shapely.box(120.05, 30.05, 120.0501, 30.0501))
    assert part is not None
    assert np.isfinite(part.wide).all()
    assert part.wide.shape in {(5, 5), (5, 6), (6, 5), (6, 6)}


def test_an_outline_elsewhere_has_no_part_and_one_across_the_edge_has_what_is_inside() -> None:
    city = whole()
    assert city.clipped(shapely.box(121.0, 30.0, 121.1, 30.1)) is None
    across = city.clipped(shapely.box(120.05, 30.0, 121.0, 31.0))
    assert across is not None
    assert across.east == city.east
