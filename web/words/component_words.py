"""Names of the states of components on the pages."""

from flask.sansio.app import App

from gridmgmt.domain.responsibility.component import ComponentState
from web.words.value_names import names_of

STATES = names_of(ComponentState)
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
