// One canvas for all that is drawn: density, coloured areas, outlines, footprints, single
// cases, names.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const PADDING = 0.2;
  const FONT = '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", sans-serif';

  // Lines across the colour of an area whose rate is uncertain. They are as far apart on the
  // screen at every zoom, so they neither close to a grey nor leave a small area without one.
  const HATCH_PX = 6;
  const HATCH_OPACITY = 0.7;
  maps.HATCH = { onLight: "#2b3743", onDark: "#ffffff" };

  function hatch(ink, ratio) {
    const side = Math.round(HATCH_PX * ratio);
    const tile = document.createElement("canvas");
    tile.width = side;
    tile.height = side;
    const pen = tile.getContext("2d");
    pen.strokeStyle = ink;
    pen.lineWidth = ratio;
    pen.beginPath();
    for (const shift of [-side, 0, side]) {
      pen.moveTo(shift, side);
      pen.lineTo(shift + side, 0);
    }
    pen.stroke();
    return tile;
  }

  maps.MapCanvas = L.Layer.extend({
    initialize() {
      this.picture = {
        density: null, fill: null, outlines: [], names: [], footprints: null, circles: null, chosen: null, dots: null,
      };
    },

    onAdd(map) {
      this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated map-canvas");
      this._canvas.setAttribute("aria-hidden", "true");
      this.getPane().append(this._canvas);
      this._map = map;
      this.draw();
    },

    onRemove() {
      this._canvas.remove();
    },

    getEvents() {
      return { moveend: this.draw, viewreset: this.draw, resize: this.draw, zoomanim: this._animate };
    },

    // What is shown from now on; what is not named stays.
    show(changes) {
      Object.assign(this.picture, changes);
      this.draw();
    },

    draw() {
      if (!this._map || !this._map._loaded) return;
      const pen = this._place();
      const { density, fill, outlines, footprints, circles, chosen, dots, names } = this.picture;
      if (density) this._drawDensity(pen, density);
      if (fill) this._drawFill(pen, fill);
      for (const one of outlines) this._drawOutline(pen, one);
      if (footprints && footprints.codes.length) this._drawFootprints(pen, footprints);
      if (chosen) this._drawChosen(pen, chosen);
      pen.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
      if (circles) this._drawCircles(pen, circles);
      if (dots) maps.drawDots(pen, this._map, dots, { topLeft: this._topLeft, size: this._size });
      if (names.length) this._drawNames(pen, names);
    },

    _place() {
      const size = this._map.getSize();
      this._ratio = Math.min(window.devicePixelRatio || 1, 2);
      this._topLeft = this._map.containerPointToLayerPoint(size.multiplyBy(-PADDING)).round();
      this._size = size.multiplyBy(1 + 2 * PADDING).round();
      this._zoom = this._map.getZoom();
      this._center = this._map.getCenter();
      this._origin = this._map.getPixelOrigin().add(this._topLeft);
      L.DomUtil.setTransform(this._canvas, this._topLeft, 1);
      const width = this._size.x * this._ratio;
      const height = this._size.y * this._ratio;
      if (this._canvas.width !== width || this._canvas.height !== height) {
        this._canvas.width = width;
        this._canvas.height = height;
        this._canvas.style.width = `${this._size.x}px`;
        this._canvas.style.height = `${this._size.y}px`;
      }
      const pen = this._canvas.getContext("2d");
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, width, height);
      return pen;
    },

    // While Leaflet zooms, the last picture is stretched along.
    _animate(event) {
      const scale = this._map.getZoomScale(event.zoom, this._zoom);
      const half = this._map.getSize().multiplyBy(0.5 + PADDING);
      const centre = this._map.project(this._center, event.zoom);
      const shift = centre.subtract(this._map._getNewPixelOrigin(event.center, event.zoom));
      L.DomUtil.setTransform(this._canvas, half.multiplyBy(-scale).add(shift), scale);
    },

    // Lets the pen write in a level's own coordinates; returns how large its units are.
    _enter(pen, shapes) {
      const scale = maps.pathScale(this._map);
      const x = shapes.corner[0] * scale - this._origin.x;
      const y = shapes.corner[1] * scale - this._origin.y;
      const ratio = this._ratio;
      pen.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
      const left = -x / scale;
      const top = -y / scale;
      return {
        scale,
        sees: (box) =>
          box[2] >= left && box[0] <= left + this._size.x / scale &&
          box[3] >= top && box[1] <= top + this._size.y / scale,
      };
    },

    _drawDensity(pen, { surface, within, breaks, palette, opacity }) {
      pen.save();
      this._enter(pen, within);
      const seen = new Path2D();
      for (const one of within.outlines) seen.addPath(one.path);
      pen.clip(seen, "evenodd");
      pen.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
      pen.globalAlpha = opacity;
      const view = { topLeft: this._topLeft, size: this._size, breaks, palette };
      maps.drawSurface(pen, this._map, surface, view);
      pen.restore();
    },

    _drawFill(pen, { shapes, classes, hatched, palette, opacity }) {
      const view = this._enter(pen, shapes);
      const byClass = palette.map(() => []);
      for (let at = 0; at < classes.length; at += 1) {
        if (classes[at] >= 0 && view.sees(shapes.boxes[at])) byClass[classes[at]].push(at);
      }
      pen.globalAlpha = opacity;
      byClass.forEach((members, which) => {
        if (!members.length) return;
        pen.fillStyle = palette[which];
        for (const at of members) pen.fill(shapes.path(at), "evenodd");
      });
      pen.globalAlpha = 1;
      if (!hatched) return;
      pen.globalAlpha = HATCH_OPACITY;
      byClass.forEach((members, which) => {
        const lined = members.filter((at) => hatched[at]);
        if (!lined.length) return;
        pen.fillStyle = this._hatch(pen, palette[which], view.scale);
        for (const at of lined) pen.fill(shapes.path(at), "evenodd");
      });
      pen.globalAlpha = 1;
    },

    _hatch(pen, colour, scale) {
      const ink = maps.isDark(colour) ? maps.HATCH.onDark : maps.HATCH.onLight;
      const pattern = pen.createPattern(hatch(ink, this._ratio), "repeat");
      pattern.setTransform(new DOMMatrix().scale(1 / (scale * this._ratio)));
      return pattern;
    },

    _drawOutline(pen, { shapes, colour, width, halo }) {
      const view = this._enter(pen, shapes);
      const seen = shapes.outlines.filter((one) => view.sees(one.box));
      pen.lineJoin = "round";
      const lines = halo ? [["rgb(255 255 255 / 75%)", width + 2]] : [];
      for (const [ink, wide] of [...lines, [colour, width]]) {
        pen.strokeStyle = ink;
        pen.lineWidth = wide / view.scale;
        for (const one of seen) pen.stroke(one.path);
      }
    },

    _drawFootprints(pen, footprints) {
      const view = this._enter(pen, footprints);
      // Below this size on the screen a building is a dot: it must not vanish.
      const far = this._zoom < 14.5;
      const least = (far ? 4 : 7) / view.scale;
      footprints.codes.forEach((code, at) => {
        const box = footprints.boxes[at];
        if (!footprints.rings[at].length || !view.sees(box)) return;
        pen.fillStyle = footprints.fills[at];
        pen.strokeStyle = "#101820";
        pen.lineWidth = 1 / view.scale;
        if (Math.max(box[2] - box[0], box[3] - box[1]) < least) {
          const x = (box[0] + box[2]) / 2;
          const y = (box[1] + box[3]) / 2;
          const dot = new Path2D();
          dot.rect(x - least / 2, y - least / 2, least, least);
          pen.fill(dot);
          pen.stroke(dot);
          return;
        }
        pen.fill(footprints.path(at), "evenodd");
        pen.stroke(footprints.path(at));
      });
    },

    // In pixels of the screen, above all outlines.
    _drawCircles(pen, circles) {
      const { footprints, order, m2 } = circles;
      const scale = maps.pathScale(this._map);
      const x = footprints.corner[0] * scale - this._origin.x;
      const y = footprints.corner[1] * scale - this._origin.y;
      for (const at of order) {
        const box = footprints.boxes[at];
        const left = ((box[0] + box[2]) / 2) * scale + x;
        const top = ((box[1] + box[3]) / 2) * scale + y;
        maps.drawCircle(pen, left, top, circles.radius(m2[at]), circles.isStanding(at));
      }
    },

    _drawChosen(pen, { shapes, at }) {
      const view = this._enter(pen, shapes);
      for (const [colour, width] of [["#ffffff", 6], ["#101820", 3]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = width / view.scale;
        for (const one of [at].flat()) pen.stroke(shapes.path(one));
      }
    },

    // Names as far as they do not run into each other, the larger areas first.
    _drawNames(pen, levels) {
      const taken = [];
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.lineJoin = "round";
      for (const { shapes, size, colour, weight } of levels) {
        const scale = maps.pathScale(this._map);
        const shift = [shapes.corner[0] * scale - this._origin.x, shapes.corner[1] * scale - this._origin.y];
        pen.font = `${weight} ${size}px ${FONT}`;
        for (let at = 0; at < shapes.codes.length; at += 1) {
          const box = shapes.boxes[at];
          const text = shapes.name(at);
          const place = shapes.label(at);
          const x = place[0] * scale + shift[0];
          const y = place[1] * scale + shift[1];
          if (x < 0 || y < 0 || x > this._size.x || y > this._size.y) continue;
          const half = pen.measureText(text).width / 2 + 3;
          if ((box[2] - box[0]) * scale < half * 1.6) continue;
          const room = [x - half, y - size / 2 - 2, x + half, y + size / 2 + 2];
          if (taken.some((one) => one[0] < room[2] && one[2] > room[0] && one[1] < room[3] && one[3] > room[1])) continue;
          taken.push(room);
          pen.strokeStyle = "rgb(255 255 255 / 90%)";
          pen.lineWidth = 4;
          pen.strokeText(text, x, y);
          pen.fillStyle = colour;
          pen.fillText(text, x, y);
        }
      }
    },
  });
})();
