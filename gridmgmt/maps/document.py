"""Compose a Folium map as parts of a page that loads nothing from other sites."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import folium
from branca.element import Figure
from folium.elements import JSCSSMixin
from folium.template import Template
from markupsafe import Markup

# The elements that Folium and branca write into the head of a page; each needs the nonce of the
# response.
_OPENING_TAG = re.compile(r"<(script|style)(?=[\s>])")

MAX_ZOOM = 20


@dataclass(frozen=True, slots=True)
class PageAssets:
    """What the page around a map provides.

    ``static`` returns the URL of a file in the static folder. ``nonce`` is that of this
    response. ``words`` are the translated texts of the scripts.
    """

    static: Callable[[str], str]
    nonce: str
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles of a base map, served by the application itself.

    ``bounds`` is (west, south, east, north) in degrees. ``zoom_offset`` is added to Leaflet's
    zoom levels to get those of the service.
    """

    url: str
    attribution: str
    crs: Literal["EPSG3857", "EPSG4326"] = "EPSG3857"
    min_zoom: int = 0
    max_zoom: int = 18
    zoom_offset: int = 0
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class BaseMap:
    """The base of every map of a page: its assets, and tiles if there are any."""

    page: PageAssets
    tiles: Tiles | None = None


@dataclass(frozen=True, slots=True)
class MapParts:
    """A map as three pieces of HTML, in the order in which a page shows them."""

    head: Markup
    html: Markup
    script: Markup


class PageMap(folium.Map):
    """A Folium map inside another page.

    Folium's own head would set the size, margins and zoom of the whole page, and it names some
    ten addresses of other sites. This head names Leaflet and our style sheet, which sets the
    size. Our script sets the view when it knows the extent of the data: no tile is requested
    before that.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
            <div class="folium-map map-frame" id="{{ this.get_name() }}" data-state="loading"
                 role="region" aria-label="{{ this.label|e }}"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}{{ this.leaflet_script(kwargs) }}{% endmacro %}
        """
    )

    def __init__(self, base: BaseMap, *, label: str, **options: Any) -> None:
        tiles = base.tiles
        super().__init__(
            location=[0.0, 0.0],
            tiles=None,
            crs=tiles.crs if tiles else "EPSG3857",
            max_zoom=None,
            prefer_canvas=True,
            **{"maxZoom": MAX_ZOOM, "attributionControl": tiles is not None, **options},
        )
        self.label = label
        self.options.pop("zoom", None)
        static = base.page.static
        self.default_js = [("leaflet", static("vendor/leaflet/leaflet.js"))]
        self.default_css = [
            ("leaflet_css", static("vendor/leaflet/leaflet.css")),
            ("map_css", static("css/map.css")),
        ]
        if tiles:
            self.add_child(_tile_layer(tiles))

    def leaflet_script(self, kwargs: Mapping[str, Any]) -> str:
        """Return Folium's own statement that makes the map."""
        return str(folium.Map._template.module.script(self, kwargs))


class ClientCall(JSCSSMixin):
    """One call of a function of our own scripts, with the map and a configuration.

    The configuration is JSON in which ``<``, ``>``, ``&`` and ``'`` are escaped: no text in it
    can end the script around it. ``scripts`` are URLs in loading order.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            gridmgmtMaps.{{ this.function }}(
                {{ this._parent.get_name() }}, {{ this.configuration|tojson }}
            );
        {% endmacro %}
        """
    )

    def __init__(
        self, function: str, scripts: Sequence[str], configuration: Mapping[str, Any]
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "ClientCall"
        self.function = function
        self.default_js = [(address, address) for address in scripts]
        self.configuration = configuration


def compose(page_map: PageMap, nonce: str) -> MapParts:
    """Render a map with all its layers as parts of a page.

    Every script and style element gets the nonce.
    """
    figure = page_map.get_root()
    if not isinstance(figure, Figure):
        message = "a map is rendered from its figure"
        raise TypeError(message)
    figure.header._children.pop("meta_http", None)
    figure.render()
    script = f"<script>\n{figure.script.render()}\n</script>"
    return MapParts(
        head=_with_nonce(figure.header.render(), nonce),
        html=_with_nonce(figure.html.render(), nonce),
        script=_with_nonce(script, nonce),
    )


def _with_nonce(text: str, nonce: str) -> Markup:
    return Markup(_OPENING_TAG.sub(rf'<\1 nonce="{html.escape(nonce)}"', text))


def _tile_layer(tiles: Tiles) -> folium.TileLayer:
    options: dict[str, Any] = {"zoomOffset": tiles.zoom_offset}
    if tiles.bounds:
        west, south, east, north = tiles.bounds
        options["bounds"] = [[south, west], [north, east]]
    return folium.TileLayer(
        tiles=tiles.url,
        # Leaflet shows the attribution as HTML; ours is text.
        attr=html.escape(tiles.attribution) or " ",
        name="base",
        min_zoom=tiles.min_zoom,
        max_zoom=MAX_ZOOM,
        max_native_zoom=tiles.max_zoom,
        no_wrap=True,
        control=False,
        **options,
    )
