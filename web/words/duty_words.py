"""Names of roles, kinds of places and responders, and problems of duties on the pages."""

from flask.sansio.app import App
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.judging.decision import FORCED_ADJUDICATION, TERRITORIAL_FALLBACK
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget
from gridmgmt.domain.responsibility.hours_words import hours_in_words
from gridmgmt.domain.responsibility.responder import ResponderKind
from web.words.languages import language
from web.words.names import with_code
from web.words.value_names import names_of

ROLES = names_of(DutyRole)
ROLE_TONES = {DutyRole.DISPOSE: "info", DutyRole.ASSIST: "neutral", DutyRole.OVERSEE: "neutral"}
TARGETS = names_of(DutyTarget)
RESPONDER_KINDS = names_of(ResponderKind)
FINDINGS = {
    FindingKind.DOUBLE: _l("Two owners"),
    FindingKind.HOLE: _l("No owner"),
    FindingKind.PARTLY: _l("No owner at some hours"),
}
# Short enough for a cell of the matrix. A word, so that colour is never the only sign.
SHORT_FINDINGS = {
    FindingKind.DOUBLE: _l("two"),
    FindingKind.HOLE: _l("none"),
    FindingKind.PARTLY: _l("partly"),
}
FINDING_TONES = {
    FindingKind.DOUBLE: "warning",
    FindingKind.HOLE: "bad",
    FindingKind.PARTLY: "info",
}
FALLBACKS = {
    TERRITORIAL_FALLBACK: _l("the street's own office"),
    FORCED_ADJUDICATION: _l("the district centre"),
}
# How duty hours are typed.
_EXAMPLES = ("Mo-Fr 08:00-18:00", "22:00-06:00", "May-Sep Sa,Su 06:00-20:00")
CLASSES = {**names_of(CategoryClass), "": _l("Without a class")}


def hours_said(text: str) -> str:
    """Return duty hours in the words of the page."""
    return hours_in_words(text, language())


# What points at areas, by the kinds of `LeftDuty`.
POINTING = {
    "duty": _l("Duty"),
    "group_member": _l("Member of a group"),
    "station": _l("Station of a responder"),
}


def hours_examples() -> str:
    """Return examples of duty hours as they are typed, each with its words behind it."""
    return str(_(", ")).join(with_code(hours_said(text), text) for text in _EXAMPLES)


def init_app(app: App) -> None:
    """Make these names available in templates."""
    app.jinja_env.filters["hours_said"] = hours_said
    app.jinja_env.globals.update(
        ROLES=ROLES,
        ROLE_TONES=ROLE_TONES,
        TARGETS=TARGETS,
        RESPONDER_KINDS=RESPONDER_KINDS,
        FINDINGS=FINDINGS,
        SHORT_FINDINGS=SHORT_FINDINGS,
        FINDING_TONES=FINDING_TONES,
        FALLBACKS=FALLBACKS,
        CATEGORY_CLASSES=CLASSES,
        POINTING=POINTING,
        hours_examples=hours_examples,
    )
