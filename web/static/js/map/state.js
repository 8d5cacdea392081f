// What the page shows, kept in its address: opening the address shows the same again.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const DAY = /^\d{4}-\d{2}-\d{2}$/;

  function oneOf(value, choices, otherwise) {
    return choices.includes(value) ? value : otherwise;
  }

  // `at` is latitude, longitude and zoom; `area` level and code of the area whose panel is open.
  maps.readState = function (search, defaults, choices) {
    const given = new URLSearchParams(search);
    // A browser takes the 31st of February for a day in March.
    const isDay = (text) => DAY.test(text) && maps.addDays(text, 0) === text;
    const day = (name) => (isDay(given.get(name) || "") ? given.get(name) : defaults[name]);
    const place = (given.get("at") || "").split(",").map(Number);
    const state = {
      layer: oneOf(given.get("layer"), choices.layers, defaults.layer),
      edition: oneOf(Number(given.get("edition")), choices.editions, defaults.edition),
      level: given.get("level") || defaults.level,
      by: given.get("by") || defaults.by,
      sort: given.get("sort") || defaults.sort,
      from: day("from"),
      to: day("to"),
      category: oneOf(given.get("category"), choices.categories, defaults.category),
      step: oneOf(given.get("step"), ["day", "week", "month"], defaults.step),
      only: maps.isPick(given.get("only") || "") ? given.get("only") : "",
      // Of this reader's own view alone: classes that fit it, and a bandwidth in metres.
      fit: given.get("fit") === "1",
      bandwidth: /^\d{2,5}$/.test(given.get("bandwidth") || "") ? given.get("bandwidth") : "",
      ...maps.readChosen(given),
      demolitions: given.get("demolitions") === "1",
      table: given.has("table") ? given.get("table") !== "0" : defaults.table !== false,
      area: given.get("area") || null,
      at: place.length === 3 && place.every(Number.isFinite) ? place : null,
    };
    if (state.from > state.to) [state.from, state.to] = [state.to, state.from];
    maps.leadToDownload(state);
    return state;
  };

  // How it is drawn says nothing about what is taken away.
  const DRAWING = ["by", "sort", "step", "only", "demolitions", "table", "at"];

  // The page for downloads has defaults of its own, so all that is shown is said.
  maps.leadToDownload = function (state) {
    const link = document.getElementById("map-download");
    if (!link) return;
    const there = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) {
      if (["string", "number"].includes(typeof value) && value !== "" && !DRAWING.includes(name)) there.set(name, value);
    }
    link.href = `${link.pathname}?${there}`;
  };

  // A state that a reader chose is an entry of the history; a view that was moved to, or a step
  // of a longer movement, is the same entry brought up to date.
  maps.writeState = function (state, defaults, { push = false } = {}) {
    const said = new URLSearchParams();
    for (const name of ["layer", "edition", "level", "by", "sort", "category", "step"]) {
      if (state[name] !== defaults[name]) said.set(name, state[name]);
    }
    said.set("from", state.from);
    said.set("to", state.to);
    if (state.layer === "hot" && state.only) said.set("only", state.only);
    if (state.fit) said.set("fit", "1");
    if (state.bandwidth) said.set("bandwidth", state.bandwidth);
    for (const name of maps.CHOSEN) if (state[name]) said.set(name, state[name]);
    if (state.demolitions) said.set("demolitions", "1");
    const table = defaults.table !== false;
    if (state.table !== table) said.set("table", state.table ? "1" : "0");
    if (state.area) said.set("area", state.area);
    if (state.at) said.set("at", state.at.map((one, at) => Number(one.toFixed(at < 2 ? 5 : 2))).join(","));
    // Commas and colons may stand in a query; an address a person can read is worth it.
    const query = said.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    const address = `${window.location.pathname}?${query}`;
    if (push && address !== window.location.pathname + window.location.search) window.history.pushState(null, "", address);
    else window.history.replaceState(null, "", address);
    maps.leadOn(state, query);
  };

  // The links that show the same: in another language, and as layers to take away.
  maps.leadOn = function (state, query) {
    for (const link of document.querySelectorAll("a[hreflang]")) {
      const there = new URLSearchParams(query);
      there.set("lang", link.hreflang);
      link.href = `${window.location.pathname}?${there}`;
    }
    maps.leadToDownload(state);
  };

  // Words with %(name)s in them, as the server's translations have them.
  maps.say = (words, values) => words.replace(/%\((\w+)\)s/g, (all, name) => String(values[name] ?? ""));

  maps.writers = function (language) {
    const whole = new Intl.NumberFormat(language);
    const few = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
    const share = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const month = new Intl.DateTimeFormat(language, { year: "numeric", month: "short", timeZone: "UTC" });
    return {
      number: (value) => whole.format(value),
      month: (day) => month.format(new Date(`${day}T00:00:00Z`)),
      rounded: (value) => (value >= 100 ? whole.format(Math.round(value)) : few.format(value)),
      rate: (part, all) => (all ? share.format(part / all) : "–"),
      percent: (value) => `${Math.round(value * 100)}%`,
      m2: (value) => (value === null || value === undefined ? "–" : `${whole.format(Math.round(value))} m²`),
    };
  };

  const MS_A_DAY = 86400000;
  maps.addDays = function (day, days) {
    const moment = new Date(Date.parse(`${day}T00:00:00Z`) + days * MS_A_DAY);
    return Number.isNaN(moment.getTime()) ? "" : moment.toISOString().slice(0, 10);
  };
  maps.daysBetween = (first, last) => Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / MS_A_DAY) + 1;
})();
