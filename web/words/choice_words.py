"""What a choice of cases is called: one short text for each filter."""

from collections.abc import Iterable, Iterator

from flask.sansio.app import App
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.case_choice import EVERY_CASE, CaseChoice
from gridmgmt.services.situation.case_choices import CaseChoices
from web.words.case_words import CLASSES

WEEKDAYS: dict[int, LazyString] = {
    1: _l("Mon"),
    2: _l("Tue"),
    3: _l("Wed"),
    4: _l("Thu"),
    5: _l("Fri"),
    6: _l("Sat"),
    7: _l("Sun"),
}


def chips(choice: CaseChoice, choices: CaseChoices) -> Iterator[tuple[str, str]]:
    """Yield the parameter and the words of each filter that was chosen."""
    if choice.open:
        yield "open", _("Open")
    if choice.overdue:
        yield "overdue", _("Overdue")
    if choice.category is not None:
        yield "category", choices.category_name(choice.category)
    if choice.category_class is not None:
        yield "class", str(CLASSES[choice.category_class])
    if choice.major_class is not None:
        yield "major_class", choice.major_class
    if choice.responder_code is not None:
        yield "responder", choices.responder_name(choice.responder_code)
    if choice.channels:
        yield "channel", _(", ").join(choice.channels)
    if choice.weekdays:
        yield "weekday", _(", ").join(str(WEEKDAYS[day]) for day in choice.weekdays)
    if choice.hours:
        yield "hour", _(", ").join(spans(choice.hours))


def spans(hours: tuple[int, ...]) -> Iterator[str]:
    """Yield hours as spans of the clock, the end excluded.

    Examples
    --------
    >>> list(spans((7, 8, 9, 23)))
    ['07:00–10:00', '23:00–24:00']
    """
    first = last = None
    for hour in (*hours, None):
        if hour is not None and last is not None and hour == last + 1:
            last = hour
            continue
        if first is not None and last is not None:
            yield f"{first:02}:00–{last + 1:02}:00"
        first = last = hour


def as_values(texts: Iterable[str]) -> dict[str, str]:
    """Return texts by what each is as one of several values of a parameter."""
    return {CaseChoice(channels=(text,)).write()["channel"]: text for text in texts}


HOURS = {hour: str(hour) for hour in range(24)}
HOUR_SPANS = {hour: next(spans((hour,))) for hour in HOURS}


def init_app(app: App) -> None:
    """Make these names available in templates."""
    app.jinja_env.globals.update(
        WEEKDAYS=WEEKDAYS,
        HOURS=HOURS,
        HOUR_SPANS=HOUR_SPANS,
        CASE_CLASSES=CLASSES,
        EVERY_CASE=EVERY_CASE,
    )
    app.jinja_env.filters["as_values"] = as_values
