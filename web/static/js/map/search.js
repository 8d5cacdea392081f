// Areas and roads by code or name, cases by number, demolitions by code: a field with a list below it.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const WAIT_MS = 220;

  maps.search = function ({ words, find, choose }) {
    const field = document.getElementById("map-search");
    const list = document.getElementById("map-search-results");
    let waiting = null;
    let turn = 0;
    let results = [];
    let active = -1;
    let answered = "";

    function close() {
      list.hidden = true;
      active = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }

    function mark(at) {
      active = at;
      [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
      if (at >= 0) {
        field.setAttribute("aria-activedescendant", list.children[at].id);
        list.children[at].scrollIntoView({ block: "nearest" });
      }
    }

    function take(at) {
      const result = results[at];
      if (!result) return;
      field.value = result.label;
      close();
      choose(result);
    }

    function draw() {
      list.replaceChildren(
        ...results.map((result, at) => {
          const item = maps.element("li", "map-result");
          item.id = `map-result-${at}`;
          item.setAttribute("role", "option");
          item.append(maps.element("span", "", result.label), maps.element("span", "map-result-kind", words[`kind_${result.kind}`]));
          item.addEventListener("mousedown", (event) => event.preventDefault());
          item.addEventListener("click", () => take(at));
          return item;
        }),
      );
      if (!results.length) {
        const nothing = maps.element("li", "map-result text-body-secondary", words.search_nothing);
        nothing.setAttribute("role", "option");
        nothing.setAttribute("aria-disabled", "true");
        nothing.id = "map-result-none";
        list.append(nothing);
      }
      list.hidden = false;
      field.setAttribute("aria-expanded", "true");
      active = -1;
    }

    async function ask() {
      const text = field.value.trim();
      const mine = (turn += 1);
      if (!text) return close();
      let found = [];
      try {
        found = (await find(text)).results;
      } catch {
        found = [];
      }
      if (mine !== turn) return undefined;
      results = found;
      answered = text;
      return draw();
    }

    field.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(ask, WAIT_MS);
    });
    field.addEventListener("blur", close);
    field.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") {
        // The list is closed first; what lies beside the map is closed by the next Escape.
        if (!list.hidden) event.stopPropagation();
        return close();
      }
      if (event.key === "Enter") {
        event.preventDefault();
        // Who types on and presses Enter at once means what stands there now.
        if (list.hidden || answered !== field.value.trim()) {
          window.clearTimeout(waiting);
          await ask();
        }
        return take(Math.max(0, active));
      }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return undefined;
      event.preventDefault();
      if (!results.length || list.hidden) return undefined;
      const step = event.key === "ArrowDown" ? 1 : -1;
      return mark((active + step + results.length) % results.length);
    });
  };
})();
