// The workbench: the areas of a draft on a map, on which borders are moved. What is done is sent
// at once and kept by the server; the map, the table and the buttons show how the draft is.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  function part(id, map, place) {
    let found = document.getElementById(id);
    if (!found) {
      found = maps.element("section");
      found.id = id;
      map.getContainer().parentElement[place](found);
    }
    return found;
  }

  bench.Workbench = class {
    constructor(map, config) {
      Object.assign(this, { map, config, words: config.words, mayEdit: config.may_edit, isNear: false, turn: 0 });
      this.write = maps.writers(config.language);
      this.frame = maps.frame(map, config.words);
      this.levels = new bench.Levels(config, map);
      this.level = config.levels[config.levels.length - 1].name;
      this.canvas = new bench.AreaCanvas(this.levels);
      this.above = new bench.PointerCanvas();
      this.picking = new bench.Picking(map);
      this.selection = new bench.Selection(() => this.showSelection());
      this.build();
      this.moving = new bench.Moving(this);
      this.saving = new bench.Saving({
        config, levels: this.levels, words: this.words, isBusy: () => Boolean(this.moving.held) || this.tools.line.points().length > 0,
        say: this.say, levelNow: () => this.level, changed: (answer, how) => this.changed(answer, how),
      });
    }

    build() {
      const { config, words, write, map } = this;
      const box = part("workbench-tools", map, "before");
      this.toolbar = new bench.Toolbar({ levels: config.levels, tools: bench.TOOLS, words, mayEdit: this.mayEdit, press: (name) => this.press(name) });
      const panel = maps.element("div", "workbench-panel");
      panel.setAttribute("role", "group");
      panel.setAttribute("aria-label", words.tool_panel);
      const lines = maps.element("div", "workbench-lines");
      box.append(this.toolbar.box, lines);
      // Over the map: what is asked and told there moves nothing under the pointer.
      const over = maps.element("div", "workbench-over-map");
      map.getContainer().after(over);
      this.say = new bench.Say({ box: lines, words, write, language: config.language });
      this.say.steps = (steps) => this.toolbar.steps(steps);
      over.append(panel, this.say.told);
      this.tools = new bench.Tools(this, panel);
      this.table = new bench.Table({ box: part("workbench-areas", map, "after"), words, write, pick: (code, event) => this.pickRow(code, event) });
      this.keyboard = new bench.Keyboard(this, document.getElementById("workbench") || document.getElementById("content") || document.body);
    }

    get borders() {
      return this.levels.borders(this.level);
    }

    async start() {
      const lead = this.config.levels.find((level) => level.areas > 1) || this.config.levels[0];
      this.frame.loading();
      try {
        const whole = await this.levels.overview(lead.name);
        if (whole.codes.length) this.map.fitBounds(whole.latLngBounds(), { animate: false, padding: [14, 14] });
        else this.map.setView([35, 105], 4, { animate: false });
      } catch (error) {
        this.fail(error, () => this.start());
        return;
      }
      this.canvas.addTo(this.map);
      this.above.addTo(this.map);
      this.map.on("moveend", () => this.refresh());
      this.map.on("click", ({ latlng, originalEvent }) => !this.moving.moved && this.click(latlng, originalEvent));
      this.toolbar.toggle("snap", true);
      this.toolbar.toggle("many", false);
      this.chooseLevel(this.level);
      this.tools.use("move");
    }

    press(name) {
      const [kind, what] = name.split(":");
      if (kind === "level") this.chooseLevel(what);
      else if (kind === "tool") this.tools.use(what);
      else if (kind === "snap") this.toggleSnap();
      else if (kind === "many") this.tools.toggleMany();
      else if (kind === "delete") this.moving.deleteChosen();
      else if (kind === "keys") this.keyboard.help();
      else this.step(kind);
    }

    step(kind) {
      if (!this.mayEdit || this.moving.pending) return;
      this.moving.cancel();
      this.saving[kind]();
    }

    toggleSnap() {
      this.moving.snaps = !this.moving.snaps;
      this.toolbar.toggle("snap", this.moving.snaps);
    }

    // Escape takes back the nearest thing: what is held, a line, a tool, what is selected.
    escape() {
      if (this.moving.cancel() || this.tools.lasso.cancel()) return;
      if (this.moving.chosen) this.moving.choose(null);
      else if (this.tools.line.isOn && this.tools.line.points().length) this.tools.restartLine();
      else if (this.tools.name !== "move") this.tools.use("move");
      else this.selection.clear();
    }

    chooseLevel(level) {
      this.moving.cancel();
      this.moving.choose(null);
      this.level = level;
      this.selection.codes = new Set();
      this.toolbar.press("level", level);
      return this.refresh();
    }

    // After a movement or another level: what is in view is fetched and drawn.
    async refresh() {
      const mine = (this.turn += 1);
      const { level } = this;
      const late = window.setTimeout(() => mine === this.turn && this.frame.loading(), 300);
      this.map.getContainer().dataset.state = "loading";
      try {
        const above = this.levels.above(level);
        const named = Promise.all(above.map((one) => this.levels.overview(one, { fresh: false })));
        const [isNear] = await Promise.all([this.levels.near(level), named]);
        const overviews = isNear ? null : await Promise.all([level, ...above].map((one) => this.levels.overview(one)));
        if (mine !== this.turn) return;
        this.isNear = isNear;
        this.draw(overviews);
        if (this.levels.newest > this.levels.head) this.saving.poll();
        this.frame.ready(isNear || !this.mayEdit ? "" : this.words.zoom_in_to_edit);
      } catch (error) {
        if (mine === this.turn) this.fail(error, () => this.refresh());
      } finally {
        window.clearTimeout(late);
      }
    }

    draw(overviews) {
      this.far = overviews;
      this.canvas.near.level = overviews ? null : this.level;
      const outlines = (overviews || []).map((shapes, depth) => ({ shapes, ...bench.farLine(depth) })).reverse();
      const scale = maps.pathScale(this.map);
      const names = (overviews || []).filter((shapes) => shapes.usualSize * scale > 60).slice(0, 1).map((shapes) => ({ shapes, size: 12, weight: 400, colour: "#2f3c48" }));
      this.canvas.picture.outlines = outlines;
      this.canvas.picture.names = names;
      this.showSelection();
    }

    // The canvas, the handles, the table and the tool follow what is selected.
    showSelection() {
      this.canvas.near.selected = this.selection.codes;
      this.canvas.picture.chosen = this.farChosen();
      this.canvas.draw();
      if (!this.moving.held) this.moving.show(null);
      this.table.show(this.inView(), (code) => this.selection.has(code));
      this.tools.show();
    }

    farChosen() {
      if (!this.far) return null;
      const [shapes] = this.far;
      const at = this.selection.list.map((code) => shapes.places.get(code)).filter((one) => one !== undefined);
      return at.length ? { shapes, at } : null;
    }

    // The parents of the level's areas, by code.
    parents() {
      const [above] = this.levels.above(this.level);
      const named = above && this.levels.kept.get(above).named;
      return named ? [...named].sort(([one], [other]) => one.localeCompare(other)) : [];
    }

    // The areas in view as the table shows them. Far out their m² are not known exactly.
    inView() {
      const view = this.levels.view();
      const [above] = this.levels.above(this.level);
      const parentOf = (code) => {
        const found = above && code !== null && this.levels.named(above, code);
        return found ? found.name || code : code;
      };
      if (this.far) {
        const [shapes] = this.far;
        const seen = shapes.codes.map((code, at) => at).filter((at) => bench.boxesMeet(shapes.bounds[at].map(bench.steps), view));
        return seen.map((at) => ({ code: shapes.codes[at], name: shapes.names[at], m2: null, parent: parentOf(shapes.parents[at]) }));
      }
      return [...this.borders.within(view)].map(({ code, name, m2, parent }) => ({ code, name, m2, parent: parentOf(parent) }));
    }

    // The area of the level at a place of the map.
    areaAt({ lng, lat }) {
      if (!this.far) return this.borders.find(bench.steps(lng), bench.steps(lat));
      const [shapes] = this.far;
      const at = shapes.find(lng, lat);
      return at < 0 ? null : { code: shapes.codes[at], name: shapes.names[at], parent: shapes.parents[at] };
    }

    // What is selected in the table is brought into view on the map.
    pickRow(code, event) {
      this.selection.pick(code, { adds: bench.adds(event) || this.tools.adds });
      const area = this.borders.areas.get(code);
      if (this.far || !area || !this.selection.has(code)) return;
      const [west, south, east, north] = area.box.map(bench.degrees);
      const bounds = L.latLngBounds([south, west], [north, east]);
      if (!this.map.getBounds().contains(bounds)) this.map.panTo(bounds.getCenter());
    }

    // The codes of the areas with more than half of their ground in an outline, whole steps.
    within(outline) {
      const [xs, ys] = [0, 1].map((n) => outline.map((place) => place[n]));
      const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
      const near = this.far ? this.farRings(box) : [...this.borders.within(box)].map(({ code, polygons }) => [code, polygons.flat().map(({ vertices }) => vertices.map(({ x, y }) => [x, y]))]);
      return near.filter(([, rings]) => bench.shareWithin(rings, outline) > 0.5).map(([code]) => code);
    }

    farRings(box) {
      const [shapes] = this.far;
      const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, n) => [flat[2 * n], flat[2 * n + 1]].map(bench.steps));
      const met = shapes.codes.map((code, at) => [code, at]).filter(([, at]) => bench.boxesMeet(shapes.bounds[at].map(bench.steps), box));
      return met.map(([code, at]) => [code, shapes.rings[at].map(pairs)]);
    }

    click(place, event) {
      const area = this.areaAt(place);
      if (this.tools.click(area, event)) return;
      this.selection.pick(area ? area.code : null, { adds: bench.adds(event) || this.tools.adds });
    }

    // An answer has been taken in, or something was refused.
    changed(answer, how) {
      const here = answer.areas[this.level];
      for (const code of here ? here.gone : []) this.selection.codes.delete(code);
      this.moving.release();
      if (how !== "refused" && this.far) {
        this.refresh();
        return;
      }
      this.showSelection();
    }

    fail(error, again) {
      if (error.status === 401) {
        this.frame.error(this.words.logged_out, () => window.location.reload());
        return;
      }
      const reason = error.status && error.message !== String(error.status) ? ` ${error.message}` : "";
      this.frame.error(this.words.load_failed + reason, again);
    }
  };

  function pageRead() {
    if (document.readyState !== "loading") return Promise.resolve();
    return new Promise((go) => document.addEventListener("DOMContentLoaded", go, { once: true }));
  }

  maps.workbench = async function (map, config) {
    // The script stands where the map does; what it fills may stand below.
    await pageRead();
    if (!config.levels.length) {
      maps.frame(map, config.words).ready(config.words.nothing_here);
      return;
    }
    const made = new bench.Workbench(map, config);
    // For the other parts of the page, which show places and apply repairs.
    bench.here = made;
    await made.start();
    made.backdrops = new bench.Backdrops(made);
    made.panels = new bench.Panels(made);
    made.presence = new bench.Presence(made);
  };
})();
