// Beside the table: the problems of the draft with repairs, whom it takes cases from and gives
// them to, and what was done. Each follows the draft; what it is about is drawn on the map while
// it is looked at.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  // After an edit others mostly follow: what takes the server long waits for a pause.
  const PAUSE_MS = 700;
  const MOVING = { color: "#ffffff", weight: 1.5, fillColor: "#b5179e", fillOpacity: 1, radius: 6 };

  function polygons({ areas, origin }) {
    const ring = (flat) => {
      let [x, y] = origin;
      const points = [];
      for (let i = 0; i < flat.length; i += 2) {
        x += flat[i];
        y += flat[i + 1];
        points.push([bench.degrees(y), bench.degrees(x)]);
      }
      return points;
    };
    return areas.map((area) => area.rings.map((rings) => rings.map(ring)));
  }

  // One panel: fetched when it is looked at, and again when the draft has changed since.
  class Panel {
    constructor(panels, name) {
      this.panels = panels;
      this.name = name;
      this.box = document.getElementById(`workbench-${name}`);
      this.count = document.getElementById(`workbench-${name}-count`);
      this.layer = L.layerGroup();
      this.head = -1;
      const tab = document.getElementById(`workbench-tab-${name}`);
      tab.addEventListener("shown.bs.tab", () => {
        this.layer.addTo(panels.map);
        this.load();
      });
      tab.addEventListener("hidden.bs.tab", () => this.layer.remove());
    }

    get isShown() {
      return this.box.classList.contains("active");
    }

    async load() {
      const { levels } = this.panels.made;
      if (this.head === levels.head || this.asking) return;
      this.asking = true;
      this.box.setAttribute("aria-busy", "true");
      try {
        const answer = await maps.fetchJson(this.panels.urls[this.name]);
        this.head = answer.head;
        this.box.replaceChildren(...new DOMParser().parseFromString(answer.html, "text/html").body.childNodes);
        this.show(answer);
      } catch (error) {
        const note = maps.element("p", "workbench-panel-failed", error.status === 401 ? this.panels.words.logged_out : error.message || this.panels.words.panel_failed);
        this.box.replaceChildren(note);
        this.layer.clearLayers();
        this.head = -1;
      } finally {
        this.asking = false;
        this.box.removeAttribute("aria-busy");
      }
      // What was done while the server thought is asked for next.
      if (this.head !== -1 && this.head < levels.head) this.load();
    }

    number(many) {
      this.count.textContent = many ? this.panels.made.write.number(many) : "";
    }

    show() {}
  }

  class Problems extends Panel {
    constructor(panels) {
      super(panels, "problems");
      this.proposal = L.layerGroup();
      this.box.addEventListener("click", ({ target }) => {
        const show = target.closest("[data-problem-show]");
        const repair = target.closest("[data-problem-repair]");
        if (show) this.go(Number(show.dataset.problemShow));
        else if (repair) this.look(Number(repair.dataset.problemRepair));
      });
    }

    show({ errors, warnings, problems }) {
      this.number(errors + warnings);
      this.count.classList.toggle("workbench-count-bad", errors > 0);
      this.problems = problems;
      this.layer.clearLayers();
      this.proposal.clearLayers();
      this.layer.addLayer(this.proposal);
      for (const { severity, geometry } of problems) {
        if (!geometry) continue;
        const style = maps.styleOf(severity === "error" ? "problem" : "candidate");
        const options = { style, interactive: false, pane: "workbench-findings" };
        this.layer.addLayer(L.geoJSON(geometry, { ...options, pointToLayer: (_, place) => L.circleMarker(place, { radius: 5, ...options }) }));
      }
    }

    go(number) {
      const { geometry, place } = this.problems[number];
      const bounds = L.geoJSON(geometry).getBounds();
      if (bounds.isValid()) this.panels.map.fitBounds(bounds, { maxZoom: 19, padding: [80, 80] });
      else if (place) this.panels.map.setView([place[1], place[0]], 18);
    }

    // Shows what a repair would do, before and after, and asks whether to take it.
    async look(number) {
      const row = this.box.querySelector(`[data-problem="${number}"]`);
      this.drop();
      let found;
      try {
        found = await maps.fetchJson(this.panels.urls.repair.replace("{number}", number));
      } catch (error) {
        found = { operation: null, why: error.message };
      }
      const { words, made } = this.panels;
      const box = maps.element("div", "workbench-repair");
      box.setAttribute("role", "status");
      if (!found.operation) box.append(maps.element("p", "", found.why || words.repair_none));
      else {
        this.draw(found);
        this.go(number);
        const many = maps.say(words.repair_said, { said: found.said, m2: found.amount });
        const key = maps.element("p", "workbench-repair-key");
        for (const side of ["before", "after"]) {
          const one = maps.element("span", `workbench-key-${side}`, words[`repair_${side}`]);
          key.append(one);
        }
        box.append(maps.element("p", "", many), key);
        if (made.mayEdit) {
          const take = maps.element("button", "btn btn-sm btn-primary", words.repair_take);
          take.type = "button";
          take.addEventListener("click", async () => {
            take.disabled = true;
            if (!(await made.saving.edit(found.operation))) this.drop();
          });
          box.append(take);
        }
      }
      const close = maps.element("button", "btn btn-sm btn-outline-secondary ms-1", words.repair_drop);
      close.type = "button";
      close.addEventListener("click", () => this.drop());
      box.append(close);
      row.append(box);
      (box.querySelector("button") || box).focus();
    }

    draw({ before, after }) {
      for (const [side, areas] of [["after", after], ["before", before]]) {
        for (const one of polygons(areas)) {
          this.proposal.addLayer(L.polygon(one, { ...maps.styleOf(side), fill: false, interactive: false, pane: "workbench-findings" }));
        }
      }
    }

    drop() {
      this.proposal.clearLayers();
      const there = this.box.querySelector(".workbench-repair");
      if (there) there.remove();
    }
  }

  class Impact extends Panel {
    constructor(panels) {
      super(panels, "impact");
    }

    async show({ moving, cases }) {
      this.number(moving);
      this.layer.clearLayers();
      const elsewhere = new Map();
      for (const one of cases) {
        if (one.at) this.dot([one.at[1], one.at[0]], [one.case_no, this.said(one)]);
        else elsewhere.set(one.area, [...(elsewhere.get(one.area) || []), one]);
      }
      // Who may not see where a case lies is shown how many lie in an area.
      if (!elsewhere.size) return;
      const { levels, config } = this.panels.made;
      const shapes = await levels.overview(config.levels[config.levels.length - 1].name);
      for (const [code, some] of elsewhere) {
        const at = shapes.places.get(code);
        if (at === undefined) continue;
        const [west, south, east, north] = shapes.bounds[at];
        const many = maps.say(this.panels.words.moving_here, { n: this.panels.made.write.number(some.length), area: shapes.names[at] || code });
        this.dot([(south + north) / 2, (west + east) / 2], [many, ...new Set(some.map((one) => this.said(one)))], some.length);
      }
    }

    said({ from, to }) {
      const { words } = this.panels;
      return `${from || words.nobody} → ${to || words.nobody}`;
    }

    dot(place, lines, many = 1) {
      const radius = MOVING.radius + Math.min(10, 2 * Math.log2(many));
      const dot = L.circleMarker(place, { ...MOVING, radius, pane: "workbench-findings" });
      dot.bindTooltip(maps.label(...lines));
      this.layer.addLayer(dot);
    }
  }

  bench.Panels = class {
    constructor(made) {
      Object.assign(this, { made, map: made.map, words: made.words, urls: made.config.urls });
      this.map.createPane("workbench-findings").style.zIndex = 450;
      this.panels = [new Problems(this), new Impact(this), new Panel(this, "log")];
      document.addEventListener("workbench:changed", () => this.changed());
      this.changed();
    }

    changed() {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => {
        // Those with a number are kept right while others are looked at, too.
        for (const panel of this.panels) if (panel.isShown || panel.count) panel.load();
      }, PAUSE_MS);
    }
  };
})();
