import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.errors import InputError
from gridmgmt.services.responsibility.responder_search import matching, meant, written

KIND = ResponderKind.SQUAD
PEOPLE = {
    code: Responder(code, KIND, name)
    for code, name in {
        "S1": "青桥街道一中队",
        "S2": "青桥街道二中队",
        "S21": "白沙街道一中队",
        "W1": "Water Works",
        "W2": "Water Works",
        "X · 1": "A · S1",
        "青桥": "青桥公司",
        "D1": "水务局",
        "D2": "水务局二科",
    }.items()
}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("S2", "S2"),
        (" S2 ", "S2"),
        ("s21", "S21"),
        ("二中队", "S2"),
        ("青桥街道一中队", "S1"),
        ("白沙街道一中队 · S21", "S21"),
        ("白沙 一中队", "S21"),
        ("Water Works · W2", "W2"),
        # A whole name that is a part of another's.
        ("水务局", "D1"),
        # A code that is the beginning of names is that code.
        ("青桥", "青桥"),
        # A name with what stands between name and code.
        ("A · S1 · X · 1", "X · 1"),
        ("A · S1", "X · 1"),
        ("no such", None),
        ("", None),
        # The code of one beside the name of another is nobody.
        ("白沙街道一中队 · S2", None),
    ],
)
def test_a_typed_text_means_one_responder_or_none(typed: str, code: str | None) -> None:
    assert meant(PEOPLE, typed, field="responder") == code


@pytest.mark.parametrize("typed", ["一中队", "water works", "Water Works"])
def test_a_text_that_means_several_names_them(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        meant(PEOPLE, typed, field="responder")
    named = [one for one in PEOPLE.values() if typed.casefold() in one.name.casefold()]
    assert len(named) == 2
    assert all(written(one) in str(caught.value) for one in named)


def test_codes_are_offered_before_names() -> None:
    assert [one.code for one in matching(PEOPLE.values(), "青桥")] == ["青桥", "S1", "S2"]
    assert [one.code for one in matching(PEOPLE.values(), "s2")] == ["S2", "S21"]
    # Only the beginning of a code.
    assert [one.code for one in matching(PEOPLE.values(), "21")] == []
    # What was picked stands in the field, and is offered when somebody looks again.
    assert [one.code for one in matching(PEOPLE.values(), written(PEOPLE["S21"]))] == ["S21"]


names = st.text(st.sampled_from("青桥一中 ·S1"), min_size=1, max_size=8).map(str.strip)


@given(st.dictionaries(names.filter(bool), names.filter(bool), max_size=6))
def test_what_a_field_shows_is_read_as_the_same_responder(known: dict[str, str]) -> None:
    people = {code: Responder(code, KIND, name) for code, name in known.items()}
    for one in people.values():
        if written(one) not in people:
            shown = {code for code, other in people.items() if written(other) == written(one)}
            try:
                assert meant(people, written(one), field="x") in shown
            except InputError:
                assert len(shown) > 1
