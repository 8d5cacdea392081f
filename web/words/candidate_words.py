"""Why somebody may be the one for a case, in a few words."""

from flask.sansio.app import App
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.judging.candidates import Candidate, WhyCandidate
from gridmgmt.domain.judging.decision import WhyNot
from gridmgmt.domain.responsibility.hours_words import hours_in_words
from web.words.languages import language

_WHY: dict[WhyCandidate, LazyString] = {
    WhyCandidate.SUGGESTED: _l("suggested by who bounced it"),
    WhyCandidate.EQUAL_OWNER: _l("one of several equal owners by the rules"),
    WhyCandidate.BY_THE_RULES: _l("the owner by the rules"),
    WhyCandidate.AT_THE_POSITION: _l("answers at the position itself"),
    WhyCandidate.OUTRANKED: _l("has a duty here, which another outranks"),
    WhyCandidate.ASSISTS: _l("assists with the case"),
    WhyCandidate.OVERSEES: _l("oversees the case"),
}
_WHY_NOT: dict[WhyNot, LazyString] = {
    WhyNot.OUTSIDE_HOURS: _l("has a duty here at other hours"),
    WhyNot.EXPIRED: _l("had a duty here, which ended"),
    WhyNot.NOT_YET_VALID: _l("has a duty here, which had not begun"),
    WhyNot.OTHER_CATEGORY: _l("has a duty here for other categories"),
    WhyNot.NEARER_ROAD_SEGMENT: _l("has a duty for a road segment a little further away"),
    WhyNot.ZONE_EXPIRED: _l("had a duty for a zone here, which ended"),
    WhyNot.ZONE_NOT_YET_VALID: _l("has a duty for a zone here, which had not begun"),
}


def why_candidate(one: Candidate) -> str:
    """Return why a responder is a candidate, in the language of the page."""
    if one.why is WhyCandidate.MAY_ANSWER and one.share is not None:
        # What is possible is never 0 %.
        share = f"{100 * one.share:.0f} %" if one.share >= 0.005 else "<1 %"
        return str(_("answers for %(share)s of the possible positions", share=share))
    if one.why_not is None:
        return str(_WHY[one.why])
    if one.why_not is WhyNot.OUTSIDE_HOURS and one.hours:
        hours = hours_in_words(one.hours, language())
        return str(_("has a duty here at other hours (%(hours)s)", hours=hours))
    return str(_WHY_NOT[one.why_not])


def init_app(app: App) -> None:
    """Make the words available in templates."""
    app.jinja_env.globals["why_candidate"] = why_candidate
