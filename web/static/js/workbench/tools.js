// What can be done with areas: each tool says how it is used, and asks for what it needs in a
// panel below the buttons. The areas it is about are those that are selected.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  bench.TOOLS = [
    { name: "move", icon: "bounding-box", key: "M" },
    { name: "split", icon: "scissors", key: "D" },
    { name: "merge", icon: "union", key: "G" },
    { name: "reassign", icon: "arrow-left-right", key: "R" },
    { name: "area", icon: "pencil", key: "E" },
  ];

  function button(text, kind, press) {
    const made = maps.element("button", `btn btn-sm ${kind}`, text);
    made.type = "button";
    made.addEventListener("click", press);
    return made;
  }

  function field(label, input) {
    const made = maps.element("label", "workbench-field");
    made.append(maps.element("span", "", label), input);
    return made;
  }

  bench.Tools = class {
    constructor(workbench, panel) {
      this.bench = workbench;
      this.words = workbench.words;
      this.panel = panel;
      this.name = "move";
      this.many = false;
      this.into = null;
      this.to = null;
      this.form = new bench.AreaForm(this);
      this.lasso = new bench.Lasso(workbench, {
        mayDraw: () => this.name === "reassign" && workbench.mayEdit,
        drawn: (outline) => this.selectWithin(outline),
      });
      this.line = new bench.Line(workbench.map, {
        snap: (at) => this.snapLine(at),
        drawn: (points) => this.splitBy(points),
        changed: (points) => this.measureLine(points),
      });
    }

    use(name) {
      if (name !== "move" && !this.bench.mayEdit) return;
      this.bench.moving.cancel();
      this.bench.moving.choose(null);
      this.line.stop();
      this.lasso.arm(false);
      this.name = name;
      this.into = this.to = null;
      this.bench.toolbar.press("tool", name);
      this.bench.map.getContainer().classList.toggle("workbench-drawing", name === "split");
      this.bench.moving.show(null);
      this.show();
    }

    // Whether a click adds to what is selected: on a screen without keys it has to be said.
    get adds() {
      return this.name === "merge" || this.many;
    }

    toggleMany() {
      this.many = !this.many;
      this.bench.toolbar.toggle("many", this.many);
    }

    showVertex(isChosen) {
      this.bench.toolbar.enable("delete", isChosen);
    }

    areas() {
      return this.bench.selection.list.map((code) => this.bench.borders.areas.get(code)).filter(Boolean);
    }

    // The panel for what is selected now. It stays as it is while that stays: somebody may be
    // writing in it when others change the draft.
    show() {
      const { say } = this.bench;
      const now = JSON.stringify([this.name, this.bench.level, this.bench.isNear, this.bench.selection.list, this.to]);
      if (now !== this.shown) {
        this.shown = now;
        this.fill(this[`show_${this.name}`] ? this[`show_${this.name}`](this.areas()) : []);
      }
      if (!this.bench.mayEdit) say.stand(this.words.help_read_only);
      else say.stand(this.bench.isNear ? this.helpNow() : "");
    }

    fill(parts) {
      const hadFocus = this.panel.contains(document.activeElement);
      this.panel.replaceChildren(...parts);
      this.panel.hidden = !parts.length;
      if (hadFocus) this.bench.toolbar.buttons.get(`tool:${this.name}`).focus();
    }

    helpNow() {
      const count = this.bench.selection.codes.size;
      if (this.name === "split" && count !== 1) return this.words.help_split_none;
      if (this.name === "merge" && count < 2) return this.words.help_merge_none;
      if (this.name === "reassign" && !count) return this.words.help_reassign_none;
      if (this.name === "area" && count !== 1) return this.words.help_area_none;
      return this.words[`help_${this.name}`];
    }

    // A click on the map: an area, or none. Reports whether the tool has used it.
    click(area, event) {
      if (this.line.isOn) return true;
      if (this.name !== "reassign" || !this.bench.selection.codes.size || bench.adds(event)) return false;
      if (area && !this.bench.selection.has(area.code) && area.parent) {
        this.to = area.parent;
        this.show();
      }
      return true;
    }

    // ---- split

    show_split(areas) {
      if (!this.bench.isNear || areas.length !== 1) {
        this.line.stop();
        return [];
      }
      this.line.start();
      return [
        button(this.words.line_end, "btn-primary", () => this.line.end()),
        button(this.words.line_again, "btn-outline-secondary", () => this.restartLine()),
      ];
    }

    restartLine() {
      this.line.restart();
      this.bench.say.measures([], 0);
    }

    snapLine(at) {
      const { moving, picking, borders } = this.bench;
      picking.index(borders);
      const found = moving.snaps && picking.snap(at, 12, { vertices: new Set(), edges: new Set() });
      this.bench.above.paint(found ? { snap: found } : null);
      return found ? bench.lonLat(found.at) : undefined;
    }

    measureLine(points) {
      const places = points.map((point) => point.map(bench.steps));
      const length = places.slice(1).reduce((sum, to, n) => sum + bench.lengthM(places[n], to), 0);
      this.bench.say.measures([], length);
    }

    async splitBy(points) {
      const [area] = this.areas();
      // Points that repeat the one before are of the click that ended the line.
      const places = points.map((point) => point.map(bench.steps)).filter((place, n, all) => !n || String(place) !== String(all[n - 1]));
      if (!area || places.length < 2) {
        this.bench.say.refused(this.words.line_short);
        return;
      }
      const line = places.map(bench.lonLat);
      this.line.stop();
      const before = new Set(this.bench.borders.areas.keys());
      const done = await this.bench.saving.edit({ op: "split", level: this.bench.level, code: area.code, line });
      if (!done) {
        this.show();
        return;
      }
      // The pieces are selected: one sees what was made.
      const pieces = done.areas[this.bench.level].areas.filter(({ code }) => code === area.code || !before.has(code));
      this.bench.selection.set(pieces.map(({ code }) => code));
      this.use("move");
    }

    // ---- merge

    show_merge(areas) {
      if (areas.length < 2) return [];
      if (!areas.some(({ code }) => code === this.into)) this.into = areas[0].code;
      const choice = maps.element("fieldset", "workbench-choice");
      choice.append(maps.element("legend", "", this.words.merge_into));
      for (const { code, name } of areas) {
        const radio = maps.element("input", "form-check-input");
        Object.assign(radio, { type: "radio", name: "workbench-into", value: code, checked: code === this.into });
        radio.addEventListener("change", () => (this.into = code));
        const label = maps.element("label", "workbench-radio");
        label.append(radio, maps.element("span", "", name && name !== code ? `${code} ${name}` : code));
        choice.append(label);
      }
      return [choice, button(this.words.tool_merge, "btn-primary", () => this.merge())];
    }

    async merge() {
      const codes = this.areas().map(({ code }) => code);
      const into = this.into;
      if (codes.length < 2) return;
      const done = await this.bench.saving.edit({ op: "merge", level: this.bench.level, codes, into });
      if (!done) return;
      this.bench.selection.set([into]);
      this.use("move");
    }

    // ---- reassign

    // Only codes are sent: far out many areas can be given at once, too.
    show_reassign() {
      const [above] = this.bench.levels.above(this.bench.level);
      if (!above) return [];
      const lasso = button(this.words.lasso, "btn-outline-secondary", () => {
        this.lasso.arm(!this.lasso.isArmed);
        lasso.setAttribute("aria-pressed", String(this.lasso.isArmed));
        this.bench.say.help(this.lasso.isArmed ? this.words.help_lasso : "");
      });
      lasso.setAttribute("aria-pressed", "false");
      const { list } = this.bench.selection;
      if (!list.length) return [lasso];
      const select = maps.element("select", "form-select form-select-sm");
      select.append(new Option("", ""));
      for (const [code, { name }] of this.bench.parents()) select.append(new Option(name && name !== code ? `${name} (${code})` : code, code));
      select.value = this.to || "";
      select.addEventListener("change", () => (this.to = select.value));
      const many = maps.element("span", "small", maps.say(this.words.selected_many, { n: this.bench.write.number(list.length) }));
      return [many, field(this.words.reassign_to, select), button(this.words.tool_reassign, "btn-primary", () => this.reassign()), lasso];
    }

    selectWithin(outline) {
      this.bench.say.help("");
      const { selection } = this.bench;
      selection.set([...selection.list, ...this.bench.within(outline)]);
    }

    async reassign() {
      const codes = this.bench.selection.list;
      if (!codes.length || !this.to) return;
      if (await this.bench.saving.edit({ op: "reassign", level: this.bench.level, codes, to: this.to })) this.use("move");
    }

    // ---- what an area is called, and what is known of it

    // Nothing of it is drawn: it can be changed far out, too.
    show_area() {
      const { list } = this.bench.selection;
      return list.length === 1 ? [this.form.of(list[0])] : [];
    }
  };
})();
