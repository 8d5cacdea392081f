"""Names of the states and events of a case on the pages."""

import re
from datetime import datetime, timedelta

from flask.sansio.app import App
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.cases.case import Case, CaseEventKind, CaseMark, CaseStatus
from gridmgmt.domain.cases.case_rows import DATES
from gridmgmt.domain.cases.case_texts import LONGEST_TEXT
from gridmgmt.domain.cases.deadline import Deadline, standing
from gridmgmt.domain.cases.duplicates import Alike
from gridmgmt.domain.judging.reroute import Fate
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.errors import CaseChangedError, GridMgmtError, InputError, TransitionError
from gridmgmt.indicators.rates import DeadlineCounts
from web.app.transaction import current_settings
from web.words import reasons
from web.words.languages import NOTHING, moment, number
from web.words.sentences import said
from web.words.value_names import heading_of, names_of

STATUS = names_of(CaseStatus)
STATUS_TONES = {
    CaseStatus.TRIAGE: "warning",
    CaseStatus.DISPATCHED: "info",
    CaseStatus.DISPOSED: "good",
    CaseStatus.CLOSED: "neutral",
}
EVENTS: dict[str, LazyString] = {
    CaseEventKind.REPORTED: _l("Reported"),
    CaseEventKind.UPDATED: _l("Changed by an import"),
    CaseEventKind.REROUTED: _l("Judged again"),
    CaseEventKind.PLACED: _l("Put on the map"),
    CaseEventKind.ASSIGNED: _l("Given to a responder"),
    CaseEventKind.BOUNCED: _l("Bounced"),
    CaseEventKind.DISPOSED: _l("Disposed"),
    CaseEventKind.CLOSED: _l("Closed"),
    CaseEventKind.SUPERVISED: _l("Supervised"),
}
MARKS = names_of(CaseMark)
MARK_TONES = {CaseMark.DEFAULT_POSITION: "warning"}
FATES: dict[str, LazyString] = {
    Fate.UNCHANGED: _l("Unchanged"),
    Fate.MOVED: _l("To another responder"),
    Fate.OWNED: _l("Newly owned"),
    Fate.UNOWNED: _l("Newly without an owner"),
    Fate.WAITS_OTHERWISE: _l("Wait for another reason"),
    Fate.ASSIGNED: _l("Left alone: given by hand"),
    Fate.BOUNCED: _l("Left alone: bounced"),
}
FATE_TONES = {Fate.OWNED: "good", Fate.UNOWNED: "warning"}
DEADLINES = names_of(Deadline)
DEADLINE_TONES = {
    Deadline.ON_TIME: "good",
    Deadline.LATE: "warning",
    Deadline.OVERDUE: "bad",
    Deadline.PENDING: "info",
}
# On a page beside rates, and on the legend of the map, which fills in the numbers itself.
PROVISIONAL = _l(
    "Provisional deadlines, counted in plain hours: %(provisional)s of the %(n)s cases that"
    " should be disposed of."
)
# … where the settings leave them out.
WITHOUT_PROVISIONAL = _l("Cases with a provisional deadline count as without one.")
CLASSES = names_of(CategoryClass)
FIELDS: dict[str, LazyString] = {
    **{
        name: heading_of("cases", name)
        for name in (
            *("case_no", "reported_at", "lon", "lat", "due_at", "disposed_at", "closed_at"),
            *("channel", "description", "address", "accuracy_m"),
        )
    },
    # What the pages ask for, or show without its code.
    "category": _l("Category"),
    "crs": _l("Coordinate system"),
    "due_limit": _l("Time limit"),
    "due_provisional": _l("Provisional deadline"),
}

# A single word only if it cannot be an ordinary word.
_FIELD = re.compile(
    r"""'[^']*'|"[^"]*"|(?<!\w)(?:lon|lat|[a-z]+_(?:no|at|m|limit|provisional))(?!\w)""",
    re.ASCII,
)


def deadline_of(case: Case, now: datetime) -> Deadline:
    """Return how a case stands to its deadline."""
    return standing(case.given, now)


