"""Names of roles, kinds of places and responders, and problems of duties on the pages."""

from flask.sansio.app import App
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.judging.decision import FORCED_ADJUDICATION, TERRITORIAL_FALLBACK
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import ResponderKind
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
CLASSES = {**names_of(CategoryClass), "": _l("Without a class")}


def init_app(app: App) -> None:
    """Make these names available in templates."""
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
    )
