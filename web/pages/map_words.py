"""Texts of the city map's scripts, in the language of a request."""

from flask_babel import gettext as _

from web.app.transaction import current_settings
from web.pages.base_map import words
from web.words.case_words import PROVISIONAL, WITHOUT_PROVISIONAL


def map_words() -> dict[str, str]:
    """Return all texts of the map's scripts; values are placeholders like ``%(name)s``."""
    return {
        **words(),
        **_states(),
        **_layers(),
        **_density(),
        **_dots(),
        **_square(),
        **_figures(),
        **_findings(),
    }


def _states() -> dict[str, str]:
    return {
        "empty": _("No cases in this period: choose another one."),
        "load_failed": _("The map's data could not be loaded."),
        "logged_out": _("Your session has ended: log in again."),
        "panel_failed": _("This area could not be loaded. Close it and try again."),
        "play": _("Play through time"),
        "pause": _("Pause"),
        "remove": _("remove"),
    }


def _layers() -> dict[str, str]:
    return {
        "layer_density": _("Density"),
        "layer_rate": _("On-time rate"),
        "layer_cases": _("Cases per km², by area"),
        "rate_unit": _("Disposed on time ÷ should be disposed; areas"),
        "rate_how": _("Should be disposed: disposed, or overdue and not disposed."),
        "rate_provisional": str(PROVISIONAL),
        "rate_without_provisional": ""
        if current_settings().provisional_deadlines
        else str(WITHOUT_PROVISIONAL),
        "cases_unit": _("Cases per km² in %(days)s days; areas"),
        "below": _("below %(value)s"),
        "at_least": _("%(value)s and more"),
        "rate_drawn": _(
            "Colour: the rate drawn towards that of the area above, more so with fewer cases."
        ),
        "hatched": _("uncertain, of these: own interval (95 %) wider than 50 points"),
        "coloured_by": _("Colour: %(rate)s, drawn towards the area above"),
        "coloured_uncertain": _(
            "Colour: %(rate)s, drawn towards the area above; its own rate is uncertain"
        ),
        "no_denominator": _("none that should be disposed"),
        "no_case": _("no case"),
        "any_case": _("any case"),
        "struck_off": _("Torn down"),
        "still_standing": _("Still standing"),
    }


def _square() -> dict[str, str]:
    return {
        "layer_hot": _("Density × on-time rate × demolitions"),
        "hot_unit": _("Cases per km² in %(days)s days; areas"),
        "hot_how": _("On-time rate drawn towards that of the area above."),
        "square_axes": _("↑ cases per km², less on time →"),
        "square_all": _("Show all classes"),
        "square_field": _("%(density)s, %(rate)s: %(n)s areas"),
        "dense_0": _("Few cases"),
        "dense_1": _("A middling number of cases"),
        "dense_2": _("Many cases"),
        "kept_0": _("low on-time rate"),
        "kept_1": _("middling on-time rate"),
        "kept_2": _("high on-time rate"),
        "square_sentence": _(
            "%(density)s, %(rate)s: %(per_km2)s per km² in %(days)s days, %(part)s of %(n)s on"
            " time (%(share)s); classed by %(coloured)s, drawn towards the area above."
        ),
        "square_uncertain": _(
            "%(density)s, %(rate)s, but uncertain: %(per_km2)s per km² in %(days)s days,"
            " %(part)s of %(n)s on time (%(share)s); classed by %(coloured)s, drawn towards"
            " the area above."
        ),
        "square_no_rate": _(
            "%(density)s, no on-time rate: %(per_km2)s per km² in %(days)s days, none that"
            " should be disposed."
        ),
        "torn_down_m2": _("Torn down: %(m2)s"),
    }


def _density() -> dict[str, str]:
    return {
        "density_unit": _("Cases per km² in %(days)s days"),
        "density_how": _(
            "Kernel with a bandwidth of %(metres)s m, corrected at the city's edge;"
            " %(cases)s located cases."
        ),
        "density_of_area": _(
            "Kernel with a bandwidth of %(metres)s m over all cases of the city, shown for your"
            " area: everybody sees the same value at the same place."
        ),
        "density_without": _("Left out: %(n)s at a default coordinate."),
        "density_here": _("%(value)s cases per km²"),
        "bandwidth": _("Bandwidth"),
        "bandwidth_metres": _("%(metres)s m"),
        "bandwidth_usual": _("%(metres)s m (the city's)"),
        "bandwidth_own": _(
            "You chose this bandwidth for your own view; the city's is %(metres)s m."
        ),
        "bandwidth_classes": _("The classes stay those of the city's bandwidth."),
        "classes_of_all": _(
            "Fixed classes of all cases from %(first)s to %(last)s (%(months)s months with"
            " cases, made on %(day)s): periods can be compared."
        ),
        "classes_of_category": _(
            "Fixed classes of this category from %(first)s to %(last)s (%(months)s months with"
            " cases, made on %(day)s): periods can be compared."
        ),
        "classes_fit": _("Fit the classes to this view"),
        "classes_fitted": _(
            "Classes fitted to this view: its colours cannot be compared with other views."
        ),
        "classes_none": _(
            "The twelve months before have too few cases for fixed classes: these fit this view"
            " only, and its colours cannot be compared with other views."
        ),
    }


def _dots() -> dict[str, str]:
    return {
        "dots_title": _("Single cases"),
        "dots_newest": _(
            "Single cases: the newest %(shown)s of %(total)s here; zoom in for all"
        ),
        "dots_overdue": _("overdue"),
        "dots_open": _("open, not overdue"),
        "dots_done": _("disposed of"),
        "dots_more": _("and %(n)s more: zoom in"),
    }


def _figures() -> dict[str, str]:
    return {
        "cases_number": _("%(n)s cases"),
        "overdue_number": _("%(n)s overdue"),
        "rate_of_n": _("On time %(rate)s (%(part)s of %(n)s)"),
        "total": _("Total"),
        "show_more": _("Show more (%(n)s left)"),
        "unlocated": _("%(n)s cases are not located and lie in no area."),
        "unlocated_here": _("%(n)s cases lie in no area of this edition."),
        "no_area": _("%(n)s cases lie in no area of this level."),
        "default_position": _("%(n)s cases lie at a default coordinate and count in no area."),
        "see_cases": _("See the cases"),
    }


def _findings() -> dict[str, str]:
    return {
        "kind_case": _("Case"),
        "kind_demolition": _("Demolition"),
        "open_case": _("Open the case"),
        "no_day": _("No day"),
        "claimed": _("Claimed: %(m2)s"),
        "measured": _("Measured: %(m2)s"),
        "mode_self": _("torn down by the owner"),
        "mode_assisted": _("torn down with help"),
        "mode_forced": _("torn down by force"),
    }
