"""The form of a change of duties: what it holds, how it is read, and how it is filled in."""

from dataclasses import dataclass, replace
from datetime import date

from flask import request

from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.services.responsibility.duty_changes import DutyPlace, StatedChange
from gridmgmt.services.responsibility.duty_mends import Mend
from gridmgmt.services.responsibility.named_categories import written_categories
from gridmgmt.store.responsibility.categories import list_categories
from web.app import params
from web.app.transaction import connection

Args = params.Args

# The list to which a stored change leads back.
BACK = ("list", "matrix", "audit")


@dataclass(frozen=True)
class DutyForm:
    """What stands in the form; empty texts are empty fields.

    ``rivals`` are the numbers of the duties among which one chooses, ``ends`` those that end.
    ``offered`` are the places that can be chosen, written ``target:level:code`` or
    ``target:code``, ``places`` the chosen ones. ``with_new``: a new duty is stated.
    ``only_for`` limits the end to some categories.
    """

    rivals: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    day: str = ""
    with_new: bool = False
    offered: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    target: str = DutyTarget.AREA
    level: str = ""
    code: str = ""
    responder: str = ""
    role: str = DutyRole.DISPOSE
    for_all: bool = False
    categories: tuple[str, ...] = ()
    hours: str = ""
    valid_to: str = ""
    letter_no: str = ""
    only_for: tuple[str, ...] = ()
    why: str = ""
    back: str = "list"

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Return everything as fields of a form, as `read` reads them."""
        many = {
            "rival": map(str, self.rivals),
            "end": map(str, self.ends),
            "offer": self.offered,
            "place": self.places,
            "category": self.categories,
            "only_for": self.only_for,
        }
        single = {
            "day": self.day,
            "new": "1" if self.with_new else "",
            "target": self.target,
            "level": self.level,
            "code": self.code,
            "responder": self.responder,
            "role": self.role,
            "all": "1" if self.for_all else "",
            "hours": self.hours,
            "to": self.valid_to,
            "letter": self.letter_no,
            "why": self.why,
            "back": self.back,
        }
        pairs = [(name, value) for name, some in many.items() for value in some]
        return pairs + [(name, value) for name, value in single.items() if value]

    def stated(self) -> StatedChange:
        """Return the change that the form states."""
        cells: dict[str, str | None] = {}
        places: list[DutyPlace] = []
        if self.with_new:
            places = [place_of(text) for text in self.places]
            if not self.offered:
                # An area is of the level that has its code, unless a level is chosen.
                level = self.level or None if self.target == DutyTarget.AREA else None
                places = [DutyPlace(self.target, self.code, level)]
            named = None if self.for_all else self.categories
            cells = {
                "responder_code": self.responder,
                "role": self.role,
                "categories": written_categories(named),
                "hours": self.hours,
                "valid_from": self.day,
                "valid_to": self.valid_to,
                "letter_no": self.letter_no,
            }
        return StatedChange(
            ends=self.ends,
            from_day=self.day or None,
            places=tuple(places),
            cells={name: text or None for name, text in cells.items()},
            only_for=frozenset(self.only_for) or None,
            why=self.why or None,
        )


def read(args: Args) -> DutyForm:
    """Read a form.

    Raises
    ------
    InputError
        for what no form of ours sends
    """
    for_all = params.flag(args, "all")
    return DutyForm(
        rivals=_numbers(args, "rival"),
        ends=_numbers(args, "end"),
        day=_text(args, "day"),
        with_new=params.flag(args, "new"),
        offered=_texts(args, "offer"),
        places=_texts(args, "place"),
        target=params.kind(args, "target", DutyTarget) or DutyTarget.AREA,
        level=_text(args, "level"),
        code=_text(args, "code"),
        # What is typed goes before a proposal that was ticked earlier.
        responder=_text(args, "responder") or _text(args, "proposed"),
        role=params.kind(args, "role", DutyRole) or DutyRole.DISPOSE,
        for_all=for_all,
        categories=() if for_all else _texts(args, "category"),
        hours=_text(args, "hours"),
        valid_to=_text(args, "to"),
        letter_no=_text(args, "letter"),
        only_for=_texts(args, "only_for"),
        why=_text(args, "why"),
        back=params.choice(args, "back", BACK) or "list",
    )


def of_mend(mend: Mend, today: date, back: str) -> DutyForm:
    """Return the form that mends a finding, with everything known filled in."""
    if mend.duties:
        named = mend.categories or frozenset(mend.finding.categories)
        return DutyForm(
            rivals=tuple(one.id for one in mend.duties),
            day=today.isoformat(),
            only_for=tuple(sorted(named)),
            back=back,
        )
    places = tuple(_written(place) for place in mend.places)
    return DutyForm(
        day=today.isoformat(),
        with_new=True,
        offered=places,
        places=places,
        for_all=mend.categories is None,
        categories=tuple(sorted(mend.categories or ())),
        hours=mend.hours or "",
        back=back,
    )


def of_duty(duty: Duty, today: date, *, with_new: bool) -> DutyForm:
    """Return the form that ends a duty, or changes it from a day on."""
    form = DutyForm(rivals=(duty.id,), ends=(duty.id,), day=today.isoformat())
    if not with_new:
        return form
    place = _written(DutyPlace(duty.target, duty.target_code, duty.level))
    return replace(
        form,
        with_new=True,
        offered=(place,),
        places=(place,),
        responder=duty.responder_code,
        role=duty.role,
        for_all=duty.categories is None,
        categories=tuple(sorted(duty.categories or ())),
        hours=duty.hours or "",
        valid_to="" if duty.valid_to is None else duty.valid_to.isoformat(),
        letter_no=duty.letter_no or "",
    )


def _written(place: DutyPlace) -> str:
    return ":".join(filter(None, (place.target, place.level, place.code)))


def place_of(text: str) -> DutyPlace:
    """Return a place that the form offers; codes may have colons themselves."""
    target, _, rest = text.partition(":")
    if target != DutyTarget.AREA:
        return DutyPlace(target, rest)
    level, _, code = rest.partition(":")
    return DutyPlace(target, code, level)


def asked_categories() -> frozenset[str] | None:
    """Return the categories of the column of the matrix that is asked for, or None for all."""
    major = params.text(request.args, "major")
    category = params.text(request.args, "category")
    if category is not None:
        return frozenset({category})
    if "major" not in request.args:
        return None
    return frozenset(
        one.code for one in list_categories(connection()) if one.matrix_class == (major or "")
    )


def _text(args: Args, name: str) -> str:
    return params.text(args, name) or ""


def _texts(args: Args, name: str) -> tuple[str, ...]:
    some = (text.strip() for text in args.getlist(name))
    return tuple(dict.fromkeys(text for text in some if text and "\x00" not in text))


def _numbers(args: Args, name: str) -> tuple[int, ...]:
    return tuple(params.whole_number(name, text) for text in _texts(args, name))
