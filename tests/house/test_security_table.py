"""docs/security.md names every requirement once, and only files there are."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
# Number and level of each, as OWASP's own list of version 5.0.0 has them.
LEVELS = (ROOT / "tests" / "house" / "asvs_5_0_0_levels.txt").read_text("ascii")
ASKED = dict(line.split() for line in LEVELS.splitlines())
STATES = {"held", "partly", "**no**", "operator", "n/a"}


def rows() -> list[list[str]]:
    """The cells of every row that begins with a requirement."""
    lines = [line for line in PAGE.split("\n") if line.startswith("| V")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_requirement_of_levels_1_and_2_stands_in_one_row() -> None:
    named = Counter(number for row in rows() for number in row[0].split())
    assert sorted(ASKED.keys() - named.keys()) == []
    assert sorted(named.keys() - ASKED.keys()) == []
    assert [number for number, times in named.items() if times > 1] == []


def test_every_row_has_its_levels_and_a_state() -> None:
    for numbers, levels, short, state, by, _more in rows():
        assert levels == ", ".join(sorted({ASKED[number] for number in numbers.split()}))
        assert state in STATES, numbers
        assert short, numbers
        assert by, numbers


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`((?:tests|deploy|web|gridmgmt)/[\w/.-]+)`", PAGE))
    assert len(named) > 60
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_what_is_held_is_held_by_something() -> None:
    without = [
        row[0]
        for row in rows()
        if row[3] == "held"
        and not re.search(r"`tests/|ruff|README|there are none|none", row[4])
    ]
    assert without == []


def test_the_counts_are_those_of_the_rows() -> None:
    counted: dict[str, Counter[str]] = {state: Counter() for state in STATES}
    for row in rows():
        counted[row[3]].update(ASKED[number] for number in row[0].split())
    told = re.findall(
        r"^\| (held|partly|\*\*no\*\*|operator|n/a) \| (\d+) \| (\d+) \|$", PAGE, re.M
    )
    assert {state: (int(one), int(two)) for state, one, two in told} == {
        state: (found["1"], found["2"]) for state, found in counted.items()
    }
