"""New codes of areas: counted on within their parent, never one that is or was in use."""

import re
from collections.abc import Collection

from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# What stands between the code of the parent and a number, if anything does.
_NUMBERED = re.compile(r"([-_./]?)([0-9]+)")


def next_codes(
    level: str, parent: str | None, siblings: Collection[str], used: Collection[str], count: int
) -> list[str]:
    """Return the next codes within a parent, ascending.

    A code is that of the parent and a number of as many digits as its siblings have: the
    largest in use plus one and upwards, so no code of a retired area comes back (GB/T 30428.1:
    six digits of the district, three of the street, of the community and of the cell). Where
    the siblings have one of ``- _ . /`` before the number, so have the new codes; numbers after
    it without a leading zero are counted on without an end.

    Parameters
    ----------
    siblings : codes in the parent today; they say how many digits a number has
    used : codes in the parent that any edition or any draft has, retired ones too

    Raises
    ------
    InputError
        when the codes of the siblings are not made that way, or all numbers are used up

    Examples
    --------
    >>> next_codes("cell", "33010100100", {"33010100100009"}, {"33010100100012"}, 2)
    ['33010100100013', '33010100100014']
    >>> next_codes("cell", "WH-2", {"WH-2-9", "WH-2-1"}, set(), 1)
    ['WH-2-10']
    """
    between, digits = _form(level, parent, siblings)
    assert parent is not None
    forms = {code: _NUMBERED.fullmatch(code, len(parent)) for code in {*siblings, *used}}
    numbers = [
        int(form[2])
        for code, form in forms.items()
        if form is not None
        and code.startswith(parent)
        and form[1] == between
        and (digits is None or len(form[2]) == digits)
    ]
    last = max(numbers, default=0)
    if digits is not None and last + count >= 10**digits:
        raise InputError(
            field="codes",
            message=Sentence(
                "level {} has no new code left in {}: {} is the last; give codes of your own",
                level,
                parent,
                f"{parent}{between}{last:0{digits}d}",
            ),
        )
    return [
        f"{parent}{between}{number:0{digits or 1}d}"
        for number in range(last + 1, last + 1 + count)
    ]


def _form(level: str, parent: str | None, siblings: Collection[str]) -> tuple[str, int | None]:
    """Return what stands before the number, and its digits; None: as many as it needs."""
    if parent is not None:
        forms = [
            _NUMBERED.fullmatch(code, len(parent)) if code.startswith(parent) else None
            for code in siblings
        ]
        found = [(one[1], one[2]) for one in forms if one is not None]
        betweens = {between for between, _ in found}
        if len(found) == len(forms) and len(betweens) == 1:
            between = betweens.pop()
            if between and not any(number.startswith("0") for _, number in found):
                return between, None
            lengths = {len(number) for _, number in found}
            if len(lengths) == 1:
                return between, lengths.pop()
    raise InputError(
        field="codes",
        message=Sentence(
            "codes of level {} are not that of their parent and a number: give the new codes",
            level,
        ),
    )
