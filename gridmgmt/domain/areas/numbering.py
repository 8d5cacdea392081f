"""New codes of areas: counted on within their parent, never one that is or was in use."""

from collections.abc import Collection

from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence


def next_codes(
    level: str, parent: str | None, siblings: Collection[str], used: Collection[str], count: int
) -> list[str]:
    """Return the next codes within a parent, ascending.

    A code is that of the parent and a number of as many digits as its siblings have: the
    largest in use plus one and upwards, so no code of a retired area comes back (GB/T 30428.1:
    six digits of the district, three of the street, of the community and of the cell).

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
    """
    digits = _digits(level, parent, siblings)
    assert parent is not None
    numbers = [
        int(code[len(parent) :])
        for code in {*siblings, *used}
        if len(code) == len(parent) + digits and _is_numbered(code, parent)
    ]
    last = max(numbers, default=0)
    if last + count >= 10**digits:
        raise InputError(
            field="codes",
            message=Sentence(
                "level {} has no new code left in {}: {} is the last; give codes of your own",
                level,
                parent,
                f"{parent}{last:0{digits}d}",
            ),
        )
    return [f"{parent}{number:0{digits}d}" for number in range(last + 1, last + 1 + count)]


def _digits(level: str, parent: str | None, siblings: Collection[str]) -> int:
    if parent is not None:
        lengths = {len(code) - len(parent) for code in siblings if _is_numbered(code, parent)}
        if len(lengths) == 1 and all(_is_numbered(code, parent) for code in siblings):
            return lengths.pop()
    raise InputError(
        field="codes",
        message=Sentence(
            "codes of level {} are not that of their parent and a number: give the new codes",
            level,
        ),
    )


def _is_numbered(code: str, parent: str) -> bool:
    rest = code[len(parent) :]
    return code.startswith(parent) and rest.isascii() and rest.isdigit()
