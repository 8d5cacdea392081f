// Sends the form without leaving the page, so that nothing typed is lost where the network
// fails, and keeps what was begun for a page that is closed or loaded anew.
(function () {
  "use strict";
  const form = document.getElementById("report-form");
  if (!form) return;
  const words = form.dataset;
  const KEY = `gridmgmt.report.${words.draft}`;
  // Descriptions and addresses may name people: a browser that others use, too, keeps none.
  const KEPT = ["token", "category", "lon", "lat", "accuracy_m", "reported_at", "due_limit", "channel", "case_no"];
  // Later, somebody stands elsewhere and has seen something else.
  const HOURS = 12;
  const TIMEOUT_MS = 30000;
  const problem = document.getElementById("report-problem");
  const note = document.getElementById("report-draft");
  const picker = document.getElementById("category-picker");
  const [category, token] = [form.elements.category, form.elements.token];
  const button = form.querySelector("button[type=submit]");
  const label = button.textContent;
  let isSending = false;

  function stored() {
    try {
      const kept = JSON.parse(window.localStorage.getItem(KEY) || "null");
      return kept && Date.now() - kept.at < HOURS * 3600000 ? kept : null;
    } catch {
      return null;
    }
  }

  function forget() {
    try {
      window.localStorage.removeItem(KEY);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
  }

  function keep() {
    const values = {};
    for (const name of KEPT) if (form.elements[name]) values[name] = form.elements[name].value;
    // A position that the device gave costs nothing to get again.
    if (!values.category && (!values.lon || values.accuracy_m)) return;
    try {
      window.localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), values }));
    } catch {
      // Then what was typed lasts as long as the page.
    }
  }

  function restore({ values }) {
    for (const name of KEPT) {
      const input = form.elements[name];
      if (!input || !values[name]) continue;
      if (name === "due_limit") document.getElementById("due-fields").dataset.chosen = values[name];
      else input.value = values[name];
    }
    for (const name of ["category", "lon", "lat", "reported_at"]) {
      form.elements[name].dispatchEvent(new Event("change", { bubbles: true }));
    }
    note.hidden = false;
  }

  // What is wrong stands where it is mended: above the button, or at the field that it is about.
  function tell(text, at = button) {
    problem.textContent = text;
    problem.hidden = !text;
    if (!text) return;
    at.before(problem);
    problem.scrollIntoView({ block: at === button ? "nearest" : "center" });
  }

  function busy(is) {
    isSending = is;
    button.disabled = is;
    button.textContent = is ? words.sending : label;
  }

  async function send() {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.redirected || answer.status === 401) return tell(words.loggedOut);
    if (answer.status >= 500) return tell(words.failed);
    const told = await answer.json();
    if (answer.ok) {
      forget();
      window.location.assign(told.location);
      return null;
    }
    if (told.token) token.value = told.token;
    keep();
    return tell(told.message);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // The button is still there for the second tap of a double tap.
    if (isSending) return;
    if (!category.value) {
      tell(words.noCategory, picker);
      document.getElementById("category-search").focus({ preventScroll: true });
      return;
    }
    keep();
    tell("");
    busy(true);
    try {
      await send();
    } catch (error) {
      tell(error.name === "TimeoutError" ? words.late : words.offline);
    }
    busy(false);
  });
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  category.addEventListener("change", () => {
    if (category.value && problem.nextElementSibling === picker) tell("");
  });
  document.getElementById("report-anew").addEventListener("click", () => {
    forget();
    window.location.assign(form.action);
  });
  const kept = words.isFresh ? stored() : null;
  if (kept) restore(kept);
})();
