"""Names of the nouns of imports and exports, and of the fields of their files."""

from flask.sansio.app import App
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.headings import HEADINGS
from gridmgmt.exchange.layers.layer_kinds import UPLOAD_SUFFIXES
from gridmgmt.sentence import Sentence
from gridmgmt.services.exports.exports import Noun
from gridmgmt.services.map_exports.wanted import MapLayer
from gridmgmt.services.responsibility.layer_imports import ImportNoun
from web.words.languages import NOTHING
from web.words.value_names import heading_of

NOUNS = {
    Noun.AREAS: _l("Areas"),
    Noun.ROAD_SEGMENTS: _l("Road segments"),
    Noun.ZONES: _l("Special zones"),
    Noun.DEMOLITIONS: _l("Demolitions"),
    Noun.COMPONENTS: _l("Components"),
    Noun.RESPONDERS: _l("Responders"),
    Noun.DUTIES: _l("Duties"),
    Noun.CATEGORIES: _l("Categories"),
    Noun.GROUPS: _l("Groups of areas"),
    Noun.LEVELS: _l("Levels"),
}
MAP_LAYERS = {
    MapLayer.FIGURES: _l("Areas with their figures"),
    MapLayer.CASE_POINTS: _l("Cases as points"),
    MapLayer.DENSITY: _l("Density as a raster"),
    MapLayer.CONTOURS: _l("Contours of the density"),
}
ADVICE = {
    ImportNoun.RESPONDERS: _l(
        "Squads, street chiefs, grid members, departments, companies, street offices and"
        " district centres, each with its superior and where it is stationed."
    ),
    ImportNoun.CATEGORIES: _l(
        "The bureau's own code set: components and events with their classes and time limits."
    ),
    ImportNoun.ROAD_SEGMENTS: _l(
        "Lines; a segment reaches so many metres to either side, 15 where none is stated."
    ),
    ImportNoun.ZONES: _l(
        "Polygons with a duty of their own: vendor zones, demolition areas, river reaches,"
        " campuses."
    ),
    ImportNoun.GROUPS: _l(
        "Beats and inspection areas: a row for each area of a group, with its days."
    ),
    ImportNoun.DEMOLITIONS: _l(
        "Unlawful structures as footprints or points, or as a table with longitude and"
        " latitude."
    ),
    ImportNoun.COMPONENTS: _l(
        "Fixed public objects as points, or as a table with longitude and latitude, each with"
        " its class and the units that own, maintain and manage it."
    ),
    ImportNoun.DUTIES: _l(
        "The responsibility letters: who disposes, assists or oversees where, of what, when."
        " The same row with another last day ends a duty."
    ),
}
ICONS = {
    ImportNoun.RESPONDERS: "people",
    ImportNoun.CATEGORIES: "tags",
    ImportNoun.ROAD_SEGMENTS: "signpost-split",
    ImportNoun.ZONES: "bounding-box",
    ImportNoun.GROUPS: "collection",
    ImportNoun.DEMOLITIONS: "house-x",
    ImportNoun.COMPONENTS: "lamp",
    ImportNoun.DUTIES: "card-checklist",
}
# Where a sentence names a field without its noun, the first noun that has it.
_NOUNS = (*ImportNoun, "positions", "areas")


def field_name(name: str, noun: str | None = None) -> str:
    """Return the heading of a field of a noun, or its own name if it has none."""
    nouns = _NOUNS if noun is None else (noun, *_NOUNS)
    return next((str(heading_of(one, name)) for one in nouns if name in HEADINGS[one]), name)


def source_name(source: str | None) -> str:
    """Return the file, layer and feature that an area of a draft comes from."""
    if source is None:
        return NOTHING
    file, found, numbers = source.rpartition(" feature ")
    if not found:
        return source
    return str(_("%(file)s, feature %(numbers)s", file=file, numbers=numbers))


def with_field_names(sentence: str) -> str:
    """Return a sentence of the services that calls fields by the names on pages."""
    return sentence.with_data(field_name) if isinstance(sentence, Sentence) else sentence


def init_app(app: App) -> None:
    """Make these names available in templates."""
    nouns = {str(noun): name for noun, name in (*NOUNS.items(), *MAP_LAYERS.items())}
    app.jinja_env.globals.update(
        NOUNS=nouns,
        IMPORT_ADVICE=ADVICE,
        IMPORT_ICONS=ICONS,
        UPLOAD_SUFFIXES=UPLOAD_SUFFIXES,
    )
    app.jinja_env.filters["field_name"] = field_name
    app.jinja_env.filters["source_name"] = source_name
    app.jinja_env.filters["with_field_names"] = with_field_names
