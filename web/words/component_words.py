"""Names of the states of components on the pages."""

from flask.sansio.app import App
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.responsibility.component import ComponentState

STATES = {
    ComponentState.INTACT: _l("intact"),
    ComponentState.DAMAGED: _l("damaged"),
    ComponentState.LOST: _l("lost"),
    ComponentState.ABANDONED: _l("abandoned"),
    ComponentState.REMOVED: _l("removed"),
}
TONES = {
    ComponentState.INTACT: "good",
    ComponentState.DAMAGED: "warning",
    ComponentState.LOST: "bad",
    ComponentState.ABANDONED: "neutral",
    ComponentState.REMOVED: "neutral",
}


def init_app(app: App) -> None:
    """Make these names available in templates."""
    app.jinja_env.globals.update(COMPONENT_STATES=STATES, COMPONENT_STATE_TONES=TONES)
