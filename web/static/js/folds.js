"use strict";

// What a reader folds away stays folded: the menu on all pages, the floating parts of the map.
// Kept by the browser, since it says something of this screen and nothing of a person. Loaded in
// the head, so that a page is drawn once, as it stays.
(function () {
  const KEY = "gridmgmt.fold.";
  // What nobody has chosen yet is open where there is this much room.
  const WIDE = window.matchMedia("(min-width: 1600px)");
  const root = document.documentElement;

  function stored(name) {
    try {
      return window.localStorage.getItem(KEY + name);
    } catch {
      // A browser may forbid pages to keep anything.
      return null;
    }
  }

  const folds = {
    isWide: () => WIDE.matches,
    isOpen(name, usual) {
      const kept = stored(name);
      return kept === null ? usual : kept === "open";
    },
    keep(name, isOpen) {
      try {
        window.localStorage.setItem(KEY + name, isOpen ? "open" : "folded");
      } catch {
        // Then the choice lasts as long as the page.
      }
    },
  };
  window.gridmgmtFolds = folds;

  function drawMenu(isOpen) {
    root.dataset.menu = isOpen ? "open" : "folded";
    const button = document.getElementById("menu-fold");
    if (button) button.setAttribute("aria-expanded", String(isOpen));
  }

  const hasRoom = () => root.dataset.page !== "map" || folds.isWide();
  drawMenu(folds.isOpen("menu", hasRoom()));
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("menu-fold");
    if (!button) return;
    drawMenu(root.dataset.menu === "open");
    button.addEventListener("click", () => {
      const isOpen = root.dataset.menu !== "open";
      drawMenu(isOpen);
      folds.keep("menu", isOpen);
    });
  });
})();
