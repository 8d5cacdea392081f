// Changed areas before and after a draft: laid over each other, side by side, or swiped.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const SIDE = "side";
  const SWIPE = "swipe";
  // What was moved by less than this many pixels is still where the script has put it.
  const STILL_PX = 2;

  maps.compareMap = async function (map, configuration) {
    const { words } = configuration;
    const frame = maps.frame(map, words);
    maps.scrollPast(map, words);
    frame.loading();
    await maps.pageRead();
    try {
      const found = await maps.fetchJson(configuration.areas);
      begin(map, found, configuration);
    } catch {
      frame.error(words.failed);
      return;
    }
    frame.ready("");
  };

  function begin(map, found, { way, words }) {
    const box = map.getContainer().closest(".compare-maps");
    const host = map.getContainer().parentElement;
    // A view before the layers, which ask where their middle is.
    map.setView([0, 0], 1, { animate: false });
    const rows = maps.comparedRows(words, show);
    const first = new maps.ComparedSides(map, found, choose);
    const divider = maps.divider(host, words, (at) => first.show(["before", "after"], at));
    const tags = { before: tag(host, words.before, "before"), after: tag(host, words.after, "after") };
    const label = map.getContainer().getAttribute("aria-label");
    let second = null;
    let fitted = null;
    let marked = null;
    map.on("move zoomend resize", () => first.cut());

    function look(wanted) {
      const wasFitted = isFitted();
      way = wanted;
      box.dataset.way = way;
      const aside = way === SIDE;
      if (aside && !second) second = makeSecond();
      if (second) second.host.hidden = !aside;
      divider.line.hidden = way !== SWIPE;
      tags.before.hidden = way !== SWIPE && !aside;
      tags.after.hidden = way !== SWIPE;
      map.getContainer().setAttribute("aria-label", aside ? `${label} (${words.before})` : label);
      if (way === SWIPE) divider.set(divider.share() * 100);
      else first.show(aside ? ["before"] : ["before", "after"]);
      map.invalidateSize({ animate: false });
      if (aside) second.map.invalidateSize({ animate: false });
      if (wasFitted) fit(fitted.bounds);
      else follow(map, second?.map);
    }

    // Two maps that move together: each follows the other, and neither itself.
    function makeSecond() {
      const made = maps.element("div", "compare-second");
      const frameBox = maps.element("div", "folium-map map-frame");
      frameBox.setAttribute("role", "region");
      frameBox.setAttribute("aria-label", `${label} (${words.after})`);
      made.append(frameBox);
      host.after(made);
      const other = L.map(frameBox, { ...map.options, renderer: undefined, layers: [] });
      map.eachLayer((layer) => {
        if (layer instanceof L.TileLayer) L.tileLayer(layer._url, layer.options).addTo(other);
      });
      maps.frame(other, words).ready("");
      maps.scrollPast(other, words);
      other.setView(map.getCenter(), map.getZoom(), { animate: false });
      const sides = new maps.ComparedSides(other, found, choose);
      sides.show(["after"]);
      sides.mark(marked);
      tag(made, words.after, "after");
      map.on("move", () => way === SIDE && follow(map, other));
      other.on("move", () => way === SIDE && follow(other, map));
      return { map: other, host: made, sides };
    }

    let following = false;
    function follow(led, other) {
      if (!other || following) return;
      following = true;
      other.setView(led.getCenter(), led.getZoom(), { animate: false });
      following = false;
    }

    function isFitted() {
      if (!fitted) return false;
      const off = map.latLngToLayerPoint(fitted.centre).distanceTo(map.latLngToLayerPoint(map.getCenter()));
      return map.getZoom() === fitted.zoom && off < STILL_PX;
    }

    function fit(bounds) {
      map.fitBounds(bounds, { maxZoom: 19, animate: false });
      fitted = { bounds, centre: map.getCenter(), zoom: map.getZoom() };
    }

    function mark(code) {
      marked = code;
      first.mark(code);
      second?.sides.mark(code);
      rows.mark(code);
    }

    function choose(code) {
      mark(code);
      rows.open(code);
    }

    function show(code) {
      mark(code);
      const bounds = first.boundsOf(code);
      if (bounds.isValid()) fit(bounds.pad(0.4));
      box.scrollIntoView({ block: "nearest" });
    }

    new ResizeObserver(() => isFitted() && fit(fitted.bounds)).observe(box);
    ways(look);
    const legend = ["before", "after", "moved", "around"].filter((name) => found[name].length);
    const styles = { around: "neighbour" };
    box.after(maps.legendLine(legend.map((name) => ({ style: styles[name] || name, label: words[name] }))));
    const bounds = first.bounds();
    if (bounds.isValid()) fit(bounds.pad(0.15));
    look(way);
  }

  function tag(host, text, side) {
    const made = maps.element("span", `compare-tag compare-tag-${side}`, text);
    host.append(made);
    return made;
  }

  // The way stands in the address, and in every address of the page that leads back here.
  function ways(look) {
    const links = [...document.querySelectorAll("[data-way-link]")];
    for (const link of links) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        const way = link.dataset.wayLink;
        for (const one of links) {
          one.classList.toggle("active", one === link);
          if (one === link) one.setAttribute("aria-current", "true");
          else one.removeAttribute("aria-current");
        }
        window.history.replaceState(null, "", withWay(window.location.href, way));
        keep(way);
        look(way);
      });
    }
  }

  function keep(way) {
    for (const field of document.querySelectorAll("main input[name=way]")) field.value = way;
    const addresses = { a: "href", form: "action", button: "formaction" };
    for (const [tag, name] of Object.entries(addresses)) {
      for (const one of document.querySelectorAll(`main ${tag}[${name}*="way="]:not([data-way-link])`)) {
        one.setAttribute(name, withWay(one.getAttribute(name), way));
      }
    }
  }

  function withWay(address, way) {
    const made = new URL(address, window.location.href);
    made.searchParams.set("way", way);
    return made.href;
  }
})();
