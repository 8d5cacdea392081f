// The smoothed density: values between the points of a grid, and their picture at any zoom.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // So many points of a picture are computed at most; the canvas smooths between them.
  const MOST_POINTS = 1200000;
  // Pixels of the screen between two points, at least: edges of classes are smoothed by it.
  const LEAST_STEP = 1.5;

  // The weights of four neighbours by Catmull and Rom: through every value, without corners.
  function weights(part) {
    const two = part * part;
    const three = two * part;
    return [
      (-three + 2 * two - part) / 2,
      (3 * three - 5 * two + 2) / 2,
      (-3 * three + 4 * two + part) / 2,
      (three - two) / 2,
    ];
  }

  // Where each position lies among the points of a grid: its four neighbours and their weights.
  function along(positions, count) {
    const neighbours = new Int32Array(positions.length * 4);
    const shares = new Float32Array(positions.length * 4);
    positions.forEach((position, at) => {
      const low = Math.floor(position);
      for (let one = 0; one < 4; one += 1) {
        neighbours[at * 4 + one] = Math.min(count - 1, Math.max(0, low - 1 + one));
      }
      shares.set(weights(position - low), at * 4);
    });
    return { neighbours, shares };
  }

  class Surface {
    constructor(answer) {
      Object.assign(this, answer);
      this.field = Float32Array.from(answer.values, (value) => Math.max(0, value));
    }

    column(lon) {
      return ((lon - this.west) / (this.east - this.west)) * this.cols - 0.5;
    }

    row(lat) {
      return ((this.north - lat) / (this.north - this.south)) * this.rows - 0.5;
    }

    // Cases per km² at a position, or null outside the grid.
    at(lon, lat) {
      const [column, row] = [this.column(lon), this.row(lat)];
      if (!(column >= -0.5 && row >= -0.5 && column < this.cols - 0.5 && row < this.rows - 0.5)) return null;
      if (this.values[Math.round(row) * this.cols + Math.round(column)] < 0) return null;
      const [x, y] = [along([column], this.cols), along([row], this.rows)];
      let sum = 0;
      for (let down = 0; down < 4; down += 1) {
        const line = y.neighbours[down] * this.cols;
        for (let across = 0; across < 4; across += 1) {
          sum += this.field[line + x.neighbours[across]] * x.shares[across] * y.shares[down];
        }
      }
      return Math.max(0, sum) * this.scale;
    }

    // A picture of the classes; `columns` and `rows` say where its points lie in the grid.
    picture(columns, rows, breaks, palette) {
      const image = document.createElement("canvas");
      image.width = columns.length;
      image.height = rows.length;
      const pen = image.getContext("2d");
      const pixels = pen.createImageData(image.width, image.height);
      const points = new Uint32Array(pixels.data.buffer);
      const limits = breaks.map((limit) => limit / this.scale);
      const inks = palette.map(([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0);
      const [x, y] = [along(columns, this.cols), along(rows, this.rows)];
      const line = new Float32Array(this.cols);
      for (let down = 0; down < rows.length; down += 1) {
        this.mix(line, y, down);
        for (let across = 0; across < columns.length; across += 1) {
          let value = 0;
          for (let one = across * 4; one < across * 4 + 4; one += 1) {
            value += line[x.neighbours[one]] * x.shares[one];
          }
          let at = -1;
          while (at + 1 < limits.length && value >= limits[at + 1]) at += 1;
          if (at >= 0) points[down * columns.length + across] = inks[at];
        }
      }
      pen.putImageData(pixels, 0, 0);
      return image;
    }

    // One row of the picture, still in the columns of the grid.
    mix(line, y, down) {
      line.fill(0);
      for (let one = 0; one < 4; one += 1) {
        const share = y.shares[down * 4 + one];
        const start = y.neighbours[down * 4 + one] * this.cols;
        for (let column = 0; column < this.cols; column += 1) line[column] += this.field[start + column] * share;
      }
    }
  }

  maps.surface = (answer) => new Surface(answer);

  // Draws the part of a surface that lies on a canvas of `size` pixels whose corner is
  // `topLeft`. Longitude runs evenly across the screen, latitude depends on the row alone.
  maps.drawSurface = function (pen, map, surface, { topLeft, size, breaks, palette }) {
    if (!surface.rows) return;
    const corner = (lat, lon) => map.latLngToLayerPoint([lat, lon]).subtract(topLeft);
    const [first, last] = [corner(surface.north, surface.west), corner(surface.south, surface.east)];
    const left = Math.max(0, Math.floor(first.x));
    const top = Math.max(0, Math.floor(first.y));
    const width = Math.min(size.x, Math.ceil(last.x)) - left;
    const height = Math.min(size.y, Math.ceil(last.y)) - top;
    if (width <= 0 || height <= 0) return;
    const step = Math.max(LEAST_STEP, Math.sqrt((width * height) / MOST_POINTS));
    const place = (x, y) => map.layerPointToLatLng(topLeft.add([x, y]));
    const columns = Array.from({ length: Math.ceil(width / step) }, (_, at) =>
      surface.column(place(left + (at + 0.5) * step, 0).lng),
    );
    const rows = Array.from({ length: Math.ceil(height / step) }, (_, at) =>
      surface.row(place(0, top + (at + 0.5) * step).lat),
    );
    const image = surface.picture(columns, rows, breaks, palette);
    pen.imageSmoothingEnabled = true;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, left, top, columns.length * step, rows.length * step);
  };
})();
