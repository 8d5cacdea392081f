"""The list of headings: every name means one field, in every noun and language."""

import pytest

from gridmgmt.domain.columns import _reading
from gridmgmt.domain.headings import HEADINGS, SHEETS, names_of


@pytest.mark.parametrize("noun", HEADINGS)
def test_no_name_means_two_fields(noun: str) -> None:
    """A column of an export that no import stores must not be read as another field either."""
    fields = {}
    for field in HEADINGS[noun]:
        for name in names_of(noun, field):
            assert fields.setdefault(_reading(name), field) == field, name


@pytest.mark.parametrize("noun", HEADINGS)
def test_every_field_is_called_something_in_both_languages(noun: str) -> None:
    for heading in HEADINGS[noun].values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in heading.zh)
        assert heading.en.strip()
        assert heading.en.isprintable()
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in heading.en)


def test_every_noun_has_a_sheet_whose_name_a_workbook_takes() -> None:
    # The others are only read.
    assert set(SHEETS) == set(HEADINGS) - {"positions", "attributes"}
    for said in SHEETS.values():
        for name in said.both:
            assert 0 < len(name) <= 31
            assert not set(name) & set("[]:*?/\\")
