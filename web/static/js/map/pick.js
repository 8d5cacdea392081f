// A position that is set by a tap, by dragging the pin, or by what two inputs hold.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // The pin is as large as a thumb; what is seen of it is smaller (css/map.css).
  const PIN_PX = 44;
  // So near one sees at which house of a street it is.
  const NEAR_ZOOM = 17;

  maps.pickPosition = function (map, pick, words) {
    const inputs = [pick.lon_input_id, pick.lat_input_id].map((id) => document.getElementById(id));
    if (inputs.includes(null)) return null;
    const [lon, lat] = inputs;
    const accuracy = document.getElementById(pick.accuracy_input_id || "");
    let marker = null;
    let circle = null;

    function typed() {
      const values = inputs.map((input) => (input.value.trim() === "" ? NaN : Number(input.value)));
      const usable = Math.abs(values[0]) <= 180 && Math.abs(values[1]) <= 85;
      return usable ? L.latLng(values[1], values[0]) : null;
    }

    function around(at) {
      const metres = accuracy ? Number(accuracy.value) : 0;
      if (circle) circle.remove();
      circle = metres > 0 ? L.circle(at, { radius: metres, interactive: false, className: "map-accuracy", ...maps.ACCURACY }) : null;
      if (circle) circle.addTo(map);
    }

    function place(at) {
      if (!marker) {
        const icon = L.divIcon({ className: "map-pin", iconSize: [PIN_PX, PIN_PX], iconAnchor: [PIN_PX / 2, PIN_PX / 2] });
        marker = L.marker(at, { icon, draggable: true, keyboard: false, title: words.position, alt: words.position });
        marker.on("dragend", () => write(marker.getLatLng())).addTo(map);
      }
      marker.setLatLng(at);
      around(at);
    }

    function write(at) {
      const inside = at.wrap();
      lon.value = inside.lng.toFixed(6);
      lat.value = inside.lat.toFixed(6);
      for (const input of inputs) input.dispatchEvent(new Event("input", { bubbles: true }));
      // Whoever listens to the inputs has taken the accuracy of the device back.
      around(at);
    }

    function follow() {
      const at = typed();
      if (!at) return;
      place(at);
      if (!map._loaded) return;
      const isFar = map.getZoom() < NEAR_ZOOM;
      if (circle && !map.getBounds().contains(circle.getBounds())) map.fitBounds(circle.getBounds(), { maxZoom: NEAR_ZOOM + 1 });
      else if (isFar || !map.getBounds().contains(at)) map.setView(at, Math.max(map.getZoom(), NEAR_ZOOM));
    }

    map.on("click", (event) => {
      place(event.latlng);
      write(event.latlng);
      // From far off a finger means a street at best: one sees more, and taps or drags again.
      if (map.getZoom() < NEAR_ZOOM) map.setView(event.latlng, Math.min(map.getZoom() + 3, NEAR_ZOOM));
    });
    for (const input of inputs) input.addEventListener("change", follow);
    map.getContainer().classList.add("map-pickable");
    const start = typed();
    if (start) place(start);
    return { position: () => (marker ? marker.getLatLng() : null) };
  };
})();
