"""The language of a request (Chinese by default, or English), and its numbers and times."""

import re
from datetime import date, datetime
from functools import lru_cache

from babel.numbers import format_decimal
from babel.support import NullTranslations
from flask import Flask, Response, g, request
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup

from gridmgmt.domain.headings import Language
from gridmgmt.domain.moments import on_clock
from gridmgmt.indicators.rates import Rate
from web.app import cookies, params
from web.app.days import asked_day
from web.app.params import Args
from web.app.transaction import current_settings
from web.door import bearer

LANGUAGES = {"zh": "中文", "en": "English"}
_YEAR_S = 365 * 24 * 3600
NOTHING = "–"
# A space after a Chinese stop, perhaps behind the end of a tag.
_SPACE_AFTER_STOP = re.compile(r"(?<=[。；：！？])((?:</[a-z]+>)*)\s+")


def language() -> Language:
    """Return the language of this request: the requested one, else the one chosen before.

    Programs get English, as on the command line.
    """
    if bearer.is_api():
        return "en"
    kept = request.cookies.get(cookies.name("language", current_settings()))
    for said in (request.args.get("lang"), kept):
        if said in LANGUAGES:
            return "en" if said == "en" else "zh"
    return "zh"


def headings_language(args: Args) -> Language | None:
    """Return the language of the headings of a file: that of the page, None: for programs.

    ``headings`` chooses; pages write for people without it, and the API for programs.

    Raises
    ------
    InputError
        when ``headings`` is neither people nor machine
    """
    chosen = params.choice(args, "headings", ["people", "machine"])
    if chosen == "machine" or (chosen is None and bearer.is_api()):
        return None
    asked = args.get("lang") if bearer.is_api() else language()
    return "en" if asked == "en" else "zh"


def _remember(response: Response) -> Response:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        settings = current_settings()
        response.set_cookie(
            cookies.name("language", settings),
            asked,
            max_age=_YEAR_S,
            httponly=True,
            samesite="Lax",
            secure=settings.https,
        )
    return response


def moment(value: datetime | None) -> str:
    """Return a time in the bureau's time zone, to the minute."""
    if value is None:
        return NOTHING
    local = on_clock(value, current_settings().tz)
    # The same in every language, so no pattern has to be read for each of the times of a page.
    return local.replace(tzinfo=None).isoformat(" ", "minutes")


def day(value: date | None) -> str:
    """Return a date as text."""
    return NOTHING if value is None else value.isoformat()[:10]


def day_asked(name: str) -> str:
    """Return the day of a parameter as a field for days takes it, on the bureau's clock."""
    found = asked_day(name)
    return "" if found is None else found.isoformat()


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with separators, by default rounded to a whole number."""
    if value is None:
        return NOTHING
    # Not -0, which is equal to 0 but is written otherwise.
    return _written(round(value, digits) or 0, digits, str(get_locale()))


# A page of a year has two thousand numbers, few of which are different.
@lru_cache(20_000)
def _written(value: float, digits: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=locale))


def square_metres(value: float | None) -> str:
    """Return an area in square metres with its unit."""
    return NOTHING if value is None else f"{number(value)} m²"


def percent(rate: Rate | None) -> str:
    """Return a rate as text, without its counts, which the page shows beside it."""
    return NOTHING if rate is None or rate.value is None else f"{rate.percent()}"


def prose(text: Markup) -> Markup:
    """Return sentences as they follow each other: in Chinese without spaces between them.

    Templates write them one after the other, with a space or a new line before the next.
    """
    if str(get_locale()) != "zh":
        return text
    # The text comes escaped, and stays so.
    return Markup(_SPACE_AFTER_STOP.sub(r"\1", str(text)))


def html_lang() -> str:
    """Return the language as an HTML language code."""
    return "zh-CN" if str(get_locale()) == "zh" else "en"


class _Catalogues(Domain):  # type: ignore[misc]
    """The catalogues of the pages; that of a request is looked up once.

    A page translates some hundred texts, and looking up the catalogue cost more than all of
    them together.
    """

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the language of this request."""
        try:
            # The library's own place for it, which it empties when a request changes language.
            known: NullTranslations | None = g._flask_babel.babel_translations
        except (AttributeError, RuntimeError):
            known = None
        if known is None:
            known = super().get_translations()
            if g:
                g._flask_babel.babel_translations = known
        return known


def init_app(app: Flask) -> None:
    """Set up the language of each request."""
    babel = Babel(app, default_locale="zh", locale_selector=_chosen)
    babel.domain_instance = catalogues = _Catalogues()
    # The library finds the domain anew for each text.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: catalogues.get_translations().ugettext(text),
        ngettext=lambda one, many, n: catalogues.get_translations().ungettext(one, many, n),
        newstyle=True,
    )
    app.after_request(_remember)
    app.jinja_env.filters.update(
        moment=moment, day=day, number=number, m2=square_metres, percent=percent, prose=prose
    )
    app.jinja_env.globals.update(
        html_lang=html_lang, LANGUAGES=LANGUAGES, language=language, day_asked=day_asked
    )


def _chosen() -> str:
    if "language" not in g:
        g.language = language()
    chosen: str = g.language
    return chosen
