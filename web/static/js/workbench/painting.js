// Two canvases: one for the areas, drawn when the view or the draft changes, and one above it
// for what follows the pointer. While a border is dragged only the upper one is drawn.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  const FONT = '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", sans-serif';
  // By the rank of an edge: within one parent, between parents, between parents of parents.
  const LINES = [
    { colour: "#4d5b68", width: 1.1 },
    { colour: "#1b4f72", width: 2.6 },
    { colour: "#1b2530", width: 4 },
  ];
  const SELECTED = { fill: "rgb(230 159 0 / 26%)", line: "#b45f06" };
  const MOVING = "#b5179e";
  const NAME_PX = 12;
  const HANDLE_PX = 4;

  // Far out lines of all levels from the chosen one up, coarser ones thicker.
  const FAR_LINES = [
    { colour: "rgb(60 74 88 / 55%)", width: 0.8, halo: false },
    { colour: "#1b4f72", width: 1.8, halo: false },
    { colour: "#1b2530", width: 2.6, halo: true },
  ];
  bench.farLine = (depth) => FAR_LINES[Math.min(depth, FAR_LINES.length - 1)];

  // Where a name stands: in the middle of the longest run inside, at half height.
  function labelPlace(area) {
    const y = (area.box[1] + area.box[3]) / 2;
    const cuts = [];
    for (const { edges } of area.polygons.flat()) {
      for (const { a, b } of edges) {
        if (a.y > y !== b.y > y) cuts.push(((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x);
      }
    }
    cuts.sort((one, other) => one - other);
    let best = [(area.box[0] + area.box[2]) / 2, 0];
    for (let at = 0; at + 1 < cuts.length; at += 2) {
      if (cuts[at + 1] - cuts[at] > best[1]) best = [(cuts[at] + cuts[at + 1]) / 2, cuts[at + 1] - cuts[at]];
    }
    return { x: best[0], y, width: best[1] };
  }

  // Both know where a vertex lies on their canvas.
  const Placed = maps.MapCanvas.extend({
    _measure() {
      const scale = maps.pathScale(this._map);
      this._shift = { scale, x: this._origin.x, y: this._origin.y };
      this._projection = this._projection || maps.projection(this._map.options.crs);
    },
    onScreen(vertex) {
      const { scale, x, y } = this._shift;
      return [vertex.px * scale - x, vertex.py * scale - y];
    },
    stepsOnScreen([x, y]) {
      const [px, py] = [this._projection.x(bench.degrees(x)), this._projection.y(bench.degrees(y))];
      return this.onScreen({ px, py });
    },
  });

  bench.AreaCanvas = Placed.extend({
    initialize(levels) {
      maps.MapCanvas.prototype.initialize.call(this);
      this.levels = levels;
      // Near: the level whose exact borders are drawn, what is selected, and what is being moved
      // and therefore drawn above.
      this.near = { level: null, selected: new Set(), moving: new Set() };
    },

    draw() {
      maps.MapCanvas.prototype.draw.call(this);
      if (!this._map || !this._map._loaded) return;
      this._measure();
      if (this.near.level) this._drawBorders(this._canvas.getContext("2d"));
    },

    seen() {
      const [south, west] = this._unproject(0, this._size.y);
      const [north, east] = this._unproject(this._size.x, 0);
      return [west, south, east, north].map(bench.steps);
    },

    _unproject(x, y) {
      const at = this._map.layerPointToLatLng(L.point(x, y).add(this._topLeft));
      return [at.lat, at.lng];
    },

    _drawBorders(pen) {
      const { level, selected, moving } = this.near;
      const borders = this.levels.borders(level);
      const areas = [...borders.within(this.seen())];
      pen.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
      pen.lineJoin = "round";
      pen.lineCap = "round";
      const chosen = areas.filter(({ code }) => selected.has(code));
      pen.fillStyle = SELECTED.fill;
      for (const area of chosen) pen.fill(this._outline(area), "evenodd");
      const paths = LINES.map(() => new Path2D());
      for (const area of areas) this._trace(area, level, paths, moving);
      paths.forEach((path, rank) => {
        pen.strokeStyle = LINES[rank].colour;
        pen.lineWidth = LINES[rank].width;
        pen.stroke(path);
      });
      pen.strokeStyle = SELECTED.line;
      pen.lineWidth = 2.2;
      const around = new Path2D();
      for (const area of chosen) this._traceRings(area, around, (edge) => !moving.has(edge));
      pen.stroke(around);
      this._drawAreaNames(pen, areas);
    },

    _outline(area) {
      const path = new Path2D();
      for (const { vertices } of area.polygons.flat()) {
        vertices.forEach((vertex, at) => path[at ? "lineTo" : "moveTo"](...this.onScreen(vertex)));
        path.closePath();
      }
      return path;
    },

    // Each edge is drawn once, by the first of the areas that have it, in runs of one rank.
    _trace(area, level, paths, moving) {
      for (const { vertices, edges } of area.polygons.flat()) {
        let open = null;
        edges.forEach((edge, at) => {
          const path = edge.areas[0] === area && !moving.has(edge) ? paths[this.levels.rank(level, edge)] : null;
          if (path && path !== open) path.moveTo(...this.onScreen(vertices[at]));
          if (path) path.lineTo(...this.onScreen(vertices[(at + 1) % vertices.length]));
          open = path;
        });
      }
    },

    _traceRings(area, path, wanted) {
      for (const { vertices, edges } of area.polygons.flat()) {
        let open = false;
        edges.forEach((edge, at) => {
          const isWanted = wanted(edge);
          if (isWanted && !open) path.moveTo(...this.onScreen(vertices[at]));
          if (isWanted) path.lineTo(...this.onScreen(vertices[(at + 1) % vertices.length]));
          open = isWanted;
        });
      }
    },

    _drawAreaNames(pen, areas) {
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.font = `${NAME_PX}px ${FONT}`;
      for (const area of areas) {
        area.label = area.label || labelPlace(area);
        const text = area.name || area.code;
        const [x, y] = this.stepsOnScreen([area.label.x, area.label.y]);
        const [end] = this.stepsOnScreen([area.label.x + area.label.width, area.label.y]);
        if (pen.measureText(text).width + 8 > end - x) continue;
        pen.strokeStyle = "rgb(255 255 255 / 90%)";
        pen.lineWidth = 3;
        pen.strokeText(text, x, y);
        pen.fillStyle = "#1b2530";
        pen.fillText(text, x, y);
      }
    },
  });

  // What follows the pointer. Only the part that was drawn on is cleared.
  bench.PointerCanvas = Placed.extend({
    initialize() {
      maps.MapCanvas.prototype.initialize.call(this);
      this.scene = null;
    },

    draw() {
      if (!this._map || !this._map._loaded) return;
      this._pen = this._place();
      this._measure();
      this._dirty = null;
      this.paint(this.scene);
    },

    // `scene`: lines [[[x, y], [x, y]], …] in whole steps, handles (vertices), held and snap.
    paint(scene) {
      this.scene = scene;
      const pen = this._pen;
      if (!pen) return;
      pen.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
      if (this._dirty) {
        const [left, top, right, bottom] = this._dirty;
        pen.clearRect(left, top, right - left, bottom - top);
      }
      this._dirty = null;
      if (!scene) return;
      pen.lineCap = "round";
      if (scene.lines) this._drawLines(pen, scene.lines);
      for (const vertex of scene.handles || []) this._drawHandle(pen, this.onScreen(vertex), "#ffffff");
      if (scene.chosen) this._drawHandle(pen, this.onScreen(scene.chosen), "#e69f00", 2);
      if (scene.place) this._drawPlace(pen, this.stepsOnScreen(scene.place));
      if (scene.held) this._drawHandle(pen, this.stepsOnScreen(scene.held), MOVING, 1);
      if (scene.snap) this._drawSnap(pen, this.stepsOnScreen(scene.snap.at), scene.snap.kind);
    },

    _soil(x, y, by) {
      const dirty = this._dirty || [x, y, x, y];
      this._dirty = [
        Math.min(dirty[0], x - by), Math.min(dirty[1], y - by), Math.max(dirty[2], x + by), Math.max(dirty[3], y + by),
      ];
    },

    _drawLines(pen, lines) {
      pen.beginPath();
      for (const line of lines) {
        line.forEach((place, at) => {
          const [x, y] = this.stepsOnScreen(place);
          this._soil(x, y, 6);
          pen[at ? "lineTo" : "moveTo"](x, y);
        });
      }
      pen.strokeStyle = "rgb(255 255 255 / 85%)";
      pen.lineWidth = 5;
      pen.stroke();
      pen.strokeStyle = MOVING;
      pen.lineWidth = 2.4;
      pen.stroke();
    },

    _drawHandle(pen, [x, y], fill, more = 0) {
      const half = HANDLE_PX + more;
      this._soil(x, y, half + 3);
      pen.fillStyle = fill;
      pen.strokeStyle = "#1b2530";
      pen.lineWidth = 1.4;
      pen.beginPath();
      pen.rect(x - half, y - half, 2 * half, 2 * half);
      pen.fill();
      pen.stroke();
    },

    // A place on an edge where a new vertex would be made.
    _drawPlace(pen, [x, y]) {
      this._soil(x, y, 8);
      pen.fillStyle = "rgb(255 255 255 / 70%)";
      pen.strokeStyle = MOVING;
      pen.lineWidth = 1.6;
      pen.beginPath();
      pen.arc(x, y, 5, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    },

    // A ring around a vertex it snaps to, a cross on an edge, a square on the layer below.
    _drawSnap(pen, [x, y], kind) {
      this._soil(x, y, 16);
      for (const [colour, width] of [["#ffffff", 5], [MOVING, 2.4]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.beginPath();
        if (kind === "vertex") pen.arc(x, y, 11, 0, 2 * Math.PI);
        else if (kind === "reference") pen.rect(x - 9, y - 9, 18, 18);
        else {
          pen.moveTo(x - 9, y - 9);
          pen.lineTo(x + 9, y + 9);
          pen.moveTo(x - 9, y + 9);
          pen.lineTo(x + 9, y - 9);
        }
        pen.stroke();
      }
    },
  });
})();