def span(length: timedelta) -> str:
    """Return a duration in days and hours or, under an hour, in minutes."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return str(_("%(days)s d %(hours)s h", days=days, hours=hours))
    if hours:
        return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes % 60))
    return str(_("%(minutes)s min", minutes=minutes))


def apart(alike: Alike) -> str:
    """Return how much earlier or later a similar case was reported."""
    time = span(timedelta(hours=abs(alike.hours)))
    if alike.hours < 0:
        return str(_("%(time)s earlier", time=time))
    return str(_("%(time)s later", time=time))


def clock(case: Case, now: datetime) -> str:
    """Return the time a case has left, or how late it is or was; empty without a deadline."""
    due_at = case.given.due_at
    if due_at is None:
        return ""
    done_at = case.given.disposed_at or case.given.closed_at
    how = standing(case.given, now)
    if how is Deadline.PENDING:
        return str(_("%(time)s left", time=span(due_at - now)))
    if how is Deadline.OVERDUE:
        return str(_("overdue by %(time)s", time=span(now - due_at)))
    assert done_at is not None
    if how is Deadline.LATE:
        return str(_("late by %(time)s", time=span(done_at - due_at)))
    return str(_("%(time)s before the deadline", time=span(due_at - done_at)))


def age(case: Case, now: datetime) -> str:
    """Return how long ago an open case was reported, or how long a done one took."""
    done_at = case.given.disposed_at or case.given.closed_at
    if done_at is not None and done_at <= now:
        return str(_("took %(time)s", time=span(done_at - case.given.reported_at)))
    return str(_("%(time)s ago", time=span(now - case.given.reported_at)))


def deadline_tone(case: Case, now: datetime) -> str:
    """Return the tone of how a case stands to its deadline; due today is a warning."""
    how = deadline_of(case, now)
    due_at = case.given.due_at
    if how is Deadline.PENDING and due_at is not None:
        tz = current_settings().tz
        day = now.astimezone(tz).date()
        if due_at < Period(day, day, tz).end:
            return "warning"
    return DEADLINE_TONES.get(how, "neutral")


def provisional_note(counts: DeadlineCounts) -> str:
    """Return how many of the cases of a rate have a provisional deadline; empty for none.

    Where the settings leave them out, return that instead.
    """
    if not current_settings().provisional_deadlines:
        return str(WITHOUT_PROVISIONAL)
    if not counts.provisional:
        return ""
    given = {"n": number(counts.due), "provisional": number(counts.provisional)}
    return str(PROVISIONAL) % given


def problem(error: GridMgmtError) -> str:
    """Return why an action on a case failed, in the language of the page, line by line."""
    if isinstance(error, TransitionError):
        status = STATUS[error.status]
        return str(
            _("This cannot be done to a case that stands at “%(status)s”.", status=status)
        )
    if isinstance(error, CaseChangedError):
        what = EVENTS[error.kind]
        said_who = _("%(by)s changed the case meanwhile (%(what)s).", by=error.by, what=what)
        advice = _("Look at it as it stands now, then decide again.")
        return f"{said_who} {advice}"
    sentences = error.problems if isinstance(error, InputError) else [error]
    return "\n".join(with_labels(said(sentence)) for sentence in sentences)


def with_labels(sentence: str) -> str:
    """Replace field names by the page's labels; quoted text was typed and stays."""
    return _FIELD.sub(lambda found: str(FIELDS.get(found[0], found[0])), sentence)


def value_of(value: object, field: str) -> object:
    """Return a value that an event names; its times are on the bureau's clock, as elsewhere."""
    if value is None:
        return NOTHING
    return moment(datetime.fromisoformat(str(value))) if field in DATES else value


def init_app(app: App) -> None:
    """Make these names available in templates."""
    app.jinja_env.filters["case_fields"] = with_labels
    app.jinja_env.filters["case_value"] = value_of
    app.jinja_env.globals.update(
        CASE_STATUS=STATUS,
        CASE_STATUS_TONES=STATUS_TONES,
        CASE_EVENTS=EVENTS,
        CASE_DEADLINES=DEADLINES,
        CASE_FIELDS=FIELDS,
        CASE_MARKS=MARKS,
        CASE_MARK_TONES=MARK_TONES,
        CASE_UNLOCATED=reasons.UNLOCATED,
        CASE_UNROUTED=reasons.UNROUTED,
        no_disposer=reasons.no_disposer,
        LONGEST_TEXT=LONGEST_TEXT,
        provisional_note=provisional_note,
        case_age=age,
        case_apart=apart,
        case_clock=clock,
        case_deadline_tone=deadline_tone,
    )
