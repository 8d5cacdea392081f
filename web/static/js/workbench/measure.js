// Whole numbers of the storage grid, metres and square metres while somebody draws. What counts
// is what the server measures afterwards; this is as near as a square metre can be told.
(function () {
  "use strict";
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  // One step of the storage grid is 1e-8 degrees.
  const STEPS = 1e8;
  const RADIANS = Math.PI / 180;
  // WGS 84, as gridmgmt/geometry/measure.py has it.
  const A_M = 6378137;
  const E2 = 0.0066943799901413165;
  const E = Math.sqrt(E2);

  bench.degrees = (steps) => steps / STEPS;
  bench.steps = (degrees) => Math.round(degrees * STEPS);
  bench.lonLat = ([x, y]) => [x / STEPS, y / STEPS];

  // Height in the equal-area cylinder of the ellipsoid (Snyder, eq. 3-12): in it areas are
  // plain polygon areas.
  function height(y) {
    const sine = Math.sin((y / STEPS) * RADIANS);
    return (1 - E2) * (sine / (1 - E2 * sine * sine) - Math.log((1 - E * sine) / (1 + E * sine)) / (2 * E));
  }

  // `at` returns the place of a vertex, so that one that is being dragged counts where it is.
  bench.ringM2 = function (vertices, at) {
    let sum = 0;
    let before = at(vertices[vertices.length - 1]);
    let heightBefore = height(before[1]);
    for (const vertex of vertices) {
      const here = at(vertex);
      const heightHere = height(here[1]);
      sum += (here[0] - before[0]) * (heightHere + heightBefore);
      before = here;
      heightBefore = heightHere;
    }
    return (Math.abs(sum) * RADIANS * A_M * A_M) / (4 * STEPS);
  };

  const place = (vertex) => [vertex.x, vertex.y];

  bench.areaM2 = function (area, at = place) {
    let sum = 0;
    for (const rings of area.polygons) {
      rings.forEach((ring, n) => (sum += (n ? -1 : 1) * bench.ringM2(ring.vertices, at)));
    }
    return Math.max(sum, 0);
  };

  // Of a short line, by the lengths of a degree in its middle.
  bench.lengthM = function (from, to) {
    const phi = ((from[1] + to[1]) / 2 / STEPS) * RADIANS;
    const flattening = 1 - E2 * Math.sin(phi) ** 2;
    const east = (to[0] - from[0]) * ((A_M * Math.cos(phi)) / Math.sqrt(flattening));
    const north = (to[1] - from[1]) * ((A_M * (1 - E2)) / flattening ** 1.5);
    return (Math.hypot(east, north) * RADIANS) / STEPS;
  };
})();
