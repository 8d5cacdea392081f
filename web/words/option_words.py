"""Names of command-line options on the pages, which have fields for them."""

import re

from flask_babel import lazy_gettext as _l

OPTIONS = {
    "--crs": _l("Coordinate system"),
    "--encoding": _l("Encoding"),
    "--sheet": _l("Sheet"),
    "--layer": _l("Layer"),
    "--tz": _l("Time zone"),
    "--date-format": _l("Format of the dates"),
    "--map": _l("Columns"),
    "--on-existing update": _l("Take over what is different"),
    "--on-duplicate dissolve": _l("make one area of them"),
    "--where": _l("Only features for which"),
    "--mend": _l("Mend outlines that only the storage grid breaks"),
    "--code": _l("Code"),
    "--name": _l("Name"),
    "--parent": _l("Lies in"),
}
_SAME_OPTION = re.compile(r"""(--[a-z-]+)((?: (?:"[^"]*"|[^\s"]+?)(?:,| or))+) \1 """)


def with_options_named(sentence: str) -> str:
    """Return a sentence that calls options by the names of the page's fields."""
    if "--" not in sentence:
        return sentence
    # Values to choose from: the option is named once.
    while sentence != (once := _SAME_OPTION.sub(r"\1\2 ", sentence)):
        sentence = once
    for option, label in OPTIONS.items():
        sentence = re.sub(rf"{option}\b", f"“{label}”", sentence)
    return sentence
