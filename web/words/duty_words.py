"""Names of roles, kinds of places and responders, and problems of duties on the pages."""

from flask.sansio.app import App
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.judging.decision import FORCED_ADJUDICATION, TERRITORIAL_FALLBACK
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.domain.responsibility.duty import DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import ResponderKind

ROLES = {
    DutyRole.DISPOSE: _l("Disposes"),
    DutyRole.ASSIST: _l("Assists"),
    DutyRole.OVERSEE: _l("Oversees"),
}
ROLE_TONES = {DutyRole.DISPOSE: "info", DutyRole.ASSIST: "neutral", DutyRole.OVERSEE: "neutral"}
TARGETS = {
    DutyTarget.AREA: _l("Area"),
    DutyTarget.GROUP: _l("Group of areas"),
    DutyTarget.ROAD_SEGMENT: _l("Road segment"),
    DutyTarget.ZONE: _l("Special zone"),
}
RESPONDER_KINDS = {
    ResponderKind.SQUAD: _l("Squad"),
    ResponderKind.STREET_CHIEF: _l("Street chief"),
    ResponderKind.GRID_MEMBER: _l("Grid member"),
    ResponderKind.DEPARTMENT: _l("Department"),
    ResponderKind.COMPANY: _l("Company"),
    ResponderKind.STREET_OFFICE: _l("Street office"),
    ResponderKind.DISTRICT_CENTRE: _l("District centre"),
}
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
CLASSES = {
    CategoryClass.COMPONENT: _l("Components"),
    CategoryClass.EVENT: _l("Events"),
    "": _l("Without a class"),
}


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
