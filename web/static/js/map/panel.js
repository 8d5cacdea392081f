// What is known of one area, beside the map: loaded as a piece of the server's own page.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  maps.panel = function ({ words, address, sentence, opened, closed, home }) {
    const box = document.getElementById("map-panel");
    const body = box.querySelector(".offcanvas-body");
    const title = box.querySelector(".offcanvas-title");
    let turn = 0;
    let opener = null;
    let isOpen = false;

    // Bootstrap comes with the end of the page, the map's own scripts before it.
    const ready = new Promise((go) => {
      if (window.bootstrap) go();
      else document.addEventListener("DOMContentLoaded", go, { once: true });
    });

    // The keyboard goes back to what opened the panel. A row of the table may have been drawn
    // anew since, and who came by an address opened it from nowhere: then to the map.
    function giveFocusBack() {
      const row = opener && opener.dataset.area;
      const again = row ? document.querySelector(`.map-row[data-area="${CSS.escape(row)}"]`) : null;
      const found = [opener, again, home].find((one) => one && one.isConnected && one.getClientRects().length);
      if (found) found.focus({ preventScroll: true });
    }

    box.addEventListener("hidden.bs.offcanvas", () => {
      turn += 1;
      isOpen = false;
      closed();
      giveFocusBack();
      opener = null;
    });

    function hide() {
      window.bootstrap.Offcanvas.getOrCreateInstance(box).hide();
    }

    // From anywhere on the page; what is open above the panel takes its own Escape.
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || !isOpen) return;
      if (document.querySelector(".dropdown-menu.show, .leaflet-popup")) return;
      hide();
    });

    async function fetchPart(url) {
      const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (answer.redirected) throw new Error("login");
      if (!answer.ok) throw new Error(String(answer.status));
      return new DOMParser().parseFromString(await answer.text(), "text/html");
    }

    async function load(area) {
      const mine = (turn += 1);
      body.setAttribute("aria-busy", "true");
      try {
        const part = await fetchPart(address(area));
        if (mine !== turn) return;
        const heading = part.querySelector("[data-panel-title]");
        if (heading) title.textContent = heading.dataset.panelTitle;
        body.replaceChildren(...part.body.childNodes);
        const said = await sentence(area);
        if (said && mine === turn) body.prepend(maps.element("p", "map-panel-sentence", said));
      } catch {
        if (mine === turn) body.replaceChildren(maps.element("p", "text-danger", words.panel_failed));
      } finally {
        if (mine === turn) body.removeAttribute("aria-busy");
      }
    }

    return {
      async open(area, from) {
        opener = from || null;
        if (!isOpen) {
          title.textContent = words.loading;
          body.replaceChildren();
        }
        isOpen = true;
        opened();
        const loaded = load(area);
        await ready;
        window.bootstrap.Offcanvas.getOrCreateInstance(box).show();
        await loaded;
        // Beside the map the panel takes no focus by itself; who opened it reads it next.
        if (from) box.focus({ preventScroll: true });
      },
      close() {
        if (isOpen) ready.then(hide);
      },
      // The filters changed while the panel is open.
      reload(area) {
        if (isOpen) load(area);
      },
    };
  };
})();
