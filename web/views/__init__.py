"""The views: a blueprint for each noun."""

from web.views import (
    login,
)

# Each noun's blueprint, in the order of the menu.
BLUEPRINTS = (login.bp,)
