import numpy as np
import pyogrio

from gridmgmt.domain.responsibility.component import class_digits
from gridmgmt.sample import files
from gridmgmt.sample.city import City
from gridmgmt.sample.components import class_of
from gridmgmt.sample.plane import to_ground


def test_codes_are_of_16_digits_and_tell_the_class(full: City) -> None:
    found = full.components
    assert len(set(found.codes)) == len(found.codes) == full.plan.components
    assert [class_digits(code) for code in found.codes] == list(found.classes)


def test_most_cases_about_registered_classes_lie_near_one_of_their_class(full: City) -> None:
    found, cases = full.components, full.cases
    at = to_ground(np.column_stack([found.lon, found.lat]))
    reported = to_ground(np.column_stack([cases.lon, cases.lat]))
    kinds = np.array([class_of(code) or "" for code in cases.category], dtype=object)
    near = asked = 0
    for kind in set(found.classes):
        mine = reported[(kinds == kind) & np.isfinite(cases.lon)]
        away = mine[:, None] - at[found.classes == kind]
        near += int((np.hypot(away[..., 0], away[..., 1]).min(axis=1) <= 15).sum())
        asked += len(mine)
    assert asked > 3_000
    assert 0.4 < near / asked < 0.8


def test_the_register_is_a_shapefile_with_the_fields_of_the_standard(
    small: City, tmp_path
) -> None:
    files.write_city(small, tmp_path)
    read = pyogrio.read_dataframe(tmp_path / files.COMPONENTS)
    assert read["ObjID"].tolist() == small.components.codes.tolist()
    assert set(read["ObjState"]) <= {"完好", "破损", "丢失", "移除"}
    owned = read["DeptCode2"].fillna("").tolist()
    assert owned == small.components.owners.tolist()
    assert read["ObjName"].str.contains("合成").all()
