// Numbers into classes: breaks, colours and what a legend says of them. The palettes are told
// apart with every kind of colour vision; what has no number is apart from the scale.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // One hue, one meaning, on every layer: rose is how many, darker is more; orange is late and
  // blue is in time, in the square of both too; what was torn down is ink, what stands is hollow.
  // Rose is chosen so that eyes which miss red or green see it as grey, apart from both others.
  const AMOUNTS = ["#efabc4", "#d97399", "#b53a72", "#80154f", "#3d0428"];
  const RATES = ["#8f3f00", "#e0892c", "#fbe0b0", "#9cc6e6", "#1f66b0"];
  const RATE_BREAKS = [0.6, 0.8, 0.9, 0.95];
  const NOTHING = "#e4e8ec";
  const FOOTPRINTS = { standing: "#ffffff", gone: "#3a4652" };

  maps.FOOTPRINTS = FOOTPRINTS;
  maps.AMOUNTS = AMOUNTS;
  maps.RATES = RATES;
  // Of bars, whose height says how many.
  maps.AMOUNT_INK = AMOUNTS[3];

  // As many colours as there are classes, at equal steps along the palette with both its ends.
  function spread(palette, count) {
    if (count <= 1) return [palette[palette.length - 2]];
    return Array.from({ length: count }, (_, at) => between(palette, (at * (palette.length - 1)) / (count - 1)));
  }

  // A colour of its red, green and blue.
  const written = (mixed) => `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;

  function between(palette, place) {
    const low = Math.min(palette.length - 2, Math.floor(place));
    const [one, other] = [channels(palette[low]), channels(palette[low + 1])];
    const mixed = one.map((channel, at) => Math.round(channel + (other[at] - channel) * (place - low)));
    return written(mixed);
  }

  // The class of a value: how many breaks it has reached.
  function classOf(value, breaks) {
    let at = 0;
    while (at < breaks.length && value >= breaks[at]) at += 1;
    return at;
  }
  maps.classOf = classOf;

  // Whether a text on this colour, or a line across it, has to be white: white has the greater
  // contrast (WCAG 2.2), which is 4.5 at least then, and that of black otherwise.
  maps.isDark = function (colour) {
    const [red, green, blue] = channels(colour).map((one) => {
      const part = one / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179;
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

  // The limits of a view: those that are the same for every view, unless somebody fits them to
  // this one or there are none.
  maps.isFitted = (classes, fit) => fit || !classes.fixed;
  maps.chosenBreaks = (classes, fit) => (maps.isFitted(classes, fit) ? classes.fitted : classes.fixed);

  // The cases that should be disposed of, and how many of these have a provisional deadline.
  maps.dueOf = function (columns) {
    const sum = (...names) => names.reduce((all, name) => columns[name].reduce((part, one) => part + one, all), 0);
    return { n: sum("on_time", "late", "overdue"), provisional: sum("provisional") };
  };

  // Areas by their cases per km²; no case is a class of its own.
  maps.areaClasses = function (columns, breaks) {
    const palette = spread(AMOUNTS, breaks.length + 1);
    const none = palette.length;
    const classes = new Int8Array(columns.cases.length);
    const sizes = new Array(none + 1).fill(0);
    for (let at = 0; at < classes.length; at += 1) {
      classes[at] = columns.cases[at] ? classOf(columns.cases_per_km2[at], breaks) : none;
      sizes[classes[at]] += 1;
    }
    return { classes, sizes, breaks, palette: [...palette, NOTHING] };
  };

  // The lowest class of the surface begins at the first break: below it the map is left as it
  // is.
  maps.surfacePalette = (breaks) => spread(AMOUNTS, breaks.length);
  maps.channels = channels;

  // A colour as it looks on the map, which lets some of the ground through: that of a legend.
  maps.overGround = function (colour, opacity, ground) {
    const below = ground.match(/[\d.]+/g).slice(0, 3).map(Number);
    const mixed = channels(colour).map((channel, at) => Math.round(channel * opacity + below[at] * (1 - opacity)));
    return written(mixed);
  };

  function channels(colour) {
    const number = parseInt(colour.slice(1), 16);
    return [number >> 16, (number >> 8) & 255, number & 255];
  }
})();
