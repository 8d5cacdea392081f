"""Real broken layers fed to the imports of layers: a clear refusal, and nothing loaded."""

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.services.responsibility.demolitions import import_demolitions
from gridmgmt.services.responsibility.zones import import_zones
from gridmgmt.store.responsibility.demolitions import list_demolitions
from gridmgmt.store.responsibility.zones import list_zones
from tests.services.responsibility.test_demolitions import TODAY
from tests.shared import shared_data

BAD = [
    "03_chicago_wards_2003_duplicate_codes.geojson",
    "04_la_nc_2020_3d_z.geojson",
    "05_la_nc_2019_overlaps.geojson",
    "06_hangzhou_grids_raw_slivers.geojson",
    "07_shanghai_gbk_dbf_no_cpg",
    "09_shenzhen_districts_no_prj",
    "11_renshou_towns_split_key.geojson",
    "13_baltimore_parcels_null_geometry",
    "17_hangzhou_districts_gcj02.geojson",
]


@pytest.mark.parametrize("name", BAD)
def test_a_layer_without_the_fields_of_a_zone_names_those_it_has(conn, name):
    with pytest.raises(LayerError) as caught:
        import_zones(conn, shared_data(f"bad_inputs/{name}"), FileOptions(), actor="tester")
    assert name in str(caught.value)
    assert caught.value.remedy
    assert list_zones(conn)[0] == []


def test_repeated_codes_and_invalid_rings_are_all_reported_at_once(conn):
    path = shared_data("bad_inputs/03_chicago_wards_2003_duplicate_codes.geojson")
    with pytest.raises(LayerError) as caught:
        import_demolitions(
            conn, path, FileOptions(mapping={"code": "ward"}), today=TODAY, actor="tester"
        )
    assert "nothing was loaded" in str(caught.value)
    assert all(problem.startswith("feature ") for problem in caught.value.problems)
    assert any("the same demolition as feature" in one for one in caught.value.problems)
    assert list_demolitions(conn)[0] == []


def test_features_without_geometry_are_named(conn):
    path = shared_data("bad_inputs/13_baltimore_parcels_null_geometry")
    options = FileOptions(mapping={"code": "address"})
    with pytest.raises(LayerError) as caught:
        import_demolitions(conn, path, options, today=TODAY, actor="tester")
    for number in (1848, 1849, 1850):
        assert f"feature {number}: has no geometry" in caught.value.problems
    assert list_demolitions(conn)[0] == []
