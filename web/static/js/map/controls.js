// The fields beside the map: they show the state and change it.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const $ = (id) => document.getElementById(id);

  maps.controls = function (city, change) {
    const form = $("map-filters");
    const fields = {
      edition: $("map-edition"),
      level: $("map-level"),
      by: $("map-by"),
      category: $("map-category"),
      from: $("map-from"),
      to: $("map-to"),
      step: $("map-step"),
    };
    const chosen = maps.chosen({ form, chips: $("map-chosen"), words: city.words, comma: city.config.language.startsWith("zh") ? "、" : ", ", change });
    const tableButton = $("map-table-toggle");
    const layers = document.querySelectorAll("input[name=layer]");
    const said = $("map-filters-said");

    form.addEventListener("submit", (event) => event.preventDefault());
    for (const radio of layers) {
      radio.addEventListener("change", () => change({ layer: radio.value }));
    }
    $("map-demolitions").addEventListener("change", (event) => change({ demolitions: event.target.checked }));
    fields.edition.addEventListener("change", () => change({ edition: Number(fields.edition.value) }));
    fields.level.addEventListener("change", () => change({ level: fields.level.value }));
    fields.by.addEventListener("change", () => change({ by: fields.by.value }));
    fields.step.addEventListener("change", () => change({ step: fields.step.value }));
    fields.category.addEventListener("change", () => change({ category: fields.category.value }));
    for (const name of ["from", "to"]) {
      fields[name].addEventListener("change", () => {
        const [from, to] = [fields.from.value, fields.to.value];
        if (from && to) change(from <= to ? { from, to } : { from: fields[name].value, to: fields[name].value });
      });
    }
    tableButton.addEventListener("click", () => city.foldTable(!city.state.table));

    function fillLevels(select, chosen) {
      const levels = city.edition.levels;
      select.replaceChildren(
        ...levels.map((level) => {
          const option = maps.element("option", "", level.label);
          option.value = level.name;
          option.selected = level.name === chosen;
          return option;
        }),
      );
    }

    return {
      show(state) {
        for (const radio of layers) radio.checked = radio.value === state.layer;
        // Hot and late shows what was torn down by itself, as circles.
        const asCircles = state.layer === "hot" && Boolean(city.config.urls.demolitions);
        $("map-demolitions").checked = state.demolitions || asCircles;
        $("map-demolitions").disabled = asCircles;
        fields.edition.value = String(state.edition);
        fillLevels(fields.level, state.level);
        fillLevels(fields.by, state.by);
        fields.category.value = state.category;
        chosen.show(state);
        fields.from.value = state.from;
        fields.to.value = state.to;
        window.gridmgmtShowPeriods();
        fields.step.value = state.step;
        // What folded filters choose is still said; the time says the period.
        const category = state.category && fields.category.selectedOptions[0];
        said.textContent = [fields.level.selectedOptions[0], category].filter(Boolean).map((one) => one.text).join(" · ");
        city.panes.showTable(state.table);
        tableButton.setAttribute("aria-expanded", String(state.table));
      },
    };
  };
})();
