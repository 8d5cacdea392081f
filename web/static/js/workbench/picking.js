// What is near a place on the screen: vertices first, then edges.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  // Of the nearest point of an edge: its distance in pixels of the index, and where it is.
  bench.onEdge = function ({ a, b }, px, py) {
    const [dx, dy] = [b.px - a.px, b.py - a.py];
    const share = Math.max(0, Math.min(1, ((px - a.px) * dx + (py - a.py) * dy) / (dx * dx + dy * dy || 1)));
    return {
      far: Math.hypot(a.px + share * dx - px, a.py + share * dy - py),
      at: [Math.round(a.x + share * (b.x - a.x)), Math.round(a.y + share * (b.y - a.y))],
    };
  };

  bench.Picking = class {
    constructor(map) {
      this.map = map;
      this.borders = null;
      this.projection = maps.projection(map.options.crs);
    }

    // Made of the edges in and around the view, anew when either has changed.
    index(borders) {
      const size = this.map.getSize();
      const bounds = this.map.getBounds();
      const view = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map(bench.steps);
      const isSame = this.borders === borders && this.version === borders.version && String(view) === String(this.view) && size.x;
      if (isSame) return;
      Object.assign(this, { borders, version: borders.version, view, edges: [], vertices: [], edgeIndex: null, vertexIndex: null });
      const edges = new Set();
      for (const area of borders.within(view)) for (const ring of area.polygons.flat()) for (const edge of ring.edges) edges.add(edge);
      const vertices = new Set();
      for (const edge of edges) vertices.add(edge.a).add(edge.b);
      this.edges = [...edges];
      this.vertices = [...vertices];
      if (!this.edges.length) return;
      this.edgeIndex = new Flatbush(this.edges.length);
      for (const { a, b } of this.edges) {
        this.edgeIndex.add(Math.min(a.px, b.px), Math.min(a.py, b.py), Math.max(a.px, b.px), Math.max(a.py, b.py));
      }
      this.edgeIndex.finish();
      this.vertexIndex = new Flatbush(this.vertices.length);
      for (const { px, py } of this.vertices) this.vertexIndex.add(px, py, px, py);
      this.vertexIndex.finish();
    }

    // `at` is a place [lon, lat]; vertices within `reach` pixels of the screen, nearest first.
    verticesNear(at, reach) {
      if (!this.vertexIndex) return [];
      const [px, py, by] = this.around(at, reach);
      const found = this.vertexIndex.search(px - by, py - by, px + by, py + by).map((n) => this.vertices[n]);
      const far = new Map(found.map((one) => [one, Math.hypot(one.px - px, one.py - py)]));
      return found.filter((one) => far.get(one) <= by).sort((one, other) => far.get(one) - far.get(other));
    }

    vertexNear(at, reach, without = new Set()) {
      return this.verticesNear(at, reach).find((one) => !without.has(one)) || null;
    }

    // The nearest place on an edge: {edge, at} or null.
    edgeNear(at, reach, without = new Set()) {
      if (!this.edgeIndex) return null;
      const [px, py, by] = this.around(at, reach);
      let best = null;
      for (const n of this.edgeIndex.search(px - by, py - by, px + by, py + by)) {
        const edge = this.edges[n];
        if (without.has(edge)) continue;
        const found = bench.onEdge(edge, px, py);
        if (found.far <= by && (!best || found.far < best.far)) best = { edge, ...found };
      }
      return best;
    }

    around([lon, lat], reach) {
      return [this.projection.x(lon), this.projection.y(lat), reach / maps.pathScale(this.map)];
    }

    // Where something that is moved comes to lie: on a vertex, else on an edge, else on the layer
    // below, else where it is.
    snap(at, reach, { vertices, edges }) {
      const vertex = this.vertexNear(at, reach, vertices);
      if (vertex) return { kind: "vertex", at: [vertex.x, vertex.y], vertex };
      const edge = this.edgeNear(at, reach, edges);
      if (edge) return { kind: "edge", at: edge.at, edge: edge.edge };
      const below = this.reference && this.reference.nearest(...this.around(at, reach));
      return below ? { kind: "reference", at: below } : null;
    }
  };
})();
