// The areas in view as a table: who does not use the map selects here, and both follow each
// other.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  const MOST_ROWS = 200;

  bench.Table = class {
    constructor({ box, words, write, pick }) {
      Object.assign(this, { words, write, pick });
      const head = maps.element("div", "workbench-areas-head");
      const title = maps.element("h2", "", words.areas_in_view);
      title.id = "workbench-areas-title";
      this.count = maps.element("span", "workbench-areas-count");
      head.append(title, this.count);
      this.scroll = maps.element("div", "table-responsive workbench-areas-body");
      const table = maps.element("table", "table table-sm table-hover");
      table.setAttribute("aria-labelledby", title.id);
      const row = maps.element("tr");
      for (const [name, kind] of [["area", ""], ["m2", "numeric"], ["lies_in", ""]]) {
        const cell = maps.element("th", kind, words[`column_${name}`]);
        cell.scope = "col";
        row.append(cell);
      }
      const top = maps.element("thead");
      top.append(row);
      this.rows = maps.element("tbody");
      table.append(top, this.rows);
      this.scroll.append(table);
      this.rest = maps.element("p", "workbench-areas-rest");
      box.append(head, this.scroll, this.rest);
      box.setAttribute("aria-labelledby", title.id);
      this.rows.addEventListener("click", (event) => {
        const found = event.target.closest("tr");
        if (found) this.pick(found.dataset.code, event);
      });
    }

    // `areas` are {code, name, m2, parent} with `parent` as it is read; all of them in view.
    show(areas, isSelected) {
      const had = document.activeElement && this.rows.contains(document.activeElement) ? document.activeElement.closest("tr").dataset.code : null;
      // Rows stay where they are when one is selected, unless it would not be among them.
      const first = areas.length > MOST_ROWS ? isSelected : () => false;
      const sorted = [...areas].sort((one, other) => first(other.code) - first(one.code) || one.code.localeCompare(other.code));
      this.count.textContent = this.write.number(areas.length);
      this.rows.replaceChildren(...sorted.slice(0, MOST_ROWS).map((area) => this.row(area, isSelected(area.code))));
      this.rest.textContent = sorted.length > MOST_ROWS ? maps.say(this.words.areas_more, { n: this.write.number(sorted.length - MOST_ROWS) }) : "";
      this.rest.hidden = !this.rest.textContent;
      if (had === null) {
        this.reveal(sorted.filter(({ code }) => isSelected(code)).map(({ code }) => code));
        return;
      }
      const again = [...this.rows.children].find((row) => row.dataset.code === had);
      if (again) again.querySelector("button").focus();
    }

    // What is newly selected on the map is brought into view here.
    reveal(codes) {
      const said = codes.join(" ");
      if (said === this.revealed) return;
      this.revealed = said;
      const row = [...this.rows.children].find(({ dataset }) => codes.includes(dataset.code));
      if (!row) return;
      const [inner, outer] = [row, this.scroll].map((one) => one.getBoundingClientRect());
      const head = this.scroll.querySelector("thead").offsetHeight;
      if (inner.top < outer.top + head || inner.bottom > outer.bottom) this.scroll.scrollTop += inner.top - outer.top - head;
    }

    row({ code, name, m2, parent }, isSelected) {
      const row = maps.element("tr", isSelected ? "table-warning" : "");
      row.dataset.code = code;
      const first = maps.element("th");
      first.scope = "row";
      const button = maps.element("button", "btn btn-link workbench-row", code);
      button.type = "button";
      button.setAttribute("aria-pressed", String(isSelected));
      first.append(button);
      if (name && name !== code) first.append(maps.element("span", "workbench-areas-name", name));
      row.append(first, maps.element("td", "numeric", m2 === null ? "–" : this.write.number(Math.round(m2))), maps.element("td", "", parent || "–"));
      return row;
    }
  };
})();
