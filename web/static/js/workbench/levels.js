// The areas of the draft, level by level: an overview for far views, and near the exact borders
// of what is in view. What was fetched is kept; only what is missing is fetched.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  // Beyond the view on each side, so that a small movement asks for nothing.
  const MARGIN = 0.15;
  // More pieces than this are fetched faster as one.
  const MOST_PIECES = 4;

  // What of a box lies outside another, as up to four boxes.
  function without(box, hole) {
    if (!bench.boxesMeet(box, hole)) return [box];
    const [west, south, east, north] = box;
    const low = Math.max(south, hole[1]);
    const high = Math.min(north, hole[3]);
    return [
      [west, south, east, low],
      [west, high, east, north],
      [west, low, Math.max(west, hole[0]), high],
      [Math.min(east, hole[2]), low, east, high],
    ].filter((one) => one[0] < one[2] && one[1] < one[3]);
  }

  bench.missing = function (box, covered) {
    let left = [box];
    for (const hole of covered) left = left.flatMap((one) => without(one, hole));
    return left.length > MOST_PIECES ? [box] : left;
  };

  bench.Levels = class {
    constructor(config, map) {
      this.config = config;
      this.map = map;
      this.head = config.head;
      // What others did may be in what is fetched before it is known.
      this.newest = config.head;
      this.kept = new Map(config.levels.map(({ name }) => [name, this.empty(name)]));
    }

    empty(name) {
      return { borders: new bench.Borders(name, this.map.options.crs), covered: [], farAt: -1, overview: null, overviewHead: -1 };
    }

    borders(level) {
      return this.kept.get(level).borders;
    }

    // The levels above one, the next first.
    above(level) {
      const names = this.config.levels.map(({ name }) => name);
      return names.slice(0, names.indexOf(level)).reverse();
    }

    // The simplified areas of a level, as the draft has them now; for names alone an older one will
    // do, since edits keep the names up to date.
    overview(level, { fresh = true } = {}) {
      const kept = this.kept.get(level);
      if (!kept.overview || (fresh && kept.overviewHead !== this.head)) {
        kept.overviewHead = this.head;
        const url = `${this.config.urls.overview.replace("{level}", encodeURIComponent(level))}?v=${this.head}`;
        const asked = maps.fetchJson(url).then((answer) => {
          kept.named = new Map(answer.codes.map((code, at) => [code, { name: answer.names[at], parent: answer.parents[at] }]));
          return new maps.Shapes(answer, this.map.options.crs);
        });
        asked.catch(() => kept.overview === asked && (kept.overview = null));
        kept.overview = asked;
      }
      return kept.overview;
    }

    // Name and parent of an area of any level, as far as its overview is there.
    named(level, code) {
      const kept = this.kept.get(level);
      return kept.borders.areas.get(code) || (kept.named && kept.named.get(code)) || null;
    }

    // Of an edge: 0 within one parent, 1 between parents, 2 between parents of parents or at the
    // edge of everything. Areas whose parents are not known yet count as within one.
    rank(level, edge) {
      const [one, other] = edge.areas;
      if (!other) return 2;
      if (one.parent === other.parent) return 0;
      const [next] = this.above(level);
      if (!next) return 1;
      const [first, second] = [one, other].map((area) => this.named(next, area.parent));
      return first && second && first.parent !== second.parent ? 2 : 1;
    }

    view() {
      const bounds = this.map.getBounds();
      return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map(bench.steps);
    }

    // Fetches the exact areas in view; returns whether they are there, false for too far out.
    async near(level) {
      const kept = this.kept.get(level);
      if (this.map.getZoom() <= kept.farAt) return false;
      const view = this.view();
      if (!bench.missing(view, kept.covered).length) return true;
      const [wide, high] = [(view[2] - view[0]) * MARGIN, (view[3] - view[1]) * MARGIN];
      const wanted = [view[0] - wide, view[1] - high, view[2] + wide, view[3] + high];
      for (const piece of bench.missing(wanted, kept.covered)) {
        const answer = await this.fetchExact(level, piece);
        if (answer.far) {
          // Somewhere else at the same zoom there may be less; there it is asked again.
          kept.farAt = this.map.getZoom() - 1;
          return false;
        }
        this.take(level, answer.areas, answer);
        kept.covered = [...kept.covered.filter((one) => without(one, piece).length), piece];
      }
      return true;
    }

    async fetchExact(level, piece) {
      const [west, south, east, north] = piece.map(bench.degrees);
      const url = this.config.urls.exact.replace("{level}", encodeURIComponent(level));
      const answer = await maps.fetchJson(`${url}?${new URLSearchParams({ west, south, east, north })}`);
      this.newest = Math.max(this.newest, answer.head);
      // It was answered before an edit that has been drawn meanwhile: it would bring back the old.
      return answer.head < this.head ? this.fetchExact(level, piece) : answer;
    }

    take(level, areas, answer) {
      const { borders } = this.kept.get(level);
      for (const area of areas) borders.put(area, answer.origin);
    }

    // What an edit, an undo or others changed: {level: {origin, areas, gone}} as the server answers.
    apply(answer) {
      for (const [level, { origin, areas, gone }] of Object.entries(answer.areas)) {
        const { borders, covered, named } = this.kept.get(level);
        for (const code of gone) {
          borders.takeOut(code);
          if (named) named.delete(code);
        }
        for (const area of areas) {
          if (covered.length) borders.put(area, origin);
          if (named) named.set(area.code, area);
        }
      }
      this.head = Math.max(this.head, answer.head);
    }
  };
})();
