// The exact areas of one level, by their vertices and edges: a vertex or an edge that several
// areas have is one object, so that all of them follow when it is moved.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  function readRing(flat, origin) {
    const places = [];
    let [x, y] = origin;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      places.push([x, y]);
    }
    // Some writers repeat the first vertex; an edge of no length would be drawn and picked.
    const last = places.length - 1;
    if (last > 0 && places[0][0] === places[last][0] && places[0][1] === places[last][1]) places.pop();
    return places;
  }

  bench.boxesMeet = (one, other) => one[0] <= other[2] && one[2] >= other[0] && one[1] <= other[3] && one[3] >= other[1];

  bench.Borders = class {
    constructor(level, crs) {
      this.level = level;
      this.projection = maps.projection(crs);
      this.areas = new Map();
      this.vertices = new Map();
      this.edges = new Map();
      // Whoever keeps something made of the borders looks whether they are still the same.
      this.version = 0;
    }

    // `told` is an area as the server tells it.
    put(told, origin) {
      this.takeOut(told.code);
      this.version += 1;
      const area = { code: told.code, name: told.name, parent: told.parent, box: [Infinity, Infinity, -Infinity, -Infinity] };
      area.polygons = told.rings.map((rings) => rings.map((flat) => this.ring(area, readRing(flat, origin))));
      area.m2 = told.m2;
      this.areas.set(area.code, area);
    }

    ring(area, places) {
      const vertices = places.map(([x, y]) => this.vertex(x, y));
      for (const { x, y } of vertices) {
        area.box[0] = Math.min(area.box[0], x);
        area.box[1] = Math.min(area.box[1], y);
        area.box[2] = Math.max(area.box[2], x);
        area.box[3] = Math.max(area.box[3], y);
      }
      const edges = vertices.map((from, at) => this.edge(from, vertices[(at + 1) % vertices.length], area));
      return { vertices, edges };
    }

    vertex(x, y) {
      const key = `${x},${y}`;
      let found = this.vertices.get(key);
      if (!found) {
        // In pixels of the zoom of outlines: the screen is a shift and a factor away.
        const px = this.projection.x(bench.degrees(x));
        const py = this.projection.y(bench.degrees(y));
        found = { key, x, y, px, py, edges: new Set() };
        this.vertices.set(key, found);
      }
      return found;
    }

    edge(from, to, area) {
      const [a, b] = from.key < to.key ? [from, to] : [to, from];
      const key = `${a.key} ${b.key}`;
      let found = this.edges.get(key);
      if (!found) {
        found = { key, a, b, areas: [] };
        this.edges.set(key, found);
        a.edges.add(found);
        b.edges.add(found);
      }
      found.areas.push(area);
      return found;
    }

    takeOut(code) {
      const area = this.areas.get(code);
      if (!area) return;
      this.version += 1;
      this.areas.delete(code);
      for (const ring of area.polygons.flat()) {
        for (const edge of ring.edges) {
          edge.areas = edge.areas.filter((one) => one !== area);
          if (edge.areas.length) continue;
          this.edges.delete(edge.key);
          for (const end of [edge.a, edge.b]) {
            end.edges.delete(edge);
            if (!end.edges.size) this.vertices.delete(end.key);
          }
        }
      }
    }

    // The areas whose boxes meet a box, whole steps.
    *within(box) {
      for (const area of this.areas.values()) if (bench.boxesMeet(area.box, box)) yield area;
    }

    // The area under a place; of several that overlap, the first.
    find(x, y) {
      for (const area of this.within([x, y, x, y])) {
        let inside = false;
        for (const { edges } of area.polygons.flat()) {
          for (const { a, b } of edges) {
            if (a.y > y === b.y > y) continue;
            if (x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
          }
        }
        if (inside) return area;
      }
      return null;
    }

    // The areas that have one of some edges.
    areasOf(edges) {
      return [...new Set([...edges].flatMap((edge) => edge.areas))];
    }
  };
})();
