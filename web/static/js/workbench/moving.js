// Taking a vertex, or a place on an edge, and putting it down elsewhere: by dragging, and by
// keyboard with the crosshair. All areas that have it follow at once.
(function () {
  "use strict";
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  // Pixels: how near a pointer must be to take something, and how far around it handles show.
  const REACH = { mouse: 9, pen: 12, touch: 24 };
  const SNAP_PX = 12;
  const AROUND_PX = 70;
  const START_PX = 3;
  const MOST_HANDLES = 60;
  const MOST_SELECTED = 400;
  // Handles nearer to each other than this would be a band.
  const APART_PX = 10;
  // Where more vertices than these lie so near to each other, nobody knows which one is meant.
  const MOST_MEANT = 3;

  const reachOf = (event) => REACH[event.pointerType] || REACH.mouse;

  bench.Moving = class {
    constructor(workbench) {
      this.bench = workbench;
      this.map = workbench.map;
      this.box = workbench.map.getContainer();
      this.snaps = true;
      // What is held: {vertex or edge, edges, ends, areas, from, at}; it is pending while it is sent.
      this.held = null;
      this.pending = false;
      this.chosen = null;
      this.moved = false;
      this.isHinted = false;
      this.box.addEventListener("pointerdown", (event) => this.press(event), true);
      this.box.addEventListener("pointermove", (event) => this.hover(event));
      this.box.addEventListener("pointerleave", () => !this.held && this.show(null));
      this.map.on("move", () => this.held && this.held.byKey && this.carry(this.centre()));
      this.map.on("zoomstart", () => this.held && !this.held.byKey && this.cancel());
    }

    get mayMove() {
      return this.bench.mayEdit && this.bench.isNear && this.bench.tools.name === "move" && !this.pending;
    }

    centre() {
      const { lng, lat } = this.map.getCenter();
      return [lng, lat];
    }

    placeOf(event) {
      const { lng, lat } = this.map.mouseEventToLatLng(event);
      return [lng, lat];
    }

    // The vertex, or else the place on an edge, that can be taken there.
    target(at, reach) {
      const { picking, borders } = this.bench;
      picking.index(borders);
      if (this.isCrowded(at)) return null;
      const vertex = picking.vertexNear(at, reach);
      if (vertex) return { vertex, at: [vertex.x, vertex.y] };
      const edge = picking.edgeNear(at, reach * 0.6);
      return edge ? { edge: edge.edge, at: edge.at } : null;
    }

    // Whether more vertices lie there than can be told apart.
    isCrowded(at) {
      const { picking, borders } = this.bench;
      picking.index(borders);
      return picking.verticesNear(at, REACH.mouse).length > MOST_MEANT;
    }

    press(event) {
      this.moved = false;
      if (!this.mayMove || event.button !== 0 || !event.isPrimary || this.held || event.target.closest(".leaflet-control, button")) return;
      const found = this.target(this.placeOf(event), reachOf(event));
      if (!found) {
        if (this.chosen) this.choose(null);
        return;
      }
      // The map stays where it is while something on it is dragged.
      this.map.dragging.disable();
      L.DomUtil.disableTextSelection();
      const start = [event.clientX, event.clientY];
      let waiting = null;
      const follow = (next) => {
        if (next.pointerId !== event.pointerId) return;
        if (!this.held && Math.hypot(next.clientX - start[0], next.clientY - start[1]) < START_PX) return;
        if (!this.held) this.take(found);
        this.moved = true;
        if (waiting === null) window.requestAnimationFrame(() => {
          if (this.held && !this.pending) this.carry(this.placeOf(waiting));
          waiting = null;
        });
        waiting = next;
      };
      const end = (last) => {
        if (last.pointerId !== event.pointerId) return;
        window.removeEventListener("pointermove", follow);
        window.removeEventListener("pointerup", end);
        window.removeEventListener("pointercancel", end);
        this.map.dragging.enable();
        L.DomUtil.enableTextSelection();
        // A finger that only taps means the area, unless it meets the vertex itself.
        if (!this.held) this.choose(this.bench.picking.vertexNear(this.placeOf(event), SNAP_PX) || null);
        else if (last.type === "pointercancel") this.cancel();
        else {
          this.carry(this.placeOf(last));
          this.drop();
        }
      };
      window.addEventListener("pointermove", follow);
      window.addEventListener("pointerup", end);
      window.addEventListener("pointercancel", end);
    }

    // A vertex that is chosen can be deleted; a press on it that does not drag chooses it.
    choose(vertex) {
      this.chosen = vertex;
      if (vertex) this.moved = true;
      this.bench.tools.showVertex(Boolean(vertex));
      this.bench.say.help(vertex ? this.bench.words.help_chosen : "");
      this.show(null);
    }

    take({ vertex, edge, at }, { byKey = false } = {}) {
      const edges = new Set(vertex ? vertex.edges : [edge]);
      const ends = vertex ? [...edges].map(({ a, b }) => (a === vertex ? b : a)) : [edge.a, edge.b];
      const areas = this.bench.borders.areasOf(edges);
      this.held = { vertex, edge, edges, ends, areas, from: at, at, byKey, passed: { vertices: new Set(vertex ? [vertex] : []), edges } };
      this.chosen = null;
      this.bench.tools.showVertex(false);
      this.bench.canvas.near.moving = edges;
      this.bench.canvas.draw();
      this.draw(null);
      this.bench.say.help(this.bench.words[byKey ? "help_held_key" : "help_held"]);
    }

    carry(place) {
      const { held, bench: { picking } } = this;
      const snap = this.snaps ? picking.snap(place, SNAP_PX, held.passed) : null;
      held.at = snap ? snap.at : place.map(bench.steps);
      this.draw(snap);
      this.tell();
    }

    draw(snap) {
      const { held } = this;
      const lines = held.ends.map((end) => [[end.x, end.y], held.at]);
      this.bench.above.paint({ lines, held: held.at, snap });
    }

    // Square metres of the areas that follow, and how long the moved edges are now.
    tell() {
      const { held } = this;
      const areas = held.areas.map((area) => ({ area, m2: bench.areaM2({ polygons: area.polygons.map((rings) => rings.map((ring) => this.ringNow(ring))) }) }));
      const length = held.ends.reduce((sum, end) => sum + bench.lengthM([end.x, end.y], held.at), 0);
      this.bench.say.measures(areas, length);
    }

    ringNow(ring) {
      const { vertex, edge, at } = this.held;
      const here = { x: at[0], y: at[1] };
      if (vertex) return { vertices: ring.vertices.map((one) => (one === vertex ? here : one)) };
      return { vertices: ring.vertices.flatMap((one, n) => (ring.edges[n] === edge ? [one, here] : [one])) };
    }

    drop() {
      const { held } = this;
      if (held.at[0] === held.from[0] && held.at[1] === held.from[1]) {
        this.cancel();
        return;
      }
      const level = this.bench.level;
      const to = bench.lonLat(held.at);
      const line = held.edge && [bench.lonLat([held.edge.a.x, held.edge.a.y]), to, bench.lonLat([held.edge.b.x, held.edge.b.y])];
      this.pending = true;
      this.bench.saving.edit(held.vertex ? { op: "move_vertex", level, at: bench.lonLat(held.from), to } : { op: "reshape", level, line });
    }

    cancel() {
      if (!this.held || this.pending) return false;
      this.release();
      this.bench.canvas.draw();
      return true;
    }

    // What was held has been kept, refused or put back: the borders are drawn as they are.
    release() {
      const { held } = this;
      this.held = null;
      this.pending = false;
      this.bench.canvas.near.moving = new Set();
      const again = held ? held.at : this.chosen && [this.chosen.x, this.chosen.y];
      // The vertex may have been replaced, or be gone.
      const vertex = again ? this.bench.borders.vertices.get(String(again)) || null : null;
      if (!held) this.chosen = vertex;
      this.bench.tools.showVertex(Boolean(this.chosen));
      this.bench.say.help(this.chosen ? this.bench.words.help_chosen : "");
      this.bench.say.measures([], 0);
      this.show(null);
    }

    deleteChosen() {
      if (!this.chosen || this.pending || !this.mayMove) return;
      const at = bench.lonLat([this.chosen.x, this.chosen.y]);
      this.bench.saving.edit({ op: "delete_vertex", level: this.bench.level, at });
    }

    hover(event) {
      if (this.held || event.buttons || this.hovering) return;
      this.hovering = true;
      window.requestAnimationFrame(() => {
        this.hovering = false;
        if (this.held) return;
        this.show(this.placeOf(event), reachOf(event));
      });
    }

    // Handles around a place and on what is selected.
    show(at, reach = REACH.mouse) {
      if (this.held) return;
      if (!this.mayMove) {
        this.hint(false);
        this.bench.above.paint(null);
        this.box.classList.remove("workbench-over");
        return;
      }
      const { picking, borders } = this.bench;
      picking.index(borders);
      const found = at ? this.target(at, reach) : null;
      this.hint(Boolean(at) && this.isCrowded(at));
      const around = at ? picking.verticesNear(at, AROUND_PX).slice(0, MOST_HANDLES) : [];
      this.box.classList.toggle("workbench-over", Boolean(found));
      this.bench.above.paint({
        handles: this.apart([...around, ...this.selectedVertices()]),
        chosen: this.chosen || (found && found.vertex) || null,
        place: found && found.edge ? found.at : null,
      });
    }

    // Says why nothing can be taken there; other help comes back as soon as the pointer goes on.
    hint(isCrowded) {
      if (isCrowded === this.isHinted) return;
      this.isHinted = isCrowded;
      const { words, say } = this.bench;
      say.help(isCrowded ? words.help_crowded : this.chosen ? words.help_chosen : "");
    }

    selectedVertices() {
      const { borders, selection, levels } = this.bench;
      const view = levels.view();
      const found = [];
      for (const code of selection.codes) {
        const area = borders.areas.get(code);
        if (!area || !bench.boxesMeet(area.box, view)) continue;
        for (const { vertices } of area.polygons.flat()) found.push(...vertices.filter(({ x, y }) => bench.boxesMeet([x, y, x, y], view)));
      }
      return found.length > MOST_SELECTED ? [] : found;
    }

    apart(vertices) {
      const taken = new Set();
      return vertices.filter((vertex) => {
        const [x, y] = this.bench.above.onScreen(vertex);
        const cell = `${Math.round(x / APART_PX)},${Math.round(y / APART_PX)}`;
        if (taken.has(cell)) return false;
        taken.add(cell);
        return true;
      });
    }
  };
})();
