"""What a reviewer may write, and where an approval is asked for."""

import pytest

from gridmgmt.domain.areas.review import (
    BY_COMMAND,
    LONGEST_REMARK,
    ON_PAGES,
    Approval,
    Remark,
    ReviewRule,
)
from gridmgmt.errors import InputError


def test_every_rule_says_what_pages_and_commands_ask() -> None:
    asked = {rule: (ON_PAGES[rule], BY_COMMAND[rule]) for rule in ReviewRule}
    needed, of_submitted = Approval.NEEDED, Approval.IF_SUBMITTED
    assert asked == {
        ReviewRule.ALWAYS: (needed, needed),
        ReviewRule.PAGES: (needed, of_submitted),
        ReviewRule.NEVER: (of_submitted, of_submitted),
    }


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST_REMARK + 1), "a\0b"])
def test_a_remark_without_words_or_with_too_many_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Remark(text, "cell", "A1")
    assert Remark("x" * LONGEST_REMARK).level is None


@pytest.mark.parametrize("area", [("cell", None), (None, "A1")])
def test_an_area_needs_both_level_and_code(area: tuple[str | None, str | None]) -> None:
    with pytest.raises(InputError, match="level and its code"):
        Remark("x", *area)
