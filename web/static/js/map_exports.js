// Shows only the choices that mean something for the chosen layer; without it all are shown.
(() => {
  const form = document.getElementById("map-export-form");
  if (!form) return;
  const formats = JSON.parse(form.dataset.formats);
  const format = form.elements.namedItem("format");

  function update() {
    const layer = form.querySelector("input[name=take]:checked").value;
    for (const option of format.options) {
      option.disabled = option.hidden = !formats[layer].includes(option.value);
    }
    if (format.selectedOptions[0].disabled) {
      format.value = formats[layer].includes("gpkg") ? "gpkg" : formats[layer][0];
    }
    for (const part of form.querySelectorAll("[data-only]")) {
      const only = part.dataset.only.split(" ");
      const kind = ["csv", "xlsx"].includes(format.value) ? "table" : "";
      part.hidden = ![layer, format.value, kind].some((one) => only.includes(one));
    }
  }

  form.addEventListener("change", update);
  update();
})();
