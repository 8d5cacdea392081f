"""Find the responder that a person means by what they type: a code, a name or a part of it."""

from collections.abc import Iterable, Mapping

from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# So many are offered while somebody types, and named where several are meant.
MOST_OFFERED = 20
_BETWEEN = " · "


def written(responder: Responder) -> str:
    """Return a responder as fields show it, which `meant` reads again.

    Examples
    --------
    >>> from gridmgmt.domain.responsibility.responder import ResponderKind
    >>> written(Responder("S1", ResponderKind.SQUAD, "一中队"))
    '一中队 · S1'
    """
    if responder.name == responder.code:
        return responder.code
    return f"{responder.name}{_BETWEEN}{responder.code}"


def matching(responders: Iterable[Responder], words: str) -> list[Responder]:
    """Return the responders whose code begins with a text, or whose name has all its words.

    The one that ``written`` turns into the text is among them. Codes come first, then names
    that begin with the text, then all others; each by code. Upper and lower case are the same.
    An empty text matches all.
    """
    text = words.strip().casefold()
    parts = text.split()

    def rank(one: Responder) -> int | None:
        name = one.name.casefold()
        if one.code.casefold().startswith(text) or written(one).casefold() == text:
            return 0
        if name.startswith(text):
            return 1
        return 2 if all(part in name for part in parts) else None

    ranked = [(place, one) for one in responders if (place := rank(one)) is not None]
    return [one for _, one in sorted(ranked, key=lambda pair: (pair[0], pair[1].code))]


def meant(responders: Mapping[str, Responder], text: str, *, field: str) -> str | None:
    """Return the code of the responder that a text means, None if it means none.

    A text means the responder of this code, else the one that ``written`` turns into it, else
    the only one of this name, else the only one that `matching` finds.

    Raises
    ------
    InputError
        when the text means several; the message names them
    """
    typed = text.strip()
    if typed in responders:
        return typed
    found = [one for one in responders.values() if written(one) == typed]
    found = found or [one for one in responders.values() if one.name == typed]
    found = found or (matching(responders.values(), typed) if typed else [])
    if not found:
        return None
    if len(found) == 1:
        return found[0].code
    named = ", ".join(written(one) for one in found[:MOST_OFFERED])
    raise InputError(
        field=field,
        message=Sentence("{} means {} responders: {}", repr(typed), len(found), named)
        if len(found) <= MOST_OFFERED
        else Sentence(
            "{} means {} responders; type more of the name or the code", repr(typed), len(found)
        ),
    )
