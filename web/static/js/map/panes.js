// What floats over the map: the bar with the filters, the legend, the table, the time and the
// panel. Each folds and stays folded; the map is told how much of it they cover.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const folds = window.gridmgmtFolds;
  // Below this width nothing floats: the parts stand one below the other.
  const FLOATING = window.matchMedia("(min-width: 992px)");

  maps.panesFloat = () => FLOATING.matches;

  // What is open before anybody has folded it: on a small window the map comes first.
  const USUAL = {
    filters: () => folds.isWide(),
    table: () => folds.isWide() || !FLOATING.matches,
    legend: () => true,
  };
  maps.isPaneOpen = (name) => folds.isOpen(`map.${name}`, USUAL[name]());
  maps.keepPane = (name, isOpen) => folds.keep(`map.${name}`, isOpen);

  // Nobody who writes wants the screen changed by a letter.
  function isWriting(event) {
    const { target } = event;
    return event.isComposing || target.isContentEditable || target.matches("input, select, textarea");
  }

  // The letter is the map's own (WCAG 2.1.4): who speaks to the screen or strikes a wrong key
  // elsewhere on the page changes nothing.
  function fullScreen(button, stage) {
    const whole = document.getElementById("content");
    const isFull = () => document.fullscreenElement === whole;
    const turn = () => (isFull() ? document.exitFullscreen() : whole.requestFullscreen()).catch(() => {});
    button.hidden = !document.fullscreenEnabled;
    button.addEventListener("click", turn);
    stage.addEventListener("keydown", (event) => {
      const isKey = event.key.toLowerCase() === "f" && !event.ctrlKey && !event.altKey && !event.metaKey;
      if (isKey && !event.repeat && !button.hidden && !isWriting(event)) turn();
    });
    document.addEventListener("fullscreenchange", () => {
      button.setAttribute("aria-pressed", String(isFull()));
      button.querySelector("i").className = `bi bi-${isFull() ? "fullscreen-exit" : "arrows-fullscreen"}`;
    });
  }

  maps.panes = function (map, { moved }) {
    const stage = document.getElementById("map-stage");
    const [bar, time, figures, panel] = [".map-bar", ".map-time", ".map-figures", ".map-panel"].map((one) => document.querySelector(one));
    const filters = document.getElementById("map-filters");
    const toggle = document.getElementById("map-filters-toggle");

    // Pixels of the map's sides that are covered, the legend aside.
    function insets() {
      if (!maps.panesFloat()) return { top: 0, right: 0, bottom: 0, left: 0 };
      const box = map.getContainer().getBoundingClientRect();
      const zoom = map.getContainer().querySelector(".leaflet-control-zoom");
      const table = figures.getClientRects()[0];
      // The panel slides in: what counts is where it will be.
      const beside = stage.classList.contains("map-with-panel") ? panel.offsetWidth : 0;
      const right = Math.max(beside, table ? box.right - table.left : 0);
      return {
        top: Math.max(0, bar.getBoundingClientRect().bottom - box.top),
        right,
        bottom: Math.max(0, box.bottom - time.getBoundingClientRect().top),
        left: zoom ? zoom.getBoundingClientRect().right - box.left : 0,
      };
    }

    // Leaflet's own controls and the words over the map keep clear of what floats.
    function tell() {
      const { top, bottom } = insets();
      stage.style.setProperty("--map-top", `${top}px`);
      stage.style.setProperty("--map-bottom", `${bottom}px`);
      moved();
    }
    const watch = new ResizeObserver(tell);
    for (const one of [stage, bar, time, figures]) watch.observe(one);

    function foldFilters(isOpen) {
      filters.hidden = !isOpen;
      toggle.setAttribute("aria-expanded", String(isOpen));
    }
    foldFilters(maps.isPaneOpen("filters"));
    toggle.addEventListener("click", () => {
      foldFilters(filters.hidden);
      maps.keepPane("filters", !filters.hidden);
    });
    fullScreen(document.getElementById("map-full"), stage);

    return {
      insets,
      // The panel takes its side of the window; what floats moves beside it.
      besidePanel(isOpen) {
        stage.classList.toggle("map-with-panel", isOpen);
        tell();
      },
      showTable(isOpen) {
        figures.hidden = !isOpen;
        tell();
      },
    };
  };
})();
