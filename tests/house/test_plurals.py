"""A count of one reads well: words whose plural is no added s are not counted in front."""

import re
from pathlib import Path

GRIDMGMT = Path(__file__).parents[2] / "gridmgmt"
# Others are written like "area(s)".
COUNTED = re.compile(r"\{[^{}\"]*\} (vertices|duties|boundaries|categories|geometries)\b")
# Of a check that a programmer may see, and of a whole code set.
LEFT = {"geometry/locating/locator_index.py", "cli/responsibility/duty_audit.py"}


def test_the_pattern_finds_a_count() -> None:
    assert COUNTED.search('f"{len(found)} vertices lie near"')
    assert not COUNTED.search('f"vertices near others: {len(found)}"')


def test_no_count_stands_before_a_plural_that_one_does_not_have() -> None:
    found = [
        f"{path.relative_to(GRIDMGMT)}: {line.strip()}"
        for path in sorted(GRIDMGMT.rglob("*.py"))
        if path.relative_to(GRIDMGMT).as_posix() not in LEFT
        for line in path.read_text(encoding="utf-8").splitlines()
        if COUNTED.search(line)
    ]
    assert found == []
