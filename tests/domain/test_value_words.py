"""The words of values: each means one value, and comes back as it."""

from enum import StrEnum

import pytest

from gridmgmt.domain.headings import LANGUAGES
from gridmgmt.domain.value_words import WORDS, OneOf, in_words


@pytest.mark.parametrize("values", WORDS)
def test_every_value_has_words_that_come_back(values: type[StrEnum]) -> None:
    read = OneOf(values)
    assert set(WORDS[values]) == set(values)
    for member in values:
        assert read(member.value) is member
        for language in LANGUAGES:
            said = in_words(member, language)
            assert isinstance(said, str)
            assert read(said) is member
            assert read(said.upper()) is member
        assert all(read(other) is member for other in WORDS[values][member].others)


@pytest.mark.parametrize("values", WORDS)
def test_no_word_means_two_values(values: type[StrEnum]) -> None:
    meaning: dict[str, str] = {}
    for member, word in WORDS[values].items():
        for text in (member, word.zh, word.en, *word.others):
            assert meaning.setdefault(text.casefold(), member) == member


def test_yes_and_no_are_words_too() -> None:
    assert [in_words(True, "zh"), in_words(False, "en"), in_words(None, "zh")] == [
        "是",
        "no",
        None,
    ]
