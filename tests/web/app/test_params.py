from collections.abc import Callable

import pytest
from werkzeug.datastructures import MultiDict

from gridmgmt.errors import InputError
from web.app import params


@pytest.mark.parametrize("text", ["1_20.105", "nan", "inf", "1e400", "１２", "12,5"])
def test_a_number_in_an_address_has_digits_and_one_point(text: str) -> None:
    with pytest.raises(InputError, match="is not a number"):
        params.decimal(MultiDict({"lon": text}), "lon")


def test_numbers_in_an_address_are_read() -> None:
    args = MultiDict({"lon": " 120.105 ", "lat": "3e1"})
    assert params.decimal(args, "lon") == 120.105
    assert params.decimal(args, "lat") == 30
    assert params.decimal(args, "other") is None


@pytest.mark.parametrize("text", ["maybe", "2", "nein"])
def test_a_box_that_is_neither_ticked_nor_empty_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not yes or no"):
        params.flag(MultiDict({"unlocated": text}), "unlocated")


def test_ticked_boxes_are_read_in_every_word_for_yes() -> None:
    for text in ("1", "on", "yes", "true"):
        assert params.flag(MultiDict({"unlocated": text}), "unlocated")
    for text in ("", "0", "no"):
        assert not params.flag(MultiDict({"unlocated": text}), "unlocated")


@pytest.mark.parametrize("read", [params.text, params.whole, params.decimal])
def test_a_parameter_with_two_values_is_refused(
    read: Callable[[params.Args, str], object],
) -> None:
    with pytest.raises(InputError, match="both given"):
        read(MultiDict([("edition", "1"), ("edition", "2")]), "edition")
    assert read(MultiDict([("edition", ""), ("edition", "2"), ("edition", "2")]), "edition")
