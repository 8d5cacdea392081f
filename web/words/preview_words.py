"""What would become of a report, in the words of its form."""

from flask_babel import gettext as _

from gridmgmt.domain.cases.case import CaseMark, UnlocatedReason, UnroutedReason
from gridmgmt.services.case_reports.previews import ReportPreview
from web.words import reasons
from web.words.decision_words import by_letters

# Street, community and cell: everybody knows in which city and district they are.
SHOWN_LEVELS = 3


def place(found: ReportPreview) -> str:
    """Return the deepest areas of a position, the larger first; empty if it has none."""
    names = [one.name for one in found.areas[-SHOWN_LEVELS:]]
    return str(_("In %(areas)s", areas=" / ".join(names))) if names else ""


def who(found: ReportPreview) -> str:
    """Return who would get the case and why; empty if nobody would, or nobody knows yet."""
    if found.responder is None or found.decision is None:
        return ""
    return by_letters(found.responder, found.decision)


def warnings(found: ReportPreview) -> list[str]:
    """Return what to know before the report is sent."""
    told = []
    if found.is_out_of_sight:
        told.append(
            _(
                "This lies outside the area of your account. Move the pin if the position is"
                " wrong; if it is right, the report goes to those in charge there and you do"
                " not see it again."
            )
        )
    if found.location is not None:
        told += _unlocated(found.location.unlocated_reason)
    if found.decision is not None:
        told += _unrouted(found.decision.reason)
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
    return [_("It can be sent; a dispatcher decides who gets it: %(why)s.", why=why)]


def address(found: ReportPreview) -> str:
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
