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
