"""New codes count on from the largest in use, within their parent."""

import pytest

from gridmgmt.domain.areas.numbering import next_codes
from gridmgmt.errors import InputError

STREET = "330102001"


def test_codes_count_on_and_gaps_are_not_filled() -> None:
    siblings = {f"{STREET}001", f"{STREET}007"}
    assert next_codes("community", STREET, siblings, set(), 2) == [
        f"{STREET}008",
        f"{STREET}009",
    ]


def test_codes_in_use_elsewhere_count_too() -> None:
    # Cells of that street begin with it as well, and are longer.
    used = {f"{STREET}012", f"{STREET}001999", "330102002050"}
    assert next_codes("community", STREET, {f"{STREET}001"}, used, 1) == [f"{STREET}013"]


def test_the_last_number_is_given_and_none_after_it() -> None:
    siblings = {f"{STREET}998"}
    assert next_codes("community", STREET, siblings, set(), 1) == [f"{STREET}999"]
    with pytest.raises(InputError, match=f"{STREET}998 is the last"):
        next_codes("community", STREET, siblings, set(), 2)
    with pytest.raises(InputError, match=f"{STREET}005 is the last"):
        next_codes("community", STREET, {f"{STREET}005"}, set(), 1000)


def test_what_stands_before_the_number_of_siblings_stands_before_the_new_one() -> None:
    siblings = {"WH-2-1", "WH-2-9"}
    # WH-2-9-4 is a part of one of them, WH-29 another area of the street.
    used = {"WH-2-9-4", "WH-29", "WH-2_40"}
    assert next_codes("cell", "WH-2", siblings, used, 2) == ["WH-2-10", "WH-2-11"]
    assert next_codes("cell", "WH-2", siblings, {"WH-2-12"}, 1) == ["WH-2-13"]


def test_numbers_with_leading_zeros_keep_their_digits() -> None:
    assert next_codes("cell", "A", {"A.007"}, set(), 1) == ["A.008"]
    with pytest.raises(InputError, match=r"A\.98 is the last"):
        next_codes("cell", "A", {"A.09", "A.98"}, set(), 2)


@pytest.mark.parametrize(
    ("parent", "siblings"),
    [
        (None, {"1", "2"}),
        (STREET, set()),
        (STREET, {f"{STREET}001", f"{STREET}0002"}),
        (STREET, {f"{STREET}001", "A2"}),
        (STREET, {f"{STREET}０01"}),
        (STREET, {f"{STREET}-1", f"{STREET}_2"}),
        (STREET, {f"{STREET}-01", f"{STREET}-2"}),
    ],
)
def test_other_codes_have_to_be_given(parent: str | None, siblings: set[str]) -> None:
    with pytest.raises(InputError, match="give the new codes"):
        next_codes("community", parent, siblings, set(), 1)
