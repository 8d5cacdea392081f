// Numbers into classes: breaks, colours and what a legend says of them. The palettes are told
// apart with every kind of colour vision; what has no number is apart from the scale.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const DENSITY = ["#fff1b5", "#fdc659", "#f98a35", "#dd3a22", "#960b27", "#4a0018"];
  const COUNTS = ["#deebf7", "#a9cbe6", "#6aa5d4", "#2f7ab8", "#0a4a8a"];
  const RATES = ["#b2182b", "#ef8a62", "#fddbc7", "#92c5de", "#2166ac"];
  const RATE_BREAKS = [0.6, 0.8, 0.9, 0.95];
  const NOTHING = "#e4e8ec";
  const FOOTPRINTS = { standing: "#8c510a", gone: "#35978f" };

  maps.FOOTPRINTS = FOOTPRINTS;

  // As many colours as there are classes, at equal steps along the palette with both its ends.
  function spread(palette, count) {
    if (count <= 1) return [palette[palette.length - 2]];
    return Array.from({ length: count }, (_, at) => between(palette, (at * (palette.length - 1)) / (count - 1)));
  }

  function between(palette, place) {
    const low = Math.min(palette.length - 2, Math.floor(place));
    const [one, other] = [channels(palette[low]), channels(palette[low + 1])];
    const mixed = one.map((channel, at) => Math.round(channel + (other[at] - channel) * (place - low)));
    return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
  }

  // The class of a value: how many breaks it has reached.
  function classOf(value, breaks) {
    let at = 0;
    while (at < breaks.length && value >= breaks[at]) at += 1;
    return at;
  }
  maps.classOf = classOf;

  // Whether a text on this colour, or a line across it, has to be white.
  maps.isDark = function (colour) {
    const [red, green, blue] = channels(colour);
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  };

  maps.due = (columns, at) => columns.on_time[at] + columns.late[at] + columns.overdue[at];

  // Coloured by the rate drawn towards that of the parent, hatched where the area's own cases
  // leave it open: the server says both. What people read stays the area's own count.
  maps.rateClasses = function (columns) {
    const none = RATES.length;
    const classes = new Int8Array(columns.cases.length);
    const hatched = new Uint8Array(classes.length);
    const sizes = new Array(none + 1).fill(0);
    for (let at = 0; at < classes.length; at += 1) {
      const share = columns.shrunk_rate[at];
      classes[at] = share === null ? none : classOf(share, RATE_BREAKS);
      if (share !== null && columns.is_uncertain[at]) hatched[at] = 1;
      sizes[classes[at]] += 1;
    }
    const uncertain = hatched.reduce((sum, one) => sum + one, 0);
    return { classes, hatched, uncertain, sizes, breaks: RATE_BREAKS, palette: [...RATES, NOTHING] };
  };

  // Round numbers near equal shares of the areas that have any cases at all.
  maps.countBreaks = function (counts) {
    const sorted = Array.from(counts).filter((count) => count > 0).sort((one, other) => one - other);
    if (!sorted.length) return [];
    const breaks = [];
    for (const share of [0.4, 0.65, 0.85, 0.96]) {
      const value = nice(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
      if (value > (breaks[breaks.length - 1] || 1)) breaks.push(value);
    }
    return breaks;
  };

  function nice(value) {
    if (value < 10) return Math.max(1, Math.round(value));
    const unit = Math.pow(10, Math.floor(Math.log10(value)) - 1) * 5;
    return Math.max(unit, Math.round(value / unit) * unit);
  }

  maps.countClasses = function (columns) {
    const breaks = maps.countBreaks(columns.cases);
    const palette = spread(COUNTS, breaks.length + 1);
    const none = palette.length;
    const classes = new Int8Array(columns.cases.length);
    const sizes = new Array(none + 1).fill(0);
    for (let at = 0; at < classes.length; at += 1) {
      classes[at] = columns.cases[at] ? classOf(columns.cases[at], breaks) : none;
      sizes[classes[at]] += 1;
    }
    return { classes, sizes, breaks, palette: [...palette, NOTHING] };
  };

  // The raster is drawn finer than it was computed, between its points, so that the borders
  // of a class are lines and not stairs.
  const FINER = 4;

  maps.densityPicture = function (answer) {
    const { rows, cols, scale, breaks } = answer;
    // The lowest class begins at the first break: below it the map is left as it is.
    const palette = spread(DENSITY, breaks.length).map(channels);
    const field = beyondTheEdge(answer);
    const image = document.createElement("canvas");
    image.width = cols * FINER;
    image.height = rows * FINER;
    const pen = image.getContext("2d");
    const pixels = pen.createImageData(image.width, image.height);
    const row = (y) => Math.min(rows - 1, Math.max(0, y)) * cols;
    const col = (x) => Math.min(cols - 1, Math.max(0, x));
    for (let y = 0; y < image.height; y += 1) {
      const down = (y + 0.5) / FINER - 0.5;
      const upper = row(Math.floor(down));
      const lower = row(Math.floor(down) + 1);
      const below = down - Math.floor(down);
      for (let x = 0; x < image.width; x += 1) {
        const across = (x + 0.5) / FINER - 0.5;
        const left = col(Math.floor(across));
        const right = col(Math.floor(across) + 1);
        const beside = across - Math.floor(across);
        const above = field[upper + left] * (1 - beside) + field[upper + right] * beside;
        const under = field[lower + left] * (1 - beside) + field[lower + right] * beside;
        const at = classOf((above * (1 - below) + under * below) * scale, breaks) - 1;
        if (at < 0) continue;
        const place = (y * image.width + x) * 4;
        pixels.data.set(palette[at], place);
        pixels.data[place + 3] = 255;
      }
    }
    pen.putImageData(pixels, 0, 0);
    return { ...answer, image };
  };

  // The picture is cut off at the city's outline, not at the border of a pixel: pixels just
  // outside take the mean of those beside them inside.
  function beyondTheEdge({ rows, cols, values }) {
    const field = Float64Array.from(values, (value) => Math.max(0, value));
    for (let row = 0; row < rows; row += 1) {
      for (let col = 0; col < cols; col += 1) {
        if (values[row * cols + col] >= 0) continue;
        let sum = 0;
        let count = 0;
        for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y += 1) {
          for (let x = Math.max(0, col - 1); x <= Math.min(cols - 1, col + 1); x += 1) {
            if (values[y * cols + x] < 0) continue;
            sum += values[y * cols + x];
            count += 1;
          }
        }
        if (count) field[row * cols + col] = sum / count;
      }
    }
    return field;
  }

  maps.densityPalette = (answer) => spread(DENSITY, answer.breaks.length);

  function channels(colour) {
    const number = parseInt(colour.slice(1), 16);
    return [number >> 16, (number >> 8) & 255, number & 255];
  }
})();
