// Says where a position lies and who would get the case, before it is saved. A form that asks
// for category, time and address has them read and proposed too.
(function () {
  "use strict";
  const box = document.getElementById("position-place");
  if (!box) return;
  const words = box.dataset;
  const [lon, lat, accuracy, category, reportedAt, address, help, said] = [
    "lon", "lat", "accuracy_m", "category", "reported_at", "address", "address-help", "report-said",
  ].map((id) => document.getElementById(id));
  const WAIT_MS = 250;
  let turn = 0;
  let timer = 0;
  // The address this script put in: what differs was typed.
  let proposed = "";

  function line(className, text, icon) {
    const row = document.createElement("p");
    row.className = className;
    if (icon) {
      const mark = document.createElement("i");
      mark.className = `bi bi-${icon}`;
      mark.setAttribute("aria-hidden", "true");
      row.append(mark, " ");
    }
    row.append(text);
    return row;
  }

  function show(lines, short) {
    box.replaceChildren(...lines);
    if (said) said.textContent = short || "";
  }

  function take(text) {
    proposed = text;
    address.value = text;
    help.textContent = text ? help.dataset.proposed : "";
  }

  function propose(text) {
    if (address.value === "" || address.value === proposed) {
      take(text);
      return;
    }
    help.replaceChildren();
    if (!text || text === address.value) return;
    const use = document.createElement("button");
    use.type = "button";
    use.className = "btn btn-outline-secondary btn-sm";
    use.textContent = help.dataset.use;
    use.addEventListener("click", () => take(text));
    help.append(help.dataset.other.replace("{address}", text), " ", use);
  }

  function tell(found) {
    const lines = [];
    if (found.place) lines.push(line("position-area", found.place, "geo-alt"));
    if (found.who) lines.push(line("position-who", found.who, "person-check"));
    else if (found.place && category && !category.value) lines.push(line("position-hint", words.category));
    for (const one of found.warnings) lines.push(line("position-warning", one, "exclamation-triangle"));
    show(lines, found.warnings[0] || found.who);
    if (address) propose(found.address);
  }

  async function ask() {
    const now = (turn += 1);
    const position = [lon, lat].map((input) => input.value.trim());
    if (position.includes("") || position.some((one) => !Number.isFinite(Number(one)))) {
      show([line("position-hint", words.none)]);
      return;
    }
    show([line("position-hint", words.asking)]);
    const query = new URLSearchParams({ lon: position[0], lat: position[1] });
    for (const input of [accuracy, category, reportedAt]) if (input && input.value) query.set(input.name, input.value);
    let found = null;
    try {
      const answer = await fetch(`${words.url}?${query}`, { headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected) found = await answer.json();
    } catch {
      found = null;
    }
    // The pin has been moved on meanwhile.
    if (now !== turn) return;
    if (found) tell(found);
    else show([line("position-hint", words.unknown)]);
  }

  function soon() {
    // Who chooses a place on the map sees the form that takes it.
    const fold = box.closest("details");
    if (fold) fold.open = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT_MS);
  }

  for (const input of [lon, lat, reportedAt, category].filter(Boolean)) {
    input.addEventListener("input", soon);
    input.addEventListener("change", soon);
  }
  ask();
})();
