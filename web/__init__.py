"""The pages: transactions, words and status codes around the services."""

from flask import Flask
from sqlalchemy.engine import Engine
from whitenoise import WhiteNoise

from gridmgmt.exchange.reading.limits import ReadingLimits, limit_reading
from gridmgmt.geometry.compiler_cache import keep_compiled_in
from gridmgmt.settings import Settings
from gridmgmt.store.cluster.address import database_url
from gridmgmt.store.engine import Timeouts
from gridmgmt.store.upkeep.schema_check import checked_engine
from web import api
from web.app import addresses, assets, cookies, secret_key, security, transaction
from web.door import access, admission, bodies, displays, forms, login
from web.pages import base_map, errors, navigation
from web.views import BLUEPRINTS
from web.words import (
    choice_words,
    languages,
    level_names,
    names,
    operation_words,
    period_words,
    role_words,
    sentences,
)

# A year: every URL has a fingerprint of the file's content.
_STATIC_MAX_AGE_S = 31_536_000
# A request may be busy between two statements (for instance while it reads a file).
_IDLE_S = 600.0


# In this order: each may build on those before it.
_PARTS = (
    addresses,
    bodies,
    forms,
    security,
    transaction,
    languages,
    operation_words,
    level_names,
    names,
    period_words,
    sentences,
    choice_words,
    role_words,
    assets,
    login,
    displays,
    access,
    admission,
    navigation,
    errors,
    base_map,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application; without ``settings``, with those of the environment.

    Raises
    ------
    SettingsError
        when a setting cannot be used
    """
    settings = settings or Settings.from_env()
    keep_compiled_in(settings.home / "numba")
    limit_reading(ReadingLimits(settings.page_read_mb, settings.page_read_s))
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret_key.find(settings),
        SESSION_COOKIE_NAME=cookies.name("session", settings),
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        # This is only how long the browser keeps the cookie; the server decides how long it is
        # valid.
        PERMANENT_SESSION_LIFETIME=settings.session_limits.whole,
        SESSION_REFRESH_EACH_REQUEST=False,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["gridmgmt"] = transaction.Platform(settings, _engine(settings))
    for part in _PARTS:
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api.init_app(app)
    access.check_every_view(app)
    bodies.check_every_view(app)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=app.static_folder,
        prefix="static/",
        max_age=_STATIC_MAX_AGE_S,
        add_headers_function=security.static_headers,
    )
    return app


def _engine(settings: Settings) -> Engine:
    address = database_url(
        settings.database_url, home=settings.home, database=settings.database
    )
    return checked_engine(address, Timeouts(settings.statement_s, settings.lock_s, _IDLE_S))
