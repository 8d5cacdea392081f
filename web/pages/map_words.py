"""Texts of the city map's scripts, in the language of a request."""

from flask_babel import gettext as _

from web.pages.base_map import words


def map_words() -> dict[str, str]:
    """Return all texts of the map's scripts; values are placeholders like ``%(name)s``."""
    return {**words(), **_states(), **_layers(), **_figures(), **_findings()}


def _states() -> dict[str, str]:
    return {
        "empty": _("No cases in this period: choose another one."),
        "load_failed": _("The map's data could not be loaded."),
        "logged_out": _("You have been logged out."),
        "panel_failed": _("This area could not be loaded. Close it and try again."),
        "play": _("Play through time"),
        "pause": _("Pause"),
    }


def _layers() -> dict[str, str]:
    return {
        "layer_density": _("Density"),
        "layer_rate": _("On-time rate"),
        "layer_cases": _("Number of cases"),
        "density_unit": _("Cases per km² in %(days)s days"),
        "density_how": _("Kernel of %(metres)s m, %(cases)s located cases."),
        "density_without": _("Left out: %(n)s at a default coordinate."),
        "density_here": _("%(value)s cases per km²"),
        "rate_unit": _("Disposed on time ÷ should be disposed; areas"),
        "rate_how": _("Should be disposed: disposed, or overdue and not disposed."),
        "cases_unit": _("Cases per area in %(days)s days; areas"),
        "below": _("below %(value)s"),
        "at_least": _("%(value)s and more"),
        "small_number": _("fewer than %(n)s that should be disposed"),
        "no_denominator": _("none that should be disposed"),
        "no_case": _("no case"),
        "struck_off": _("Torn down"),
        "still_standing": _("Still standing"),
    }


def _figures() -> dict[str, str]:
    return {
        "cases_number": _("%(n)s cases"),
        "overdue_number": _("%(n)s overdue"),
        "rate_of_n": _("On time %(rate)s (%(part)s of %(n)s)"),
        "of_n": _("of %(n)s"),
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
        "kind_area": _("Area"),
        "kind_case": _("Case"),
        "kind_demolition": _("Demolition"),
        "search_nothing": _("Nothing found"),
        "open_case": _("Open the case"),
        "no_day": _("No day"),
        "claimed": _("Claimed: %(m2)s"),
        "measured": _("Measured: %(m2)s"),
        "mode_self": _("torn down by the owner"),
        "mode_assisted": _("torn down with help"),
        "mode_forced": _("torn down by force"),
    }
