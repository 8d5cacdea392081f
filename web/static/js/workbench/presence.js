// Who else is in the draft, and where: their names stand beside the table and on the map.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  const EVERY_MS = 5000;
  const MOST_SELECTED = 20;

  bench.Presence = class {
    constructor(made) {
      this.made = made;
      this.box = document.getElementById("workbench-others");
      made.map.createPane("workbench-others").style.zIndex = 460;
      this.marks = L.layerGroup().addTo(made.map);
      this.others = [];
      window.setInterval(() => this.meet(), EVERY_MS);
      this.meet();
    }

    async meet() {
      if (document.visibilityState !== "visible" || this.asking) return;
      const { map, level, selection, config } = this.made;
      const { lng, lat } = map.getCenter().wrap();
      this.asking = true;
      try {
        const { others } = await this.made.saving.post(config.urls.presence, { at: [lng, lat], level, codes: selection.list.slice(0, MOST_SELECTED) });
        if (JSON.stringify(others) !== JSON.stringify(this.others)) this.show(others);
      } catch {
        // That the server does not answer, the line about saving says.
      } finally {
        this.asking = false;
      }
    }

    show(others) {
      this.others = others;
      const { words } = this.made;
      this.box.textContent = others.length ? maps.say(words.others_here, { names: others.map(({ name }) => name).join(words.names_joint) }) : "";
      this.marks.clearLayers();
      for (const { name, at } of others) {
        if (!at) continue;
        const icon = L.divIcon({ className: "workbench-other", html: maps.element("span", "", name), iconSize: null });
        this.marks.addLayer(L.marker([at[1], at[0]], { icon, interactive: false, keyboard: false, pane: "workbench-others" }));
      }
    }
  };
})();
