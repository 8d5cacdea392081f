// The buttons above the map: levels, tools, snapping, and the steps back and forward.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  function iconButton({ icon, label, key, shortcut, text }) {
    const button = maps.element("button", "btn btn-outline-secondary workbench-button");
    button.type = "button";
    const picture = maps.element("i", `bi bi-${icon}`);
    picture.setAttribute("aria-hidden", "true");
    button.append(picture);
    if (text) button.append(maps.element("span", "workbench-button-text", label));
    else button.setAttribute("aria-label", label);
    button.title = key ? `${label} (${key})` : label;
    if (shortcut) button.setAttribute("aria-keyshortcuts", shortcut);
    return button;
  }

  function group(label) {
    const made = maps.element("div", "btn-group");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", label);
    return made;
  }

  bench.Toolbar = class {
    // `press(name)` is called with what was pressed; levels as "level:…".
    constructor({ levels, tools, words, mayEdit, press }) {
      this.words = words;
      this.box = maps.element("div", "workbench-toolbar");
      this.buttons = new Map();
      const add = (where, name, made) => {
        made.addEventListener("click", () => press(name));
        this.buttons.set(name, made);
        where.append(made);
      };
      const rows = group(words.levels);
      for (const level of levels) {
        const button = maps.element("button", "btn btn-outline-primary", level.label);
        button.type = "button";
        add(rows, `level:${level.name}`, button);
      }
      this.box.append(rows);
      if (mayEdit) {
        const row = group(words.tools);
        for (const { name, icon, key } of tools) add(row, `tool:${name}`, iconButton({ icon, label: words[`tool_${name}`], key, shortcut: key, text: true }));
        const more = group(words.steps);
        add(more, "undo", iconButton({ icon: "arrow-counterclockwise", label: words.undo, key: "Ctrl+Z", shortcut: "Control+Z" }));
        add(more, "redo", iconButton({ icon: "arrow-clockwise", label: words.redo, key: "Ctrl+Shift+Z", shortcut: "Control+Shift+Z" }));
        const vertex = group(words.vertices);
        add(vertex, "many", iconButton({ icon: "ui-checks-grid", label: words.many, key: "A", shortcut: "A" }));
        add(vertex, "snap", iconButton({ icon: "magnet", label: words.snap, key: "S", shortcut: "S", text: true }));
        add(vertex, "delete", iconButton({ icon: "node-minus", label: words.delete_vertex, key: "Delete", shortcut: "Delete" }));
        this.box.append(row, vertex, more);
        this.steps({ undo: false, redo: false });
        this.enable("delete", false);
      }
      const help = iconButton({ icon: "question-circle", label: words.keys, key: "?", shortcut: "?" });
      add(this.box, "keys", help);
    }

    press(prefix, name) {
      for (const [key, button] of this.buttons) {
        if (key.startsWith(`${prefix}:`)) button.setAttribute("aria-pressed", String(key === `${prefix}:${name}`));
      }
    }

    toggle(name, isOn) {
      const button = this.buttons.get(name);
      if (button) button.setAttribute("aria-pressed", String(isOn));
    }

    enable(name, isOn) {
      const button = this.buttons.get(name);
      if (button) button.disabled = !isOn;
    }

    // Whether there are steps back and forward, and what each would do.
    steps({ undo, redo, undoes, redoes }) {
      for (const [name, isThere, said] of [["undo", undo, undoes], ["redo", redo, redoes]]) {
        const button = this.buttons.get(name);
        if (!button) continue;
        button.disabled = !isThere;
        const keys = name === "undo" ? "Ctrl+Z" : "Ctrl+Shift+Z";
        const label = said ? maps.say(this.words[`${name}_what`], { what: said }) : this.words[name];
        button.setAttribute("aria-label", label);
        button.title = `${label} (${keys})`;
      }
    }
  };
})();
