// What lies below the borders: roads and components, cases, and a layer of the officer's own,
// which stays in the browser. Borders snap to its lines after those of the draft.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  // Further out roads would be asked for by the thousand.
  const NEAR_ZOOM = 15;
  const COMPONENT_ZOOM = 17;
  const MOST_EDGES = 500_000;
  const OWN = { color: "#00664b", weight: 2, dashArray: "2 5", fill: false, interactive: false };
  const CASE = { stroke: true, color: "#ffffff", weight: 1, fillColor: "#b5179e", fillOpacity: 0.9, radius: 4, interactive: false };

  // The lines of a GeoJSON value, each a list of [lon, lat]; points are lines of one place.
  function linesOf(value) {
    if (!value || typeof value !== "object") return [];
    if (Array.isArray(value.features)) return value.features.flatMap(linesOf);
    if (Array.isArray(value.geometries)) return value.geometries.flatMap(linesOf);
    if (value.type === "Feature") return linesOf(value.geometry);
    const { type, coordinates } = value;
    if (type === "Point") return [[coordinates]];
    if (type === "MultiPoint") return coordinates.map((one) => [one]);
    if (type === "LineString") return [coordinates];
    if (type === "MultiLineString" || type === "Polygon") return coordinates;
    if (type === "MultiPolygon") return coordinates.flat();
    return [];
  }

  const isPlace = (one) => Array.isArray(one) && one.length >= 2 && Math.abs(one[0]) <= 180 && Math.abs(one[1]) <= 90;

  // Finds the nearest vertex of some lines, else the nearest place on them.
  bench.Reference = class {
    constructor(lines, crs) {
      const projection = maps.projection(crs);
      const vertex = ([lon, lat]) => ({ x: bench.steps(lon), y: bench.steps(lat), px: projection.x(lon), py: projection.y(lat) });
      this.edges = lines.flatMap((line) => {
        const vertices = line.map(vertex);
        return vertices.length === 1 ? [{ a: vertices[0], b: vertices[0] }] : vertices.slice(1).map((b, n) => ({ a: vertices[n], b }));
      });
      this.index = new Flatbush(this.edges.length);
      for (const { a, b } of this.edges) this.index.add(Math.min(a.px, b.px), Math.min(a.py, b.py), Math.max(a.px, b.px), Math.max(a.py, b.py));
      this.index.finish();
    }

    // `by` is the reach in the projection's units; returns whole steps or null.
    nearest(px, py, by) {
      const found = this.index.search(px - by, py - by, px + by, py + by).map((n) => this.edges[n]);
      const vertices = found.flatMap(({ a, b }) => [a, b]).map((one) => ({ far: Math.hypot(one.px - px, one.py - py), at: [one.x, one.y] }));
      const least = (some) => some.filter(({ far }) => far <= by).sort((one, other) => one.far - other.far)[0];
      const best = least(vertices) || least(found.map((edge) => bench.onEdge(edge, px, py)));
      return best ? best.at : null;
    }
  };

  bench.Backdrops = class {
    constructor(made) {
      Object.assign(this, { made, map: made.map, words: made.words, urls: made.config.urls });
      this.map.createPane("workbench-below").style.zIndex = 350;
      this.layers = {};
      this.turns = {};
      this.said = document.getElementById("workbench-own-said");
      for (const name of ["places", "cases"]) {
        const box = document.getElementById(`workbench-show-${name}`);
        if (!box) continue;
        this.layers[name] = L.layerGroup();
        box.addEventListener("change", () => this.toggle(name, box.checked));
      }
      const file = document.getElementById("workbench-own");
      file.addEventListener("change", () => this.take(file));
      this.map.on("moveend", () => this.follow());
    }

    toggle(name, isOn) {
      if (isOn) this.layers[name].addTo(this.map);
      else this.layers[name].remove();
      this.follow();
    }

    follow() {
      for (const [name, layer] of Object.entries(this.layers)) if (this.map.hasLayer(layer)) this.load(name, layer);
    }

    async load(name, layer) {
      const mine = (this.turns[name] = (this.turns[name] || 0) + 1);
      const view = this.map.getBounds().pad(0.1);
      const box = { west: view.getWest(), south: view.getSouth(), east: view.getEast(), north: view.getNorth() };
      let found = null;
      try {
        if (this.map.getZoom() >= NEAR_ZOOM) found = await maps.fetchJson(`${this.urls[name]}?${new URLSearchParams(box)}`);
      } catch {
        // Borders can be moved without what lies below them.
      }
      if (mine !== this.turns[name]) return;
      layer.clearLayers();
      if (found) layer.addLayer(name === "places" ? this.places(found) : this.cases(found));
    }

    places(found) {
      const style = ({ properties }) => ({ ...maps.GROUND_STYLES[properties.class], interactive: false, pane: "workbench-below" });
      return L.geoJSON(found, {
        style,
        filter: ({ properties }) => properties.class === "road_segment" || this.map.getZoom() >= COMPONENT_ZOOM,
        pointToLayer: (feature, at) => L.circleMarker(at, style(feature)),
      });
    }

    cases({ lon, lat }) {
      return L.layerGroup(lon.map((x, n) => L.circleMarker([lat[n], x], { ...CASE, pane: "workbench-below" })));
    }

    // A layer of the officer's own is read here and sent nowhere.
    async take(file) {
      const [chosen] = file.files;
      if (this.own) this.own.remove();
      this.own = null;
      this.made.picking.reference = null;
      this.said.textContent = "";
      if (!chosen) return;
      let lines;
      try {
        lines = linesOf(JSON.parse(await chosen.text())).filter((line) => line.length);
      } catch {
        this.said.textContent = this.words.own_no_json;
        return;
      }
      const edges = lines.reduce((sum, line) => sum + line.length, 0);
      if (!edges) this.said.textContent = this.words.own_nothing;
      else if (edges > MOST_EDGES) this.said.textContent = maps.say(this.words.own_too_much, { n: this.made.write.number(MOST_EDGES) });
      else if (!lines.flat().every(isPlace)) this.said.textContent = this.words.own_no_degrees;
      else this.show(lines);
    }

    show(lines) {
      const drawn = lines.map((line) => line.map(([lon, lat]) => [lat, lon]));
      const options = { ...OWN, pane: "workbench-below" };
      this.own = L.featureGroup(drawn.map((line) => (line.length === 1 ? L.circleMarker(line[0], { ...options, radius: 4 }) : L.polyline(line, options)))).addTo(this.map);
      this.made.picking.reference = new bench.Reference(lines, this.map.options.crs);
      this.said.textContent = maps.say(this.words.own_shown, { n: this.made.write.number(lines.length) });
      if (!this.map.getBounds().intersects(this.own.getBounds())) this.said.textContent += ` ${this.words.own_elsewhere}`;
    }
  };
})();
