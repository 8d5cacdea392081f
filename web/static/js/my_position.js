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
      tell("", true);
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
    const isUseful = coords.accuracy <= Number(words.inaccurateM);
    tell((isUseful ? words.found : words.inaccurate).replace("{m}", accuracy.value), isUseful);
  }

  function tell(text, isGood) {
    said.textContent = text;
    said.classList.toggle("position-warning", !isGood);
  }

  function failed(error) {
    button.disabled = false;
    const why = { 1: words.refused, 2: words.unavailable, 3: words.late };
    tell(why[error.code] || words.unavailable, false);
  }

  function ask() {
    if (!window.isSecureContext || !navigator.geolocation) {
      tell(words.insecure, false);
      return;
    }
    button.disabled = true;
    tell(words.asking, true);
    navigator.geolocation.getCurrentPosition(found, failed, {
      enableHighAccuracy: true,
      timeout: 20000,
      maximumAge: 10000,
    });
  }

  button.addEventListener("click", ask);
  // Who has allowed it before is where the report is about: the page asks by itself.
  async function askIfAllowed() {
    const state = await navigator.permissions.query({ name: "geolocation" });
    if (state.state === "granted" && !lon.value && !lat.value) ask();
  }
  // Who takes a call sits elsewhere: there the device is asked by the button alone.
  const mayAsk = button.dataset.onlyByButton === undefined;
  if (mayAsk && window.isSecureContext && navigator.permissions) askIfAllowed().catch(() => {});
})();
