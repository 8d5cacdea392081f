// A small map: a few GeoJSON layers with a legend, over the ground and with a pin where asked.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const SURROUNDINGS = new Set(["parent", "neighbour"]);
  // From so many outlines on they are drawn as fine lines.
  const MANY = 40;
  const THUMB = window.matchMedia("(pointer: coarse)");

  maps.smallMap = async function (map, configuration) {
    const { sources, pick, ground, words } = configuration;
    const frame = maps.frame(map, words);
    const features = new Map();
    maps.scrollPast(map, words);
    frame.loading();
    await maps.pageRead();
    const marker = pick ? maps.pickPosition(map, pick, words) : null;
    const under = ground ? maps.ground(map, ground) : Promise.resolve(null);
    if (ground) searchPlaces(map, ground, words);
    const loaded = await Promise.allSettled(sources.map((source) => maps.fetchJson(source.url)));
    const matter = L.latLngBounds([]);
    const around = L.latLngBounds([]);
    loaded.forEach((outcome, at) => {
      if (outcome.status !== "fulfilled") return;
      const layer = drawLayer(outcome.value, sources[at], features).addTo(map);
      const wanted = SURROUNDINGS.has(sources[at].style) ? around : matter;
      if (layer.getLayers().length) wanted.extend(layer.getBounds());
    });
    const [whole] = await Promise.allSettled([under]);
    if (whole.value) around.extend(whole.value);
    if (marker && marker.position()) matter.extend(marker.position());
    // A position far off says nothing on empty ground; one sees where it lies from the city. Who
    // is to find a better one looks for it in the city.
    const isFar = around.isValid() && matter.isValid() && !around.intersects(matter);
    if (isFar) matter.extend(around);
    // What the map is about fills it, with some of what lies around; without anything to show,
    // it is the country the platform is made for.
    const isFilled = matter.isValid() && !(isFar && pick);
    const bounds = isFilled ? matter.pad(around.isValid() ? 0.3 : 0.08) : around;
    if (bounds.isValid()) map.fitBounds(bounds, { maxZoom: 18, animate: false });
    else map.setView([35, 105], 4, { animate: false });
    const legend = sources.filter((source) => source.label);
    if (legend.length) map.getContainer().after(maps.legendLine(legend));
    bringIntoView(map, features);
    const failed = [...loaded, whole].filter((outcome) => outcome.status === "rejected");
    if (failed.length) frame.error(words.failed);
    else frame.ready(bounds.isValid() || pick ? "" : words.nothing_here);
  };

  // A field of the page, of use only with this script, that brings a place into view; the pin is
  // put by hand.
  function searchPlaces(map, ground, words) {
    const box = document.getElementById("position-search");
    if (!box) return;
    box.hidden = false;
    maps.search({
      words,
      find: (q) => maps.fetchJson(`${ground.search}&${new URLSearchParams({ q })}`),
      choose: ({ bounds: [west, south, east, north] }) => map.fitBounds([[south, west], [north, east]], { maxZoom: 18 }),
    });
  }

  // The script stands where the map does; inputs and rows that belong to it may stand below.
  maps.pageRead = function () {
    if (document.readyState !== "loading") return Promise.resolve();
    return new Promise((go) => document.addEventListener("DOMContentLoaded", go, { once: true }));
  };

  function drawLayer(collection, source, features) {
    const many = (collection.features || []).length > MANY;
    function styleOf(feature) {
      const style = maps.styleOf((feature.properties || {}).class || source.style);
      return many ? { ...style, weight: Math.min(style.weight, 1) } : style;
    }
    return L.geoJSON(collection, {
      style: styleOf,
      pointToLayer: (feature, at) => L.circleMarker(at, { radius: 7, ...styleOf(feature) }),
      onEachFeature(feature, layer) {
        const { label, href } = feature.properties || {};
        if (label) layer.bindTooltip(maps.label(label), { sticky: true });
        if (href) layer.on("click", () => window.location.assign(href));
        if (feature.id !== undefined) features.set(String(feature.id), layer);
      },
    });
  }

  // A page is scrolled past a small map: the wheel zooms once the map has been clicked, and one
  // finger moves the page, two the map.
  maps.scrollPast = function (map, words) {
    map.on("click focus", () => map.scrollWheelZoom.enable());
    map.on("mouseout blur", () => map.scrollWheelZoom.disable());
    if (!THUMB.matches) return;
    map.dragging.disable();
    const hint = maps.element("div", "map-fingers", words.two_fingers);
    hint.hidden = true;
    const box = map.getContainer();
    box.append(hint);
    let timer = 0;
    box.addEventListener(
      "touchmove",
      ({ touches, target }) => {
        if (touches.length !== 1 || target.closest(".map-pin, .leaflet-control")) return;
        hint.hidden = false;
        window.clearTimeout(timer);
        timer = window.setTimeout(() => (hint.hidden = true), 900);
      },
      { passive: true },
    );
  };

  maps.legendLine = function (sources) {
    const list = maps.element("ul", "map-legend-line");
    for (const source of sources) {
      const style = maps.styleOf(source.style);
      const item = maps.element("li", "", source.label);
      const swatch = maps.element("span", "map-swatch");
      swatch.style.borderColor = source.style === "case" ? style.fillColor : style.color;
      swatch.style.borderStyle = style.dashArray ? "dashed" : "solid";
      if (style.fillColor) {
        const share = Math.round((style.fillOpacity || 0) * 255).toString(16).padStart(2, "0");
        swatch.style.backgroundColor = style.fillColor + share;
      }
      item.prepend(swatch);
      list.append(item);
    }
    return list;
  };

  function bringIntoView(map, features) {
    for (const element of document.querySelectorAll("[data-map-feature]")) {
      const layer = features.get(element.dataset.mapFeature);
      if (!layer) continue;
      element.addEventListener("click", (event) => {
        event.preventDefault();
        if (layer.getBounds) map.fitBounds(layer.getBounds().pad(0.5), { maxZoom: 19 });
        else map.setView(layer.getLatLng(), 18);
        if (layer.getTooltip()) layer.openTooltip();
        map.getContainer().scrollIntoView({ block: "nearest" });
      });
    }
  }
})();
