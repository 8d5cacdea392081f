from gridmgmt.problem_groups import (
    EXAMPLES,
    MOST_KINDS,
    MOST_SHOWN,
    digest,
    group_problems,
    kind_of,
    single_problems,
)
from gridmgmt.sentence import Sentence, joined


def wrong(row: int, field: str, text: str) -> Sentence:
    fault = Sentence("{} is unknown; write one of {}", repr(text), "a, b")
    return Sentence("row {}: {}", row, Sentence("{}: {}", field, fault))


def test_problems_of_one_kind_differ_in_their_data_only() -> None:
    assert kind_of(wrong(2, "role", "x")) == kind_of(wrong(300, "role", "Y 1: z"))
    assert kind_of(wrong(2, "role", "x")) != kind_of(wrong(2, "mode", "x"))
    assert kind_of(Sentence("{} is empty", "lon")) != kind_of(Sentence("{} is empty", "lat"))


def test_a_stored_text_is_of_the_kind_of_its_sentence() -> None:
    told = wrong(7, "role", "boss")
    assert kind_of(str.__str__(told).replace("a, b", "'a', 'b'")).startswith(
        "row …: role: … is unknown; write one of "
    )


def test_every_problem_is_counted_once_and_the_most_frequent_come_first() -> None:
    problems = [wrong(n, "role", f"x{n}") for n in range(2)]
    problems += [wrong(n, "mode", "x") for n in range(752)]
    groups = group_problems(problems)
    assert [(one.count, one.more) for one in groups] == [(752, 752 - EXAMPLES), (2, 0)]
    assert groups[0].examples == tuple(problems[2 : 2 + EXAMPLES])
    assert group_problems([]) == []


def test_a_long_list_has_examples_of_each_kind_and_says_where_all_are() -> None:
    problems = [wrong(n, "mode", "x") for n in range(752)]
    assert digest(problems, "f.csv") == [
        *problems[:EXAMPLES],
        "… and 749 more; all in f.csv",
    ]
    assert digest(problems[:MOST_SHOWN], "f.csv") == problems[:MOST_SHOWN]


def test_a_list_of_many_kinds_ends_too() -> None:
    several = [Sentence(f"kind {'i' * n} of {{}}", n) for n in range(MOST_KINDS + 5)]
    assert digest(several, "f.csv") == several
    lines = digest([*several, *several[:1] * EXAMPLES], "f.csv")
    assert len(lines) == EXAMPLES + 1 + (MOST_KINDS - 1) + 1
    assert lines[-1] == "… and 5 of 5 other kinds more; all in f.csv"
    assert digest([*several, *several[:1] * 9])[-1] == "… and 5 of 5 other kinds more"


def test_a_reason_of_several_problems_is_taken_apart() -> None:
    first, second = Sentence("{} is empty", "lon"), Sentence("{}: {}", "due_at", "no; date")
    third = Sentence("{} is empty", "lat")
    nested = joined("; ", [first, joined("; ", [second, third])])
    assert single_problems(nested) == [first, second, third]
    assert single_problems("a; b") == ["a; b"]
