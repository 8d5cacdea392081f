import pytest

from gridmgmt.domain.areas.area import Level, ordered_levels
from gridmgmt.errors import InputError


def test_levels_are_numbered_from_the_topmost_down() -> None:
    given = [Level("bureau", 9, "局", "Bureau"), Level("division", 2, "区", "Division")]
    assert [(one.name, one.rank) for one in ordered_levels(given)] == [
        ("bureau", 0),
        ("division", 1),
    ]


def test_everything_wrong_with_a_list_of_levels_is_told_at_once() -> None:
    given = [
        Level("Street", 0, "街道", "Street"),
        Level("cell", 1, "单元网格", "Cell", code_pattern="[0-9"),
        Level("cell", 2, "单元网格", "Cell"),
    ]
    with pytest.raises(InputError) as caught:
        ordered_levels(given)
    for part in ("'Street' is not lower-case", "'[0-9'", "'cell' is named twice"):
        assert part in str(caught.value)


def test_no_level_at_all_is_no_tree() -> None:
    with pytest.raises(InputError, match="no level at all"):
        ordered_levels([])


@pytest.mark.parametrize("name", ["", "1st", "a b", "街道", "x" * 41, "cell;drop"])
def test_a_name_that_could_not_name_a_view_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is not lower-case"):
        ordered_levels([Level(name, 0, "级", "Level")])
