// Hot and late on one legend: cases per km² by on-time rate, three classes each, as a square of
// nine colours. A press on a field, a row or a column leaves only these areas coloured.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // From few cases to many, and in each from a low on-time rate to a high one. The nine are told
  // apart with every kind of colour vision, and from the grey of areas without a rate.
  const SQUARE = [
    ["#db8621", "#fcd38f", "#fbf3da"],
    ["#9c5314", "#aca493", "#a5c7e5"],
    ["#4a1522", "#3a5281", "#4088c8"],
  ];
  const NOTHING = "#e4e8ec";
  const WIDTH = 3;
  // Which rows of the square there are, where the areas differ too little for three classes.
  const ROWS = { 1: [1], 2: [0, 2], 3: [0, 1, 2] };

  maps.SQUARE = SQUARE;
  // What is isolated: the class of density, a hyphen, the class of the rate; "" is everything.
  maps.isPick = (text) => /^(?:[0-2]-[0-2]?|-[0-2])$/.test(text);

  function holds(only, density, rate) {
    if (!only) return true;
    const [one, other] = only.split("-");
    return (one === "" || Number(one) === density) && (other === "" || Number(other) === rate);
  }

  maps.squareRows = (breaks) => ROWS[breaks.cases_per_km2.length + 1];

  // The limits of a view: fixed ones, or those that its reader fitted to it.
  maps.squareBreaks = ({ breaks }, fit) => ({ ...breaks, cases_per_km2: maps.chosenBreaks(breaks.cases_per_km2, fit) });

  // The class of an area in both, -1 for the rate where none should have been disposed of.
  maps.squareClass = function (columns, breaks, at) {
    const density = maps.squareRows(breaks)[maps.classOf(columns.cases_per_km2[at], breaks.cases_per_km2)];
    const share = columns.shrunk_rate[at];
    return { density, rate: share === null ? -1 : maps.classOf(share, breaks.on_time) };
  };

  maps.squareClasses = function (figures, only, fit) {
    const { columns } = figures;
    const breaks = maps.squareBreaks(figures, fit);
    const none = WIDTH * WIDTH;
    const classes = new Int8Array(columns.cases.length);
    const hatched = new Uint8Array(classes.length);
    const sizes = new Array(none + 1).fill(0);
    for (let at = 0; at < classes.length; at += 1) {
      const { density, rate } = maps.squareClass(columns, breaks, at);
      const place = rate < 0 ? none : density * WIDTH + rate;
      sizes[place] += 1;
      if (place < none && columns.is_uncertain[at]) hatched[at] = 1;
      // What is not asked for is left as it is, only its outlines stay.
      classes[at] = only && (rate < 0 || !holds(only, density, rate)) ? -1 : place;
    }
    const uncertain = hatched.reduce((sum, one) => sum + one, 0);
    return { classes, hatched, uncertain, sizes, only, breaks, palette: [...SQUARE.flat(), NOTHING] };
  };

  // One area in one sentence, as the panel says it.
  maps.squareSentence = function (figures, at, { days, fit, words, write }) {
    const { columns } = figures;
    const { density, rate } = maps.squareClass(columns, maps.squareBreaks(figures, fit), at);
    const due = maps.due(columns, at);
    const values = {
      density: words[`dense_${density}`],
      rate: words[`kept_${rate}`],
      per_km2: write.rounded(columns.cases_per_km2[at]),
      days: write.number(days),
      part: write.number(columns.on_time[at]),
      n: write.number(due),
      share: write.rate(columns.on_time[at], due),
      coloured: rate < 0 ? "" : write.rate(columns.shrunk_rate[at], 1),
    };
    if (rate < 0) return maps.say(words.square_no_rate, values);
    return maps.say(columns.is_uncertain[at] ? words.square_uncertain : words.square_sentence, values);
  };

  // The square as a table of buttons: one stop of the tabulator, arrows inside.
  maps.square = function (words, write, choose, onMap) {
    const table = maps.element("table", "map-square");
    const again = maps.element("button", "btn btn-link btn-sm map-square-all", words.square_all);
    again.type = "button";
    again.addEventListener("click", () => choose(""));
    const box = maps.element("div", "map-square-box");
    box.append(table, again);
    let at = "2-0";

    function button(key, text, label, pressed) {
      const made = maps.element("button", "map-square-button", text);
      made.type = "button";
      made.dataset.only = key;
      made.tabIndex = key === at ? 0 : -1;
      made.setAttribute("aria-label", label);
      made.setAttribute("aria-pressed", String(pressed));
      made.title = label;
      return made;
    }

    function cell(tag, scope, child) {
      const made = maps.element(tag);
      if (scope) made.scope = scope;
      made.append(child);
      return made;
    }

    function move(event) {
      const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
      const step = steps[event.key];
      const here = event.target.closest("td, th");
      if (!step || !here) return;
      event.preventDefault();
      const row = table.rows[here.parentElement.rowIndex + step[1]];
      const next = row && row.cells[here.cellIndex + step[0]];
      const found = next && next.querySelector("button");
      if (!found) return;
      for (const one of table.querySelectorAll("button")) one.tabIndex = one === found ? 0 : -1;
      at = found.dataset.only;
      found.focus();
    }
    table.addEventListener("keydown", move);
    table.addEventListener("click", (event) => {
      const pressed = event.target.closest("button[data-only]");
      if (!pressed) return;
      at = pressed.dataset.only;
      choose(pressed.getAttribute("aria-pressed") === "true" ? "" : at);
    });

    function ranges(breaks, format) {
      if (!breaks.length) return [""];
      return [null, ...breaks].map((from, n) => {
        if (from === null) return `< ${format(breaks[0])}`;
        if (n === breaks.length) return `≥ ${format(from)}`;
        // 90–95%, and not 90%–95%: there is little room.
        return `${format(from).replace("%", "")}–${format(breaks[n])}`;
      });
    }

    function head({ breaks, only }) {
      const row = maps.element("tr");
      row.append(cell("td", "", maps.element("span", "map-square-axes", words.square_axes)));
      const texts = ranges(breaks.on_time, write.percent);
      for (const rate of [2, 1, 0]) {
        const made = button(`-${rate}`, texts[rate], `${words[`kept_${rate}`]}: ${texts[rate]}`, only === `-${rate}`);
        row.append(cell("th", "col", made));
      }
      return row;
    }

    function line(density, text, { sizes, only }) {
      const row = maps.element("tr");
      const key = `${density}-`;
      row.append(cell("th", "row", button(key, text, `${words[`dense_${density}`]}: ${text}`, only === key)));
      for (const rate of [2, 1, 0]) {
        const size = write.number(sizes[density * WIDTH + rate]);
        const said = { density: words[`dense_${density}`], rate: words[`kept_${rate}`], n: size };
        const made = button(`${density}-${rate}`, size, maps.say(words.square_field, said), only === `${density}-${rate}`);
        const ground = onMap(SQUARE[density][rate]);
        made.style.backgroundColor = ground;
        made.classList.add("map-square-field");
        made.classList.toggle("map-square-dark", maps.isDark(ground));
        made.classList.toggle("map-square-out", !holds(only, density, rate));
        row.append(cell("td", "", made));
      }
      return row;
    }

    return {
      box,
      show(classed) {
        const held = table.contains(document.activeElement);
        const rows = maps.squareRows(classed.breaks);
        const texts = ranges(classed.breaks.cases_per_km2, write.rounded);
        if (!rows.includes(Number(at[0])) && at[0] !== "-") at = `${rows[rows.length - 1]}-0`;
        table.setAttribute("aria-label", words.layer_hot);
        // The densest on top, the late ones on the right: the worst corner is where one looks.
        const lines = rows.map((density, n) => line(density, texts[n], classed)).reverse();
        table.replaceChildren(head(classed), ...lines);
        again.hidden = !classed.only;
        if (held) table.querySelector('button[tabindex="0"]').focus({ preventScroll: true });
      },
    };
  };
})();
