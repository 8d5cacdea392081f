// Shows only the choices that mean something for what is taken away; without it all are shown.
(() => {
  const form = document.getElementById("export-form");
  if (!form) return;
  const format = form.elements.namedItem("format");

  function show(parts, visible) {
    for (const part of form.querySelectorAll(`[data-only="${parts}"]`)) part.hidden = !visible;
  }

  function update() {
    const noun = form.querySelector("input[name=noun]:checked");
    const shapes = noun.dataset.shapes === "1";
    for (const option of format.options) {
      option.disabled = !shapes && !["csv", "xlsx"].includes(option.value);
    }
    if (format.selectedOptions[0].disabled) format.value = "xlsx";
    show("areas", noun.value === "areas");
    show("shapes", shapes && format.value !== "geojson");
    show("table", ["csv", "xlsx"].includes(format.value));
    show("shp", format.value === "shp");
    show("personal", noun.dataset.personal === "1");
  }

  form.addEventListener("change", update);
  update();
})();
