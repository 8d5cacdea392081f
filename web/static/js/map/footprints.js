// What was torn down: outlines with their square metres, a dot where they are small or unknown.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  class Footprints extends maps.Shapes {
    constructor(answer, crs) {
      super(
        {
          level: "demolition",
          codes: answer.codes,
          names: answer.names,
          parents: [],
          unit: answer.unit,
          origin: answer.origin,
          polygons: answer.polygons.map((polygons, at) => {
            const point = answer.points[at];
            return polygons.length || !point ? polygons : [[point]];
          }),
        },
        crs,
      );
      this.columns = answer;
      this.fills = answer.codes.map((code, at) => (answer.standing[at] ? maps.FOOTPRINTS.standing : maps.FOOTPRINTS.gone));
    }

    // The footprint under a position, or near enough to be meant when it is drawn as a dot.
    near(at, reach) {
      let best = -1;
      let least = reach;
      this.bounds.forEach((box, place) => {
        const beside = Math.max(box[0] - at.lng, 0, at.lng - box[2]);
        const above = Math.max(box[1] - at.lat, 0, at.lat - box[3]);
        const away = Math.hypot(beside, above);
        if (away < least) [best, least] = [place, away];
      });
      return best;
    }

    sentences(at, words, write) {
      const { codes, names, modes, days, claimed_m2: claimed, measured_m2: measured, standing } = this.columns;
      return [
        names[at] ? `${names[at]} (${codes[at]})` : codes[at],
        [days[at] || words.no_day, modes[at] && words[`mode_${modes[at]}`]].filter(Boolean).join(" · "),
        maps.say(words.claimed, { m2: write.m2(claimed[at]) }),
        maps.say(words.measured, { m2: write.m2(measured[at]) }),
        standing[at] ? words.still_standing : words.struck_off,
      ];
    }
  }

  maps.readFootprints = (answer, crs) => new Footprints(answer, crs);
})();
