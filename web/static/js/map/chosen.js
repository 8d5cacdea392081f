// The filters of cases that every page has: their fields, and a chip for each that is chosen.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // The names of their parameters; the category has a field of its own on the map.
  maps.CHOSEN = ["open", "overdue", "class", "major_class", "responder", "channel", "weekday", "hour"];
  const SEVERAL = ["channel", "weekday", "hour"];

  // What an address chooses; values of one name may stand beside each other.
  maps.readChosen = function (given) {
    return Object.fromEntries(maps.CHOSEN.map((name) => [name, given.getAll(name).filter(Boolean).join(",")]));
  };

  // A value with a comma is written in double quotes, as the boxes have it.
  function split(text) {
    return text.match(/"(?:[^"]|"")*"|[^,]+/g) || [];
  }

  maps.chosen = function ({ form, chips, words, comma, change }) {
    const fields = [...form.querySelectorAll("[name]")].filter((field) => maps.CHOSEN.includes(field.name));
    const named = (name) => fields.filter((field) => field.name === name);

    function valueOf(name) {
      return named(name)
        .filter((field) => field.type !== "checkbox" || field.checked)
        .map((field) => field.value)
        .join(",");
    }

    for (const field of fields) {
      field.addEventListener("change", () => change({ [field.name]: valueOf(field.name) }));
    }

    function labelOf(field) {
      if (field.type !== "checkbox") return field.selectedOptions[0].text;
      return form.querySelector(`label[for="${CSS.escape(field.id)}"]`).textContent.trim();
    }

    // Hours beside each other are one span of the clock, its end excluded.
    function spans(hours) {
      const clock = (hour) => `${String(hour).padStart(2, "0")}:00`;
      const firsts = hours.filter((hour) => !hours.includes(hour - 1));
      const lasts = hours.filter((hour) => !hours.includes(hour + 1));
      return firsts.map((first, at) => `${clock(first)}–${clock(lasts[at] + 1)}`);
    }

    function chip(name) {
      const shown = named(name).filter((field) => (field.type === "checkbox" ? field.checked : field.value));
      const texts = name === "hour" ? spans(shown.map((field) => Number(field.value))) : shown.map(labelOf);
      const made = maps.element("button", "badge state state-info case-chip", `${texts.join(comma)} `);
      made.type = "button";
      made.append(maps.element("i", "bi bi-x-lg"), maps.element("span", "visually-hidden", words.remove));
      made.addEventListener("click", () => change({ [name]: "" }));
      return made;
    }

    return {
      show(state) {
        for (const field of fields) {
          const text = state[field.name];
          if (field.type !== "checkbox") field.value = text;
          else field.checked = SEVERAL.includes(field.name) ? split(text).includes(field.value) : text !== "";
          // A value that nothing offers chooses nothing here.
          if (field.type !== "checkbox" && field.selectedIndex < 0) field.value = "";
        }
        const names = maps.CHOSEN.filter((name) => valueOf(name));
        chips.replaceChildren(...names.map(chip));
        chips.hidden = !names.length;
      },
    };
  };
})();
