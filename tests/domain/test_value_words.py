"""The words of values: each means one value, and comes back as it."""

from enum import StrEnum

import pytest

from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.headings import LANGUAGES
from gridmgmt.domain.value_words import WORDS, OneOf, in_words, no_disposer


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


@pytest.mark.parametrize("reason", UnroutedReason)
def test_a_reason_never_stands_alone_where_a_disposer_belongs(reason: UnroutedReason) -> None:
    chinese, english = (no_disposer(reason, language) for language in ("zh", "en"))
    assert chinese.startswith("尚无主办单位（")
    assert english.startswith("Nobody yet (")
    assert chinese.count("无主办单位") == 1, "not said twice"


def test_who_returned_a_case_is_named_for_that_reason_only() -> None:
    assert no_disposer(None, "zh", returned_by="一中队") == "尚无主办单位"
    returned = no_disposer(UnroutedReason.BOUNCED, "zh", returned_by="一中队")
    assert returned == "尚无主办单位（一中队退单）"
    assert "一中队" not in no_disposer(UnroutedReason.UNLOCATED, "zh", returned_by="一中队")
