// The map of the city: what is asked for by the fields is fetched, drawn, said and kept in the
// address. Geometry comes once for an edition, figures as columns in the order of its codes.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const KEPT_ANSWERS = 60;
  // How wide the city's part of the map is at least, by its height.
  const LEAST_WIDTH = 0.7;

  class City {
    constructor(map, config) {
      this.map = map;
      this.config = config;
      this.words = config.words;
      this.write = maps.writers(config.language);
      this.frame = maps.frame(map, config.words);
      this.answers = new Map();
      // Over pictures of the ground, which have somebody to name, colours let them through.
      this.opacity = map.attributionControl ? 0.65 : 0.85;
      this.turn = 0;
      this.chosen = null;
      // Whether the table is there is this browser's to say, unless an address says it.
      config.state.table = maps.isPaneOpen("table");
      this.state = this.read();
      this.load = maps.shapeStore(config.urls, config.editions, map.options.crs);
      this.canvas = new maps.MapCanvas();
      this.legend = maps.legend(map, this.words, this.write, { pick: (only) => this.change({ only }), opacity: this.opacity });
      this.fixLevels();
      this.connect();
    }

    read() {
      const { config } = this;
      const state = maps.readState(window.location.search, config.state, {
        layers: ["density", "rate", "cases", "hot"],
        editions: config.editions.map((edition) => edition.number),
        categories: config.categories,
      });
      if (!config.urls.demolitions) state.demolitions = false;
      return state;
    }

    get edition() {
      return this.config.editions.find((edition) => edition.number === this.state.edition);
    }

    // Another edition may lack a level: what is chosen then falls back to what it has.
    fixLevels() {
      const names = this.edition.levels.map((level) => level.name);
      const lead = maps.leadLevel(this.edition.levels);
      if (!names.includes(this.state.level)) this.state.level = names[names.length - 1];
      if (!names.includes(this.state.by)) this.state.by = lead ? lead.name : names[0];
    }

    connect() {
      const { words, write } = this;
      this.panes = maps.panes(this.map, { moved: () => this.fitting && this.fitCity(this.fitting) });
      this.controls = maps.controls(this, (changes) => this.change(changes));
      this.ranking = maps.ranking({
        words,
        write,
        caseLink: (params) => this.caseLink(params),
        open: (level, code, from) => this.openArea(level, code, from, true),
        resort: (sort) => this.keep({ sort }),
      });
      this.panel = maps.panel({
        words,
        address: ([level, code]) => this.address(this.config.urls.panel, { level, code }, this.asked()),
        sentence: (area) => this.sentence(area),
        opened: () => this.panes.besidePanel(true),
        closed: () => this.closeArea(),
        home: this.map.getContainer(),
      });
      maps.search({
        words,
        find: (q) => maps.fetchJson(this.address(this.config.urls.search, {}, { q, edition: this.state.edition })),
        choose: (result) => this.goTo(result),
      });
      this.timeline = maps.timeline({
        words,
        write,
        choose: (from, to, how) => this.change({ from, to }, how),
        load: () => maps.fetchJson(this.address(this.config.urls.timeline, {}, { step: this.state.step, ...this.choice() })),
        settled: () => this.refreshing,
      });
      this.pointer = maps.pointer(this);
      window.addEventListener("popstate", () => this.restore());
    }

    address(template, places, params) {
      let url = template;
      for (const [name, value] of Object.entries(places)) {
        url = url.replace(`{${name}}`, encodeURIComponent(value));
      }
      const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "" && value !== null));
      return `${url}?${query}`;
    }

    // Which cases are chosen, as every request for figures says it.
    choice() {
      return Object.fromEntries(["category", ...maps.CHOSEN].map((name) => [name, this.state[name]]));
    }

    asked() {
      const { edition, from, to } = this.state;
      return { edition, from, to, ...this.choice() };
    }

    // The same cases in the list of cases; none for accounts that may not see it.
    caseLink(params) {
      if (!this.config.urls.cases) return null;
      // What is open or overdue is judged in the list as in the figures.
      const judged = (this.state.open || this.state.overdue) && this.asOf ? { as_of: this.asOf } : {};
      return this.address(this.config.urls.cases, {}, { ...this.asked(), ...judged, ...params });
    }

    fetch(url) {
      if (!this.answers.has(url)) {
        const answer = maps.fetchJson(url);
        this.answers.set(url, answer);
        answer.catch(() => this.answers.delete(url));
        if (this.answers.size > KEPT_ANSWERS) this.answers.delete(this.answers.keys().next().value);
      }
      return this.answers.get(url);
    }

    figures(level) {
      return this.fetch(this.address(this.config.urls.figures, {}, { ...this.asked(), level }));
    }

    async start() {
      this.controls.show(this.state);
      this.map.on("resize", () => this.fitting && this.fitCity(this.fitting));
      this.timeline.show(this.state.from, this.state.to);
      await this.refresh();
      // The whole city stays in view while the page moves around it, until somebody moves the map.
      this.map.on("movestart zoomstart", () => {
        if (!this.moving) this.fitting = null;
      });
      this.map.on("moveend", () => {
        this.keepPlace();
        this.redrawOutlines();
      });
      this.timeline.load().catch(() => {});
      if (this.state.area) {
        const [level, ...code] = this.state.area.split(":");
        this.showArea(level, code.join(":"), null, !this.state.at);
      }
    }

    // A view set from an address comes back a fraction of a pixel aside; that is no move.
    keepPlace() {
      if (this.fitting) return;
      const centre = this.map.getCenter();
      const here = [centre.lat, centre.lng, this.map.getZoom()];
      const { at } = this.state;
      const same = at && at.every((one, n) => Math.abs(one - here[n]) < (n < 2 ? 2e-5 : 0.01));
      if (!same) this.keep({ at: here });
    }

    keep(changes, how) {
      Object.assign(this.state, changes);
      maps.writeState(this.state, this.config.state, how);
    }

    change(changes, { push = true } = {}) {
      const before = { ...this.state };
      Object.assign(this.state, changes);
      this.fixLevels();
      this.keep({}, { push });
      return this.follow(before);
    }

    // The page after its state: fields, time, panel and map.
    follow(before) {
      this.controls.show(this.state);
      this.timeline.show(this.state.from, this.state.to);
      if (["step", "category", ...maps.CHOSEN].some((name) => before[name] !== this.state[name])) {
        this.timeline.load().catch(() => {});
      }
      if (before.edition !== this.state.edition) this.forget();
      if (this.state.area) this.panel.reload(this.areaKey());
      this.refreshing = this.refresh();
      return this.refreshing;
    }

    // Back and forward: the state is that of the entry, its view too.
    restore() {
      const before = this.state;
      this.timeline.stop();
      this.state = this.read();
      this.fixLevels();
      maps.leadOn(this.state, window.location.search.slice(1));
      this.map.closePopup();
      this.showPlace();
      const isSame = Object.keys(this.state).every((name) => ["at", "area"].includes(name) || this.state[name] === before[name]);
      if (!isSame) this.follow(before);
      if (this.state.area === before.area) return;
      if (this.state.area) this.showArea(...this.areaKey(), null, !this.state.at);
      else this.panel.close();
    }

    showPlace() {
      const { at } = this.state;
      // A movement under way would end on this entry and change it.
      this.map.stop();
      if (at) this.map.setView([at[0], at[1]], at[2], { animate: false });
      else if (this.whole) this.fitCity(this.whole);
    }

    // A matter of this screen, and no state of the map: it makes no entry.
    foldTable(table) {
      maps.keepPane("table", table);
      this.config.state.table = table;
      this.keep({ table });
      this.controls.show(this.state);
      if (table) this.refreshing = this.refresh();
    }

    areaKey() {
      const [level, ...code] = this.state.area.split(":");
      return [level, code.join(":")];
    }

    // Another edition has other areas: what was chosen on the map is no longer drawn.
    forget() {
      this.chosen = null;
      this.canvas.show({ chosen: null });
    }

    async refresh() {
      const mine = (this.turn += 1);
      const late = window.setTimeout(() => mine === this.turn && this.frame.loading(), 250);
      this.map.getContainer().dataset.state = "loading";
      performance.mark("filter-start");
      try {
        const [drawn, table] = await Promise.all([this.theme(), this.tableFigures()]);
        if (mine !== this.turn) return;
        this.draw(drawn);
        if (table) this.asOf = table.figures.as_of;
        if (table) this.ranking.show(table.figures, table.shapes, this.state.sort);
        this.finish(drawn);
      } catch (error) {
        if (mine === this.turn) this.fail(error);
      } finally {
        window.clearTimeout(late);
      }
    }

    async tableFigures() {
      if (!this.state.table) return null;
      const [figures, shapes] = await Promise.all([
        this.figures(this.state.by),
        this.load(this.state.edition, this.state.by, "far"),
      ]);
      return { figures, shapes };
    }

    async theme() {
      const lead = maps.leadLevel(this.edition.levels);
      const leadShapes = this.load(this.state.edition, lead.name, "far").then((shapes) => this.fit(shapes));
      const asCircles = this.state.layer === "hot";
      const shown = (this.state.demolitions || asCircles) && this.config.urls.demolitions;
      const footprints = shown ? this.footprints() : null;
      const byLayer = this.state.layer === "density" ? this.density(leadShapes) : this.areas(leadShapes);
      const theme = await byLayer;
      const [outlines, dots, structures] = await Promise.all([
        maps.outlinesFor(this.map, this.edition, this.load),
        maps.loadDots(this),
        footprints,
      ]);
      const drawn = { ...theme, ...outlines, dots };
      if (!asCircles || !structures) return { ...drawn, footprints: structures, circles: null };
      return { ...drawn, footprints: null, circles: maps.circles(structures, this.map.getSize()) };
    }

    async density(leadShapes) {
      if (this.config.no_density) {
        await leadShapes;
        return { density: null, fill: null, cases: 1, why: this.config.no_density };
      }
      const url = this.address(this.config.urls.density, {}, { ...this.asked(), bandwidth_m: this.state.bandwidth });
      const [answer, within] = await Promise.all([this.fetch(url), leadShapes.then(() => this.seen())]);
      answer.surface = answer.surface || maps.surface(answer);
      const breaks = maps.chosenBreaks(answer.classes, this.state.fit);
      const palette = maps.surfacePalette(breaks).map(maps.channels);
      const density = { surface: answer.surface, within, breaks, palette, opacity: this.opacity };
      return { density, fill: null, cases: answer.cases === null ? 1 : answer.cases, answer };
    }

    // The outlines within which the density is drawn: the city, or the one area of the account.
    seen() {
      const level = this.config.area_level || maps.leadLevel(this.edition.levels).name;
      return this.load(this.state.edition, level, maps.outlineZoom(this.map));
    }

    async areas(leadShapes) {
      const [figures] = await Promise.all([this.figures(this.state.level), leadShapes]);
      const shapes = await this.load(this.state.edition, this.state.level, maps.outlineZoom(this.map));
      const { layer, only, fit } = this.state;
      const classed = {
        hot: () => maps.squareClasses(figures, only, fit),
        rate: () => maps.rateClasses(figures.columns),
        cases: () => maps.areaClasses(figures.columns, maps.chosenBreaks(figures.classes, fit)),
      }[layer]();
      const { classes, hatched, palette } = classed;
      const fill = { shapes, classes, hatched, palette, opacity: this.opacity };
      const cases = figures.columns.cases.reduce((sum, one) => sum + one, 0);
      return { density: null, fill, figures, classed, cases };
    }

    async footprints() {
      const { from, to } = this.state;
      const url = this.address(this.config.urls.demolitions, {}, { from, to });
      const answer = await this.fetch(url);
      answer.drawn = answer.drawn || maps.readFootprints(answer, this.map.options.crs);
      return answer.drawn;
    }

    // The first view: as in the address, else the whole city.
    fit(shapes) {
      this.whole = shapes;
      if (this.map._loaded) return shapes;
      const { at } = this.state;
      if (at) this.map.setView([at[0], at[1]], at[2], { animate: false });
      else if (shapes.codes.length) this.fitCity(shapes);
      else this.map.setView([35, 105], 4, { animate: false });
      this.canvas.addTo(this.map);
      return shapes;
    }

    // In what is left of the map: beside the legend, unless hardly any width were left.
    fitCity(shapes) {
      this.fitting = shapes;
      this.moving = true;
      const size = this.map.getSize();
      const { top, right, bottom, left } = this.panes.insets();
      const beside = size.x - left - right - this.legend.width();
      const legend = beside > (size.y - top - bottom) * LEAST_WIDTH ? this.legend.width() : 0;
      this.map.fitBounds(shapes.latLngBounds(), {
        animate: false,
        paddingTopLeft: [14 + left, 14 + top],
        paddingBottomRight: [14 + right + legend, 14 + bottom],
      });
      this.moving = false;
    }

    // The room that a popup has, clear of what floats over the map.
    popupRoom() {
      const { top, right, bottom, left } = this.panes.insets();
      return {
        autoPanPaddingTopLeft: [8 + left, 8 + top],
        autoPanPaddingBottomRight: [8 + right + this.legend.width(), 8 + bottom],
      };
    }

    draw(drawn) {
      const { density, fill, outlines, names, footprints, circles, dots } = drawn;
      this.drawn = drawn;
      this.canvas.show({ density, fill, outlines, names, footprints, circles, dots });
      const shown = this.state.demolitions;
      const days = maps.daysBetween(this.state.from, this.state.to);
      // A wall screen has nobody before it who could change anything.
      const change = this.config.urls.panel ? (changes) => this.change(changes) : null;
      const choices = { fit: this.state.fit, change };
      if (drawn.why) this.legend.noDensity(drawn.why);
      else if (density) this.legend.density(drawn.answer, density.breaks, shown, choices);
      else if (this.state.layer === "hot") this.legend.hot(drawn.figures, drawn.classed, circles, days, choices);
      else if (this.state.layer === "rate") this.legend.rate(drawn.classed, shown, maps.dueOf(drawn.figures.columns));
      else this.legend.cases(drawn.figures, drawn.classed, days, shown, choices);
      this.legend.dots(dots);
    }

    // What the panel says of an area beside its counts; nothing on other layers.
    async sentence([level, code]) {
      if (this.state.layer !== "hot") return null;
      const [figures, shapes] = await Promise.all([this.figures(level), this.load(this.state.edition, level, "far")]);
      const at = shapes.places.get(code);
      const days = maps.daysBetween(this.state.from, this.state.to);
      return at === undefined ? null : maps.squareSentence(figures, at, { days, fit: this.state.fit, words: this.words, write: this.write });
    }

    finish({ cases }) {
      if (!performance.getEntriesByName("map-meaningful").length) performance.mark("map-meaningful");
      performance.measure("filter", "filter-start");
      this.frame.ready(cases ? "" : this.words.empty);
    }

    fail(error) {
      if (error.status === 401) this.frame.error(this.words.logged_out, () => window.location.reload());
      else {
        // What the server says is for people; what the browser says is not.
        const reason = error.status && error.message !== String(error.status) ? ` ${error.message}` : "";
        this.frame.error(this.words.load_failed + reason, () => this.refresh());
      }
    }

    // After a move: finer outlines where the map is near, and what lies in view.
    async redrawOutlines() {
      try {
        const [{ outlines, names }, dots] = await Promise.all([
          maps.outlinesFor(this.map, this.edition, this.load),
          maps.loadDots(this),
        ]);
        let { fill, density } = this.canvas.picture;
        if (fill) {
          // Nearer, the areas' finer outlines have the same codes in the same order.
          const shapes = await this.load(this.state.edition, fill.shapes.level, maps.outlineZoom(this.map));
          if (this.canvas.picture.fill === fill) fill = { ...fill, shapes };
          else fill = this.canvas.picture.fill;
        }
        if (density) {
          const within = await this.seen();
          if (this.canvas.picture.density === density) density = { ...density, within };
          else density = this.canvas.picture.density;
        }
        this.canvas.show({ outlines, names, fill, density, dots });
        this.legend.dots(dots);
      } catch (error) {
        this.fail(error);
      }
    }

    openArea(level, code, from, moves) {
      // A wall screen has no panel: it only moves to the area and marks it.
      if (this.config.urls.panel) this.keep({ area: `${level}:${code}` }, { push: true });
      return this.showArea(level, code, from, moves);
    }

    async showArea(level, code, from, moves) {
      if (this.config.urls.panel) this.panel.open([level, code], from);
      try {
        const shapes = await this.load(this.state.edition, level, "far");
        const at = shapes.places.get(code);
        if (at === undefined) return;
        this.chosen = { shapes, at };
        this.canvas.show({ chosen: this.chosen });
        const bounds = shapes.latLngBounds(at);
        if (!moves) return;
        const { autoPanPaddingTopLeft: paddingTopLeft, autoPanPaddingBottomRight: paddingBottomRight } = this.popupRoom();
        this.map.fitBounds(bounds.pad(0.4), { maxZoom: 17, paddingTopLeft, paddingBottomRight });
      } catch (error) {
        this.fail(error);
      }
    }

    closeArea() {
      this.panes.besidePanel(false);
      this.keep({ area: null }, { push: true });
      this.forget();
    }

    goTo(result) {
      if (result.kind === "area") {
        this.openArea(result.level, result.code, document.getElementById("map-search"), true);
        return;
      }
      if (result.bounds) {
        const [west, south, east, north] = result.bounds;
        this.map.fitBounds([[south, west], [north, east]], { maxZoom: 18 });
      } else if (result.lon !== null) {
        this.map.setView([result.lat, result.lon], 17);
      }
      const isShown = this.state.demolitions || this.state.layer === "hot";
      if (result.kind === "demolition" && !isShown) this.change({ demolitions: true });
      this.pointer.mark(result);
    }
  }

  maps.cityMap = function (map, config) {
    const city = new City(map, config);
    city.refreshing = city.start();
  };
})();
