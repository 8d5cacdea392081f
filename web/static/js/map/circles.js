// What was torn down as circles whose area is the square metres; what still stands is a ring.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // The largest radius, and its part of a small map.
  const LARGEST_PX = 26;
  const LARGEST_PART = 1 / 36;
  // Smaller ones are still seen; a structure of unknown size is such a dot.
  const LEAST_PX = 2;

  // A round number of square metres, not above this one.
  function round(m2) {
    const unit = Math.pow(10, Math.floor(Math.log10(m2)));
    return [5, 2, 1].find((one) => one * unit <= m2) * unit;
  }

  class Circles {
    constructor(footprints, size) {
      const { columns } = footprints;
      this.largest = Math.min(LARGEST_PX, Math.max(8, Math.min(size.x, size.y) * LARGEST_PART));
      this.footprints = footprints;
      this.m2 = footprints.codes.map((code, at) => columns.measured_m2[at] ?? columns.claimed_m2[at] ?? null);
      this.most = Math.max(0, ...this.m2.map((one) => one || 0));
      // The largest below, so that a small one can be seen and pressed.
      this.order = footprints.codes
        .map((code, at) => at)
        .filter((at) => footprints.rings[at].length)
        .sort((one, other) => (this.m2[other] || 0) - (this.m2[one] || 0));
    }

    // Pixels at every zoom: twice the radius is four times the square metres.
    radius(m2) {
      if (!m2 || !this.most) return LEAST_PX;
      return Math.max(LEAST_PX, this.largest * Math.sqrt(m2 / this.most));
    }

    isStanding(at) {
      return this.footprints.columns.standing[at];
    }

    // Two sizes for a legend, of square metres that a person can say.
    get examples() {
      if (!this.most) return [];
      const large = round(this.most);
      return large > 10 ? [large, round(large / 5)] : [large];
    }

    // The structure under a position on the map, the smallest first; -1 where there is none.
    near(map, latLng) {
      const pointer = map.latLngToLayerPoint(latLng);
      for (const at of [...this.order].reverse()) {
        const [west, south, east, north] = this.footprints.bounds[at];
        const middle = map.latLngToLayerPoint([(south + north) / 2, (west + east) / 2]);
        if (pointer.distanceTo(middle) <= this.radius(this.m2[at]) + 2) return at;
      }
      return -1;
    }
  }

  maps.circles = (footprints, size) => new Circles(footprints, size);

  // On a page as on the map: a white rim around what is gone, a white halo around what stands.
  maps.drawCircle = function (pen, x, y, radius, standing) {
    const around = (wide) => {
      pen.beginPath();
      pen.arc(x, y, wide, 0, 2 * Math.PI);
    };
    around(radius);
    if (!standing) {
      pen.fillStyle = "rgb(16 24 32 / 78%)";
      pen.fill();
    }
    for (const [ink, wide] of standing ? [["#ffffff", 4], ["#101820", 2]] : [["#ffffff", 1.5]]) {
      pen.strokeStyle = ink;
      pen.lineWidth = wide;
      pen.stroke();
    }
  };
})();
