// A line that somebody draws across areas, by terra-draw: clicks or taps set its points, a
// second one on the last point ends it.
(function () {
  "use strict";
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  const SNAP_PX = 12;
  const STYLES = { lineStringColor: "#b5179e", lineStringWidth: 3, closingPointColor: "#b5179e", closingPointWidth: 6, closingPointOutlineColor: "#ffffff", closingPointOutlineWidth: 2, snappingPointColor: "#b5179e", snappingPointWidth: 5, snappingPointOutlineColor: "#ffffff", snappingPointOutlineWidth: 2 };

  // Its own way to order panes is a style element, which the page's content policy refuses.
  function adapterFor(map) {
    class Adapter extends terraDrawLeafletAdapter.TerraDrawLeafletAdapter {
      createPaneStyleSheet(name, order) {
        const pane = map.getPane(name) || map.createPane(name);
        pane.style.zIndex = String(order + 600);
        pane.style.pointerEvents = "none";
        // The pane outlives the line: Leaflet keeps the canvas of a pane as long as the map.
        return { remove() {} };
      }
    }
    return new Adapter({ lib: L, map, coordinatePrecision: 9 });
  }

  bench.Line = class {
    // `snap(at)` returns where a point comes to lie, in degrees, or nothing.
    constructor(map, { snap, drawn, changed }) {
      this.map = map;
      this.drawn = drawn;
      const mode = new terraDraw.TerraDrawLineStringMode({
        pointerDistance: SNAP_PX,
        // The keys of the page do this, wherever the focus is in it.
        keyEvents: null,
        snapping: { toCustom: (event) => snap([event.lng, event.lat]) },
        styles: STYLES,
      });
      this.draw = new terraDraw.TerraDraw({ adapter: adapterFor(map), modes: [mode] });
      this.draw.on("change", () => changed(this.points()));
      this.draw.on("finish", (id) => this.finish(id));
    }

    get isOn() {
      return this.draw.enabled;
    }

    start() {
      if (this.isOn) return;
      this.draw.start();
      this.draw.setMode("linestring");
    }

    stop() {
      if (!this.isOn) return;
      this.draw.stop();
      // terra-draw puts back what it found; while it draws a click means a point.
      this.map.dragging.enable();
      this.map.doubleClickZoom.enable();
    }

    // Begins anew, after a line was cancelled or used.
    restart() {
      this.stop();
      this.start();
    }

    points() {
      if (!this.isOn) return [];
      const line = this.draw.getSnapshot().find(({ geometry }) => geometry.type === "LineString");
      return line ? line.geometry.coordinates : [];
    }

    finish(id) {
      const line = this.draw.getSnapshotFeature(id);
      if (line && line.geometry.type === "LineString") this.drawn(line.geometry.coordinates);
    }

    // As a click there would: in the middle of the map, for the keyboard.
    pointAt({ x, y }) {
      const box = this.map.getContainer().getBoundingClientRect();
      const where = { clientX: box.left + x, clientY: box.top + y, bubbles: true, cancelable: true, isPrimary: true, pointerType: "mouse" };
      for (const [kind, button, buttons] of [["pointermove", -1, 0], ["pointerdown", 0, 1], ["pointerup", 0, 0]]) {
        this.map.getContainer().dispatchEvent(new PointerEvent(kind, { ...where, button, buttons }));
      }
    }

    // Ends the line at its last point that was set.
    end() {
      const points = this.points();
      // The last of the points follows the pointer.
      const last = points[points.length - 2];
      if (points.length >= 3 && last) this.pointAt(this.map.latLngToContainerPoint([last[1], last[0]]));
      else this.drawn([]);
    }
  };
})();
