// What one map of a comparison shows: what lies around, the ground that changed hands, and the
// changed areas before and after, each on a pane of its own that can be put away or cut.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const PANES = { around: 350, moved: 410, before: 420, after: 430 };
  const STYLES = { around: "neighbour", moved: "moved", before: "before", after: "after" };
  // So many pixels of an area does one character of its name need, and a line of it.
  const CHARACTER_PX = 13;
  const LINE_PX = 22;

  maps.ComparedSides = class {
    constructor(map, found, choose) {
      Object.assign(this, { map, found });
      this.layers = { before: new Map(), after: new Map() };
      this.names = [];
      for (const [name, level] of Object.entries(PANES)) {
        const pane = map.createPane(`compare-${name}`);
        pane.style.zIndex = level;
        this.draw(name, choose);
      }
      this.addNames();
      map.on("zoomend resize", () => this.showNames());
      this.showNames();
    }

    draw(name, choose) {
      const pane = `compare-${name}`;
      const isArea = name in this.layers;
      L.geoJSON(this.found[name], {
        pane,
        // Paths take clicks one by one, so that those below are reached.
        renderer: L.svg({ pane, padding: 0.5 }),
        interactive: isArea,
        style: () => maps.styleOf(STYLES[name]),
        onEachFeature: ({ properties }, layer) => {
          if (!isArea) return;
          this.layers[name].set(properties.code, layer);
          layer.bindTooltip(maps.label(properties.label), { sticky: true });
          layer.on("click", () => choose(properties.code));
        },
      }).addTo(this.map);
    }

    // Before and after say their own name; where both are shown, a new name stands below the old.
    addNames() {
      const named = (side) => new Map(this.found[side].map(({ properties }) => [properties.code, properties.name]));
      const [before, after] = [named("before"), named("after")];
      for (const [side, names] of [["before", before], ["after", after]]) {
        for (const [code, name] of names) {
          const text = maps.element("span", "", name);
          const lines = [name];
          if (side === "after" && before.has(code) && before.get(code) !== name) {
            lines.push(`${before.get(code)} →`);
            text.prepend(maps.element("span", "compare-was", lines[1]));
          }
          const twice = side === "before" && after.has(code) ? " compare-twice" : "";
          const layer = this.layers[side].get(code);
          const tip = L.tooltip({
            permanent: true,
            direction: "center",
            pane: `compare-${side}`,
            className: `compare-name compare-name-${side}${twice}`,
          });
          tip.setLatLng(layer.getCenter()).setContent(text);
          const longest = Math.max(...lines.map((line) => line.length));
          this.names.push({ code, layer, tip, width: longest * CHARACTER_PX, height: lines.length * LINE_PX });
        }
      }
    }

    // An area that was chosen has its name however small it is.
    showNames() {
      for (const { code, layer, tip, width, height } of this.names) {
        const bounds = layer.getBounds();
        const [a, b] = [bounds.getSouthWest(), bounds.getNorthEast()].map((at) => this.map.latLngToLayerPoint(at));
        const isShown = code === this.marked || (b.x - a.x > width && a.y - b.y > height);
        if (isShown && !this.map.hasLayer(tip)) tip.addTo(this.map);
        if (!isShown && this.map.hasLayer(tip)) tip.remove();
      }
    }

    bounds() {
      const all = L.latLngBounds([]);
      for (const side of Object.values(this.layers)) {
        for (const layer of side.values()) all.extend(layer.getBounds());
      }
      return all;
    }

    boundsOf(code) {
      const all = L.latLngBounds([]);
      for (const side of Object.values(this.layers)) {
        if (side.has(code)) all.extend(side.get(code).getBounds());
      }
      return all;
    }

    mark(code) {
      this.marked = code;
      this.showNames();
      for (const [name, side] of Object.entries(this.layers)) {
        for (const [one, layer] of side) {
          const style = maps.styleOf(STYLES[name]);
          layer.setStyle({ weight: one === code ? style.weight * 2 : style.weight });
          if (one === code) layer.bringToFront();
        }
      }
    }

    // sides are those to show; at is the part of the width where before ends and after begins.
    show(sides, at = null) {
      for (const name of ["before", "after"]) {
        this.map.getPane(`compare-${name}`).style.visibility = sides.includes(name) ? "" : "hidden";
      }
      this.at = at;
      this.cut();
    }

    cut() {
      const size = this.map.getSize();
      const [nw, se] = [L.point(0, 0), size].map((at) => this.map.containerPointToLayerPoint(at));
      const x = nw.x + size.x * (this.at ?? 0);
      const parts = { before: [nw.x, x], after: [x, se.x] };
      for (const [name, [west, east]] of Object.entries(parts)) {
        const corners = [[west, nw.y], [east, nw.y], [east, se.y], [west, se.y]];
        const path = `polygon(${corners.map((corner) => corner.map((one) => `${one}px`).join(" ")).join(", ")})`;
        this.map.getPane(`compare-${name}`).style.clipPath = this.at === null ? "" : path;
      }
    }
  };
})();
