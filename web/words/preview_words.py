"""What would become of a case at a position, in the words of the form that asks for it."""

from flask_babel import gettext as _

from gridmgmt.domain.cases.case import CaseMark, UnlocatedReason, UnroutedReason
from gridmgmt.services.case_reports.previews import PositionPreview
from web.door.access import case_scope
from web.words import reasons
from web.words.decision_words import by_hand, by_letters

# Street, community and cell: everybody knows in which city and district they are.
SHOWN_LEVELS = 3


def place(found: PositionPreview) -> str:
    """Return the deepest areas of a position, the larger first; empty if it has none."""
    names = [one.name for one in found.areas[-SHOWN_LEVELS:]]
    return str(_("In %(areas)s", areas=" / ".join(names))) if names else ""


def who(found: PositionPreview) -> str:
    """Return who would get the case and why; empty if nobody would, or nobody knows yet."""
    if found.responder is None or found.decision is None:
        return ""
    if found.is_by_hand:
        return by_hand(found.responder)
    return by_letters(found.responder, found.decision)


def warnings(found: PositionPreview) -> list[str]:
    """Return what to know before the position is saved."""
    told = []
    if found.is_out_of_sight:
        told.append(_out_of_sight())
    if found.location is not None:
        told += _unlocated(found.location.unlocated_reason)
    if found.decision is not None:
        told += _unrouted(found.reason)
    if CaseMark.VENDOR_ZONE in found.marks:
        told.append(
            _(
                "Street trading is allowed here at this time. Trading that keeps to the"
                " rules is no case."
            )
        )
    if CaseMark.DEFAULT_POSITION in found.marks:
        told.append(
            _(
                "Addresses that cannot be found get this position. Put the pin where it"
                " really is."
            )
        )
    return [str(one) for one in told]


def _out_of_sight() -> str:
    # Who sees what it reported, sees it wherever it lies.
    if case_scope().reporter is not None:
        return str(
            _(
                "This lies outside the area of your account. Move the pin if the position is"
                " wrong; if it is right, the case goes to those in charge there."
            )
        )
    return str(
        _(
            "This lies outside the area of your account. Move the pin if the position is"
            " wrong; if it is right, the case goes to those in charge there and you do not"
            " see it again."
        )
    )


def _unlocated(reason: UnlocatedReason | None) -> list[str]:
    if reason is UnlocatedReason.OUTSIDE:
        return [
            _(
                "This lies outside the city: nobody here answers for it. Move the pin if the"
                " position is wrong."
            )
        ]
    if reason is UnlocatedReason.BEFORE_FIRST_EDITION:
        return [_("No areas were in force at that time: the case would wait for a person.")]
    return []


def _unrouted(reason: UnroutedReason | None) -> list[str]:
    # Why it lies nowhere is said already.
    if reason is None or reason is UnroutedReason.UNLOCATED:
        return []
    why = reasons.UNROUTED[reason]
    return [_("It can be saved; a dispatcher decides who gets it: %(why)s.", why=why)]


def address(found: PositionPreview) -> str:
    """Return an address to propose: the areas, the road and what is near; empty for none.

    The deepest area is left out: nobody who looks for a place knows the numbers of cells.
    """
    names = [one.name for one in found.areas[-SHOWN_LEVELS:]]
    parts = [*(names[:-1] or names), found.road or ""]
    if not any(parts):
        return ""
    told = " ".join(part for part in parts if part)
    if found.component is None:
        return told
    return str(_("%(address)s, near %(thing)s", address=told, thing=found.component))


def told(found: PositionPreview) -> dict[str, str | list[str]]:
    """Return all of it, as the script beside the map takes it."""
    return {
        "place": place(found),
        "who": who(found),
        "warnings": warnings(found),
        "address": address(found),
    }
