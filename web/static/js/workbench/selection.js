// Which areas of the level are selected; the map and the table follow it.
(function () {
  "use strict";
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  bench.Selection = class {
    constructor(changed) {
      this.codes = new Set();
      this.changed = changed;
    }

    has(code) {
      return this.codes.has(code);
    }

    get list() {
      return [...this.codes];
    }

    set(codes) {
      this.codes = new Set(codes);
      this.changed();
    }

    clear() {
      if (this.codes.size) this.set([]);
    }

    // A click selects one area alone; with Shift or Ctrl it adds it or takes it out.
    pick(code, { adds }) {
      if (!adds) {
        this.set(code === null ? [] : [code]);
        return;
      }
      if (code === null) return;
      if (this.codes.has(code)) this.codes.delete(code);
      else this.codes.add(code);
      this.changed();
    }
  };

  bench.adds = (event) => Boolean(event && (event.shiftKey || event.ctrlKey || event.metaKey));
})();
