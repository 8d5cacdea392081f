// The map's figures as a table: sorted by any column, each row a way to the area's panel.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const AT_ONCE = 50;
  const WIDE = "d-none d-sm-table-cell";

  // What a column is sorted by, the way one first wants to see it; areas without a rate last.
  const KEYS = {
    name: { value: (row) => row.name, falling: false },
    cases: { value: (row) => row.cases, falling: true },
    open: { value: (row) => row.open, falling: true },
    overdue: { value: (row) => row.overdue, falling: true },
    rate: { value: (row) => (row.due ? row.onTime / row.due : null), falling: false },
  };

  function sorted(rows, sort) {
    const name = sort.replace("-", "");
    const key = KEYS[name] || KEYS.cases;
    const turn = (sort.startsWith("-") ? -1 : 1) * (key.falling ? -1 : 1);
    return [...rows].sort((one, other) => {
      const [a, b] = [key.value(one), key.value(other)];
      if (a === null || b === null) return (a === null) - (b === null) || compare(one.code, other.code);
      return turn * compare(a, b) || compare(one.code, other.code);
    });
  }

  function compare(one, other) {
    if (typeof one === "string") return one < other ? -1 : Number(one > other);
    return one - other;
  }

  maps.rankingRows = (shapes, columns) =>
    shapes.codes.map((code, at) => ({
      at,
      code,
      name: shapes.name(at),
      cases: columns.cases[at],
      open: columns.open[at],
      overdue: columns.overdue[at],
      onTime: columns.on_time[at],
      due: maps.due(columns, at),
      uncertain: Boolean(columns.is_uncertain[at]),
    }));

  maps.ranking = function ({ words, write, caseLink, open, resort }) {
    const table = document.getElementById("map-ranking");
    const body = table.tBodies[0];
    const foot = table.tFoot;
    const more = document.getElementById("map-ranking-more");
    const elsewhere = document.getElementById("map-elsewhere");
    let rows = [];
    let limit = AT_ONCE;
    let level = "";
    let asOf = "";
    let edition = null;
    // No number counts cases at default coordinates, so the lists behind them leave these out too.
    let placed = {};
    let sort = "cases";

    for (const button of table.tHead.querySelectorAll("button[data-sort]")) {
      button.addEventListener("click", () => {
        const name = button.dataset.sort;
        sort = sort === name ? `-${name}` : name;
        resort(sort);
        draw();
      });
    }
    more.addEventListener("click", () => {
      limit += AT_ONCE;
      draw();
    });

    // A count, and where there are cases behind it the way to them.
    function counted(value, params) {
      const href = value && params ? caseLink(params) : null;
      if (!href) return write.number(value);
      const link = maps.element("a", "", write.number(value));
      link.href = href;
      return link;
    }

    function number(value, params, more) {
      const cell = maps.element("td", `numeric ${more || ""}`);
      cell.append(counted(value, params));
      return cell;
    }

    // The counts lead to their cases; the rate alone would hide how few they are.
    function rateCell({ onTime, due, uncertain }, area) {
      const cell = maps.element("td", "numeric");
      cell.append(maps.element("span", uncertain ? "text-body-secondary" : "", write.rate(onTime, due)));
      const counts = maps.element("span", "map-n");
      const judged = (deadline) => area && { ...area, deadline, as_of: asOf };
      counts.append(counted(onTime, judged("on_time")), " / ", counted(due, judged("due")));
      cell.append(counts);
      return cell;
    }

    function line(row) {
      const made = maps.element("tr");
      const head = maps.element("th");
      head.scope = "row";
      const button = maps.element("button", "btn btn-link map-row", row.name);
      button.type = "button";
      button.dataset.area = `${level}:${row.code}`;
      if (row.name !== row.code) button.title = row.code;
      button.addEventListener("click", () => open(level, row.code, button));
      head.append(button);
      const area = { area: `${level}:${row.code}`, ...placed };
      made.append(
        head, number(row.cases, area), number(row.open, { ...area, open: 1, as_of: asOf }, WIDE),
        number(row.overdue, { ...area, overdue: 1, as_of: asOf }), rateCell(row, area),
      );
      return made;
    }

    function draw() {
      for (const button of table.tHead.querySelectorAll("button[data-sort]")) {
        const name = button.dataset.sort;
        const here = sort.replace("-", "") === name;
        const falling = KEYS[name].falling !== sort.startsWith("-");
        const head = button.closest("th");
        head.ariaSort = here ? (falling ? "descending" : "ascending") : "none";
        button.querySelector("i").className = here ? `bi bi-caret-${falling ? "down" : "up"}-fill` : "bi bi-caret-down";
      }
      body.replaceChildren(...sorted(rows, sort).slice(0, limit).map(line));
      more.hidden = rows.length <= limit;
      more.textContent = maps.say(words.show_more, { n: write.number(Math.max(0, rows.length - limit)) });
    }

    function drawFoot() {
      const sum = (name) => rows.reduce((all, row) => all + row[name], 0);
      const line = maps.element("tr");
      const head = maps.element("th", "", words.total);
      head.scope = "row";
      line.append(head, number(sum("cases")), number(sum("open"), null, WIDE), number(sum("overdue")), rateCell({ onTime: sum("onTime"), due: sum("due") }));
      foot.replaceChildren(line);
    }

    function drawElsewhere(said) {
      const parts = [];
      for (const [name, text] of [["unlocated", words.unlocated], ["unlocated_here", words.unlocated_here], ["no_area", words.no_area], ["default_position", words.default_position]]) {
        const count = said[name];
        if (!count) continue;
        const item = maps.element("li", "", maps.say(text, { n: write.number(count) }));
        const behind = { unlocated: { unlocated: 1, ...placed }, unlocated_here: { unlocated_in: edition, ...placed }, default_position: { mark: "default_position" } }[name];
        const href = behind ? caseLink(behind) : null;
        if (href) {
          const link = maps.element("a", "ms-1", words.see_cases);
          link.href = href;
          item.append(link);
        }
        parts.push(item);
      }
      elsewhere.replaceChildren(...parts);
      elsewhere.hidden = !parts.length;
    }

    return {
      show(figures, shapes, order) {
        if (figures.level !== level) limit = AT_ONCE;
        level = figures.level;
        asOf = figures.as_of;
        edition = figures.edition;
        placed = (figures.elsewhere || {}).default_position ? { unmarked: "default_position" } : {};
        sort = order;
        rows = maps.rankingRows(shapes, figures.columns);
        draw();
        drawFoot();
        drawElsewhere(figures.elsewhere || {});
      },
    };
  };
})();
