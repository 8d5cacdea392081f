// A button that writes the position of the device into a form, and says why where it cannot.
(function () {
  "use strict";
  const button = document.getElementById("my-position");
  if (!button) return;
  const said = document.getElementById("my-position-said");
  const [lon, lat, accuracy] = ["lon", "lat", "accuracy_m"].map((id) => document.getElementById(id));
  const words = button.dataset;
  let writing = false;

  // Where a person types or presses on the map, the accuracy of the device means nothing.
  for (const input of [lon, lat]) {
    input.addEventListener("input", () => {
      if (writing) return;
      accuracy.value = "";
      said.textContent = "";
    });
  }

  function found({ coords }) {
    button.disabled = false;
    writing = true;
    lon.value = coords.longitude.toFixed(6);
    lat.value = coords.latitude.toFixed(6);
    accuracy.value = String(Math.ceil(coords.accuracy));
    for (const input of [lon, lat]) {
      for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
    }
    writing = false;
    said.textContent = words.found.replace("{m}", accuracy.value);
  }

  function failed(error) {
    button.disabled = false;
    const why = { 1: words.refused, 2: words.unavailable, 3: words.late };
    said.textContent = why[error.code] || words.unavailable;
  }

  button.addEventListener("click", () => {
    if (!window.isSecureContext || !navigator.geolocation) {
      said.textContent = words.insecure;
      return;
    }
    button.disabled = true;
    said.textContent = words.asking;
    navigator.geolocation.getCurrentPosition(found, failed, {
      enableHighAccuracy: true,
      timeout: 20000,
      maximumAge: 10000,
    });
  });
})();
