// An outline drawn by hand around areas: those with more than half of their ground in it are
// selected. With Shift, or after its button was pressed; without either a drag moves the map.
(function () {
  "use strict";
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  // An area is measured along so many lines from west to east.
  const LINES = 64;
  const STEP_PX = 3;

  // The stretches of a line from west to east that lie in some rings, even-odd: holes are outside.
  function stretches(rings, y) {
    const cuts = [];
    for (const ring of rings) {
      ring.forEach(([x, north], n) => {
        const [before, south] = ring[n ? n - 1 : ring.length - 1];
        if (north > y !== south > y) cuts.push(before + ((x - before) * (y - south)) / (north - south));
      });
    }
    cuts.sort((one, other) => one - other);
    const found = [];
    for (let n = 0; n + 1 < cuts.length; n += 2) found.push([cuts[n], cuts[n + 1]]);
    return found;
  }

  // How much of the ground of rings lies within an outline, from 0 to 1; places are [x, y].
  bench.shareWithin = function (rings, outline) {
    const heights = rings.flat().map(([, y]) => y);
    const low = heights.reduce((one, other) => Math.min(one, other), Infinity);
    const high = heights.reduce((one, other) => Math.max(one, other), -Infinity);
    let all = 0;
    let inside = 0;
    for (let n = 0; n < LINES; n += 1) {
      const y = low + ((high - low) * (n + 0.5)) / LINES;
      const around = stretches([outline], y);
      for (const [west, east] of stretches(rings, y)) {
        all += east - west;
        for (const [from, to] of around) inside += Math.max(0, Math.min(east, to) - Math.max(west, from));
      }
    }
    return all ? inside / all : 0;
  };

  bench.Lasso = class {
    // `mayDraw()` says whether an outline may be drawn now, `drawn(outline)` gets it in whole steps.
    constructor(workbench, { mayDraw, drawn }) {
      Object.assign(this, { bench: workbench, map: workbench.map, mayDraw, drawn, isArmed: false });
      this.box = workbench.map.getContainer();
      this.box.addEventListener("pointerdown", (event) => this.press(event), true);
    }

    // The next drag draws.
    arm(isArmed) {
      this.isArmed = isArmed;
      // A finger that draws must not move the page.
      this.box.classList.toggle("workbench-lasso", isArmed);
    }

    placeOf(event) {
      const { lng, lat } = this.map.mouseEventToLatLng(event);
      return [lng, lat].map(bench.steps);
    }

    press(event) {
      if (!this.mayDraw() || !(this.isArmed || event.shiftKey) || event.button !== 0 || !event.isPrimary || event.target.closest(".leaflet-control, button")) return;
      this.map.dragging.disable();
      L.DomUtil.disableTextSelection();
      const outline = [this.placeOf(event)];
      let last = event;
      const follow = (next) => {
        if (next.pointerId !== event.pointerId || Math.hypot(next.clientX - last.clientX, next.clientY - last.clientY) < STEP_PX) return;
        last = next;
        outline.push(this.placeOf(next));
        this.bench.above.paint({ lines: [[...outline, outline[0]]] });
      };
      const end = (up) => {
        if (up.pointerId !== event.pointerId) return;
        this.cancel();
        // A press without a drag is a click.
        if (outline.length < 3) this.bench.moving.moved = false;
        if (outline.length < 3 || up.type === "pointercancel") return;
        this.arm(false);
        this.drawn(outline);
      };
      const heard = [["pointermove", follow], ["pointerup", end], ["pointercancel", end]];
      for (const [kind, used] of heard) window.addEventListener(kind, used);
      this.stop = () => {
        for (const [kind, used] of heard) window.removeEventListener(kind, used);
        this.map.dragging.enable();
        L.DomUtil.enableTextSelection();
        this.bench.above.paint(null);
      };
    }

    // Gives up an outline under way; returns whether there was one.
    cancel() {
      if (!this.stop) return false;
      this.stop();
      this.stop = null;
      // The release that follows is no click.
      this.bench.moving.moved = true;
      return true;
    }
  };
})();
