// The outlines of one level of one edition: decoded once, projected once, drawn at any zoom.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // Paths are kept in pixels of this zoom, counted from the level's own corner, so that the
  // 32-bit numbers of a canvas path stay exact to a hundredth of a pixel at every zoom.
  const PATH_ZOOM = 16;
  const CHUNK = 200;

  maps.pathScale = (map) => Math.pow(2, map.getZoom() - PATH_ZOOM);

  // Web-Mercator or plate carrée, as Leaflet's two reference systems do it for one point at a
  // time; a city has hundreds of thousands.
  maps.projection = function (crs) {
    const world = 256 * Math.pow(2, PATH_ZOOM);
    if (crs === L.CRS.EPSG4326) {
      return { x: (lon) => (lon / 180 + 1) * world, y: (lat) => (0.5 - lat / 180) * world };
    }
    return {
      x: (lon) => (lon / 360 + 0.5) * world,
      y(lat) {
        const sine = Math.sin((lat * Math.PI) / 180);
        return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * world;
      },
    };
  };

  // A polygon is a list of rings, a ring a flat list of steps dx, dy in `unit` degrees, the
  // first from the origin.
  function readRing(flat, unit, origin) {
    const points = new Float64Array(flat.length);
    let x = 0;
    let y = 0;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      points[i] = origin[0] + x * unit;
      points[i + 1] = origin[1] + y * unit;
    }
    return points;
  }

  maps.readRings = (polygons, unit, origin) =>
    polygons.flatMap((polygon) => polygon.map((ring) => readRing(ring, unit, origin)));

  function boundsOf(rings) {
    const bounds = [Infinity, Infinity, -Infinity, -Infinity];
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) {
        if (ring[i] < bounds[0]) bounds[0] = ring[i];
        if (ring[i] > bounds[2]) bounds[2] = ring[i];
        if (ring[i + 1] < bounds[1]) bounds[1] = ring[i + 1];
        if (ring[i + 1] > bounds[3]) bounds[3] = ring[i + 1];
      }
    }
    return bounds;
  }

  // Even-odd over all rings, so that holes are outside.
  function ringsHold(rings, lon, lat) {
    let inside = false;
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        const above = ring[i + 1] > lat;
        if (above === ring[j + 1] > lat) continue;
        const at = ((ring[j] - ring[i]) * (lat - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i];
        if (lon < at) inside = !inside;
      }
    }
    return inside;
  }

  // Where a name stands: the middle of the longest run inside, on the level of the middle.
  function labelPlace(rings, bounds) {
    const lat = (bounds[1] + bounds[3]) / 2;
    const cuts = [];
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        if (ring[i + 1] > lat === ring[j + 1] > lat) continue;
        cuts.push(((ring[j] - ring[i]) * (lat - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]);
      }
    }
    cuts.sort((one, other) => one - other);
    let best = [(bounds[0] + bounds[2]) / 2, 0];
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      if (cuts[i + 1] - cuts[i] > best[1]) best = [(cuts[i] + cuts[i + 1]) / 2, cuts[i + 1] - cuts[i]];
    }
    return [best[0], lat];
  }

  function grow(box, more) {
    box[0] = Math.min(box[0], more[0]);
    box[1] = Math.min(box[1], more[1]);
    box[2] = Math.max(box[2], more[2]);
    box[3] = Math.max(box[3], more[3]);
    return box;
  }

  class Shapes {
    constructor(answer, crs) {
      this.level = answer.level;
      this.codes = answer.codes;
      this.names = answer.names;
      this.parents = answer.parents;
      this.rings = answer.polygons.map((area) => maps.readRings(area, answer.unit, answer.origin));
      this.bounds = this.rings.map(boundsOf);
      this.places = new Map(answer.codes.map((code, at) => [code, at]));
      this.extent = this.bounds.reduce(grow, [Infinity, Infinity, -Infinity, -Infinity]);
      this.projection = maps.projection(crs);
      this.corner = [this.projection.x(this.extent[0]), this.projection.y(this.extent[3])];
      this.paths = new Array(this.codes.length);
      this.labels = new Array(this.codes.length);
      this.boxes = this.bounds.map((one) => [
        this.projection.x(one[0]) - this.corner[0], this.projection.y(one[3]) - this.corner[1],
        this.projection.x(one[2]) - this.corner[0], this.projection.y(one[1]) - this.corner[1],
      ]);
      const sizes = this.boxes.map((box) => Math.max(box[2] - box[0], box[3] - box[1]));
      sizes.sort((one, other) => one - other);
      this.usualSize = sizes.length ? sizes[sizes.length >> 1] : 0;
      this.chunks = null;
    }

    name(at) {
      return this.names[at] || this.codes[at];
    }

    latLngBounds(at) {
      const [west, south, east, north] = at === undefined ? this.extent : this.bounds[at];
      return L.latLngBounds([south, west], [north, east]);
    }

    path(at) {
      if (!this.paths[at]) {
        this.paths[at] = new Path2D();
        this.trace(this.paths[at], at);
      }
      return this.paths[at];
    }

    trace(path, at) {
      const [left, top] = this.corner;
      for (const ring of this.rings[at]) {
        for (let i = 0; i < ring.length; i += 2) {
          const x = this.projection.x(ring[i]) - left;
          const y = this.projection.y(ring[i + 1]) - top;
          if (i) path.lineTo(x, y);
          else path.moveTo(x, y);
        }
        path.closePath();
      }
    }

    // Outlines of some hundred areas at a time, neighbours by code: one path of ten thousand
    // takes a browser seconds to build, one for each is slow to draw.
    get outlines() {
      if (this.chunks) return this.chunks;
      this.chunks = [];
      for (let from = 0; from < this.codes.length; from += CHUNK) {
        const path = new Path2D();
        const box = [Infinity, Infinity, -Infinity, -Infinity];
        for (let at = from; at < Math.min(from + CHUNK, this.codes.length); at += 1) {
          this.trace(path, at);
          grow(box, this.boxes[at]);
        }
        this.chunks.push({ path, box });
      }
      return this.chunks;
    }

    label(at) {
      if (!this.labels[at]) {
        const [lon, lat] = labelPlace(this.rings[at], this.bounds[at]);
        this.labels[at] = [
          this.projection.x(lon) - this.corner[0], this.projection.y(lat) - this.corner[1],
        ];
      }
      return this.labels[at];
    }

    // The area under a pointer. Whose a case on a border is, the server alone says.
    find(lon, lat) {
      for (let at = 0; at < this.codes.length; at += 1) {
        const box = this.bounds[at];
        if (lon < box[0] || lon > box[2] || lat < box[1] || lat > box[3]) continue;
        if (ringsHold(this.rings[at], lon, lat)) return at;
      }
      return -1;
    }
  }

  maps.Shapes = Shapes;

  // Outlines never change within an edition: what was fetched is kept as long as the page.
  // Under the version of an edition's outlines the browser keeps them, too.
  maps.shapeStore = function (urls, editions, crs) {
    const kept = new Map();
    const versions = new Map(editions.map((edition) => [edition.number, edition.version]));
    return function load(edition, level, zoom) {
      const address = urls.shapes
        .replace("{edition}", edition)
        .replace("{level}", encodeURIComponent(level))
        .replace("{zoom}", zoom);
      const url = `${address}?v=${versions.get(edition)}`;
      if (!kept.has(url)) {
        const shapes = maps.fetchJson(url).then((answer) => new Shapes(answer, crs));
        kept.set(url, shapes);
        shapes.catch(() => kept.delete(url));
      }
      return kept.get(url);
    };
  };
})();
