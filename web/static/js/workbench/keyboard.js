// Everything without a mouse: a crosshair in the middle of the map, under which the arrow keys
// move the map, and Enter does there what a click would.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  const FINE_PX = 4;
  const TAKE_PX = 14;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function isWriting({ target, isComposing }) {
    return isComposing || target.isContentEditable || target.matches("input:not([type=radio]), select, textarea");
  }

  const ROWS = [
    ["↑ ↓ ← →", "key_pan"], ["Ctrl + ↑ ↓ ← →", "key_fine"], ["+ −", "key_zoom"], ["Enter", "key_enter"],
    ["Shift + Enter", "key_adds"], ["Ctrl + Enter", "key_end"], ["Shift + ✥", "key_lasso"], ["Delete", "key_delete"], ["Escape", "key_escape"],
    ["M", "tool_move"], ["D", "tool_split"], ["G", "tool_merge"], ["R", "tool_reassign"], ["E", "tool_area"],
    ["S", "snap"], ["A", "many"], ["Ctrl + Z", "undo"], ["Ctrl + Shift + Z", "redo"], ["?", "key_help"],
  ];

  function helpDialog(words) {
    const dialog = maps.element("dialog", "workbench-keys");
    const title = maps.element("h2", "", words.keys);
    title.id = "workbench-keys-title";
    dialog.setAttribute("aria-labelledby", title.id);
    const list = maps.element("dl");
    for (const [keys, word] of ROWS) {
      const term = maps.element("dt");
      term.append(maps.element("kbd", "", keys));
      list.append(term, maps.element("dd", "", words[word]));
    }
    const close = maps.element("button", "btn btn-primary", words.close);
    close.type = "button";
    close.addEventListener("click", () => dialog.close());
    dialog.append(title, maps.element("p", "", words.keys_lead), list, close);
    document.body.append(dialog);
    return dialog;
  }

  bench.Keyboard = class {
    constructor(workbench, stage) {
      this.bench = workbench;
      this.map = workbench.map;
      this.box = workbench.map.getContainer();
      this.cross = maps.element("div", "workbench-cross");
      this.here = maps.element("span", "workbench-here");
      this.here.setAttribute("role", "status");
      this.cross.append(this.here);
      this.cross.hidden = true;
      this.box.append(this.cross);
      this.dialog = helpDialog(workbench.words);
      // Before Leaflet, which pans by keys that are held with Shift.
      this.box.addEventListener("keydown", (event) => this.onMap(event), true);
      stage.addEventListener("keydown", (event) => this.onStage(event));
      document.addEventListener("keydown", (event) => this.onPage(event));
      // Leaflet takes the focus for every press of a pointer, which needs no crosshair.
      let isPointing = false;
      document.addEventListener("pointerdown", (event) => (isPointing = event.isTrusted), true);
      document.addEventListener("keydown", () => (isPointing = false), true);
      this.box.addEventListener("focus", () => this.showCross(!isPointing));
      this.box.addEventListener("blur", () => this.showCross(false));
      this.box.addEventListener("pointerdown", (event) => event.isTrusted && this.showCross(false), true);
      this.map.on("moveend", () => this.tellHere());
    }

    help() {
      this.dialog.showModal();
    }

    showCross(isShown) {
      this.cross.hidden = !isShown;
      if (isShown) this.tellHere();
    }

    // What lies under the crosshair, for eyes and for who hears the page.
    tellHere() {
      if (this.cross.hidden) return;
      const { bench: workbench } = this;
      const area = workbench.areaAt(this.map.getCenter());
      const found = workbench.isNear && !workbench.moving.held ? workbench.moving.target(workbench.moving.centre(), TAKE_PX) : null;
      const said = [area ? area.name || area.code : workbench.words.here_nothing];
      if (found) said.push(workbench.words[found.vertex ? "here_vertex" : "here_edge"]);
      else if (workbench.moving.mayMove && workbench.moving.isCrowded(workbench.moving.centre())) said.push(workbench.words.help_crowded);
      this.here.textContent = said.join(" · ");
    }

    onMap(event) {
      if (event.target !== this.box) return;
      const arrow = ARROWS[event.key];
      if (arrow) {
        this.showCross(true);
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        this.map.panBy([arrow[0] * FINE_PX, arrow[1] * FINE_PX], { animate: false });
      } else if (event.key === "Enter") {
        event.preventDefault();
        event.stopPropagation();
        this.showCross(true);
        this.act(event);
        this.tellHere();
      }
    }

    // As a click in the middle of the map: a point of a line, a vertex taken or put down, else an
    // area.
    act(event) {
      const { moving, tools } = this.bench;
      this.map.stop();
      if (tools.line.isOn) {
        if (event.ctrlKey || event.metaKey) tools.line.end();
        else tools.line.pointAt(this.map.getSize().divideBy(2));
        return;
      }
      if (moving.held) {
        if (!moving.pending) moving.drop();
        return;
      }
      const found = moving.mayMove && !event.shiftKey ? moving.target(moving.centre(), TAKE_PX) : null;
      if (!found) {
        this.bench.click(this.map.getCenter(), event);
      } else if (found.vertex && moving.chosen !== found.vertex) {
        // First chosen, so that Delete has something to delete; a second Enter takes it.
        moving.choose(found.vertex);
      } else {
        moving.take(found, { byKey: true });
        this.map.panTo([bench.degrees(found.at[1]), bench.degrees(found.at[0])], { animate: false });
      }
    }

    onStage(event) {
      if (event.key === "Escape") {
        this.bench.escape();
        return;
      }
      if (isWriting(event) || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      if (event.key === "?") this.help();
      else if (event.key === "Delete" || event.key === "Backspace") this.bench.moving.deleteChosen();
      else if (event.key.toUpperCase() === "S") this.bench.toggleSnap();
      else if (event.key.toUpperCase() === "A") this.bench.tools.toggleMany();
      else {
        const tool = bench.TOOLS.find(({ key }) => key === event.key.toUpperCase());
        if (tool) this.bench.tools.use(tool.name);
      }
    }

    onPage(event) {
      if (isWriting(event) || event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.bench.step(event.shiftKey ? "redo" : "undo");
    }
  };
})();
