import copy
import json
import pickle

import pytest

from gridmgmt.errors import LayerError, NotFoundError
from gridmgmt.sentence import Sentence, joined

EMPTY = Sentence("{} is empty", "due_at")
IN_A_ROW = Sentence("row {}: {}", 3, EMPTY)


def test_a_sentence_is_its_english_text() -> None:
    assert IN_A_ROW == "row 3: due_at is empty"
    assert f"{IN_A_ROW!r} {IN_A_ROW}" == "'row 3: due_at is empty' row 3: due_at is empty"
    assert json.dumps([IN_A_ROW]) == '["row 3: due_at is empty"]'


@pytest.mark.parametrize(
    "kept",
    [
        str(IN_A_ROW),
        str(ValueError(IN_A_ROW)),
        copy.deepcopy(IN_A_ROW),
        pickle.loads(pickle.dumps(IN_A_ROW)),
        pickle.loads(pickle.dumps(ValueError(IN_A_ROW))).args[0],
    ],
)
def test_a_sentence_keeps_what_it_was_made_of(kept: object) -> None:
    assert isinstance(kept, Sentence)
    assert (kept.template, kept.facts) == ("row {}: {}", ("3", "due_at is empty"))
    inner = kept.facts[1]
    assert isinstance(inner, Sentence)
    assert (inner.template, inner.facts) == ("{} is empty", ("due_at",))


def test_an_error_that_is_a_fact_stays_a_sentence() -> None:
    told = Sentence("row {}: {}", 2, NotFoundError("case", "X"))
    assert isinstance(told.facts[1], Sentence)
    assert told == "row 2: there is no case 'X'"


def test_braces_of_facts_and_formats_of_templates_are_mere_text() -> None:
    assert Sentence("{} is not {0.__class__}", "{}") == "{} is not {0.__class__}"


def test_a_fact_too_many_or_too_few_is_a_fault() -> None:
    with pytest.raises(ValueError, match="zip"):
        Sentence("{} is empty")
    with pytest.raises(ValueError, match="zip"):
        Sentence("is empty", 1)


def test_joined_sentences_are_facts_of_one() -> None:
    assert joined("; ", []) == ""
    told = joined("; ", [EMPTY, IN_A_ROW])
    assert told == "; ".join([EMPTY, IN_A_ROW])
    assert told.facts == (EMPTY, IN_A_ROW)


def test_only_the_data_of_a_sentence_is_changed() -> None:
    error = LayerError("/a/b.csv", Sentence("has no layer {}", "/a/c"), problems=[EMPTY])
    told = str(error)
    assert isinstance(told, Sentence)
    bare = told.with_data(lambda fact: fact.rpartition("/")[2])
    assert bare == "b.csv: has no layer c\n  - due_at is empty"


def test_of_long_data_the_beginning_is_kept() -> None:
    outline = "POLYGON ((120.1 30.2, " + "120.1 30.2, " * 30_000
    told = Sentence("the outline {} of {} crosses itself", outline, "A1")
    assert len(told) < 400
    assert told.startswith("the outline POLYGON ((120.1 30.2, 120.1")
    assert f"… and {len(outline) - 200:,} more characters of A1 crosses itself" in told
    assert told.facts[0].template == "{} … and {} more characters"
    assert pickle.loads(pickle.dumps(told)) == told
    assert Sentence("{}", "x" * 2_000) == "x" * 2_000
    whole = joined("\n", [Sentence("row {} is empty", n) for n in range(1_000)])
    assert whole.endswith("row 999 is empty")
