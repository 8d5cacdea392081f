// What every map of the platform shares: its state for people and programs, its requests,
// labels that are always text, and the colours of outlines.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // Okabe and Ito's colours, told apart with every kind of colour vision.
  maps.STYLES = {
    area: { color: "#0b5cad", weight: 2, fillColor: "#0b5cad", fillOpacity: 0.1 },
    parent: { color: "#3d4752", weight: 2, dashArray: "6 4", fill: false },
    neighbour: { color: "#7a8591", weight: 1, fillColor: "#7a8591", fillOpacity: 0.04 },
    problem: { color: "#b23a00", weight: 3, fillColor: "#d55e00", fillOpacity: 0.45 },
    case: { color: "#ffffff", weight: 2, fillColor: "#b5179e", fillOpacity: 1, radius: 8 },
    candidate: { color: "#8a5a00", weight: 2, dashArray: "4 3", fillColor: "#e69f00", fillOpacity: 0.12 },
    before: { color: "#0072b2", weight: 2, dashArray: "6 4", fillColor: "#56b4e9", fillOpacity: 0.12 },
    after: { color: "#b23a00", weight: 2, fillColor: "#d55e00", fillOpacity: 0.12 },
    moved: { color: "#8a6d00", weight: 1, fillColor: "#f0c419", fillOpacity: 0.55 },
    zone: { color: "#7a3b69", weight: 2, fillColor: "#cc79a7", fillOpacity: 0.25 },
    road_segment: { color: "#00664b", weight: 5, opacity: 0.8, fill: false },
    // A ring, seen around a case that lies on it.
    component: { color: "#00664b", weight: 3, fillColor: "#009e73", fillOpacity: 0.3, radius: 13 },
  };
  // What lies under a pin is quieter than what a map is about.
  maps.GROUND_STYLES = {
    road_segment: { color: "#00664b", weight: 4, opacity: 0.45, fill: false },
    place: { color: "#00664b", weight: 1.5, fillColor: "#ffffff", fillOpacity: 0.9, radius: 4 },
  };
  maps.ACCURACY = { color: "#b5179e", weight: 1, fillColor: "#b5179e", fillOpacity: 0.12 };

  maps.styleOf = (name) => maps.STYLES[name] || maps.STYLES.area;

  // A label is made of text nodes only: what comes from data is never read as HTML.
  maps.label = function (...lines) {
    const box = document.createElement("div");
    for (const line of lines) {
      const row = document.createElement("div");
      row.textContent = line;
      box.append(row);
    }
    return box;
  };

  maps.element = function (tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = text;
    return made;
  };

  maps.fetchJson = async function (url, options) {
    const answer = await fetch(url, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      ...options,
    });
    if (!answer.ok || answer.redirected) {
      let message = "";
      try {
        message = (await answer.json()).message || "";
      } catch {
        message = "";
      }
      const error = new Error(message || String(answer.status));
      error.status = answer.redirected ? 401 : answer.status;
      throw error;
    }
    return answer.json();
  };

  // The state stands on the map element for programs, and as words over the map for people.
  maps.frame = function (map, words) {
    const box = map.getContainer();
    const note = maps.element("div", "map-note");
    note.setAttribute("role", "status");
    box.append(note);
    if (map.attributionControl) map.attributionControl.setPrefix(false);
    L.control.scale({ imperial: false }).addTo(map);
    // The page moves around the map: a legend grows, a table is put away.
    new ResizeObserver(() => map._loaded && map.invalidateSize({ animate: false })).observe(box);
    const buttons = { ".leaflet-control-zoom-in": words.zoom_in, ".leaflet-control-zoom-out": words.zoom_out };
    for (const [selector, label] of Object.entries(buttons)) {
      const button = box.querySelector(selector);
      if (!button || !label) continue;
      button.title = label;
      button.setAttribute("aria-label", label);
    }
    function show(state, text, button) {
      box.dataset.state = state;
      note.replaceChildren();
      note.hidden = !text;
      note.classList.toggle("map-note-error", state === "error");
      if (text) note.append(maps.element("span", "", text));
      if (button) note.append(button);
    }
    return {
      loading: () => show("loading", words.loading),
      ready: (text) => show("ready", text || ""),
      error(text, retry) {
        let button = null;
        if (retry) {
          button = maps.element("button", "btn btn-sm btn-outline-danger ms-2", words.retry);
          button.type = "button";
          button.addEventListener("click", retry);
        }
        show("error", text, button);
      },
    };
  };
})();
