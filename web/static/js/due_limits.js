"use strict";

// Offers the time limits of the chosen category, and fills the deadline in from the chosen one.
// The only limit is chosen at once; of several none, and the form is not sent before somebody
// has chosen, if only that none applies. What somebody typed stays until a limit is
// chosen by hand.
// As long as nobody says that it was reported earlier, the deadline is counted from sending: then
// it is only told. Without this script the server gives the deadline of the only limit.
(() => {
  const fields = document.getElementById("due-fields");
  if (!fields) return;
  const words = fields.dataset;
  const [category, reportedAt, dueAt, choice, byHand, help, box] = [
    "category", "reported_at", "due_at", "due_limit", "due_by_hand", "due_at-help", "due-limit-field",
  ].map((id) => document.getElementById(id));
  const BY_HAND = "by-hand";
  let limits = [];
  // What this script put into the deadline: anything else was typed.
  let filled = "";
  let asked = 0;

  function chosen() {
    return limits.find((limit) => limit.text === choice.value);
  }

  const follows = () => !dueAt || reportedAt.value === "";
  const due = () => (dueAt ? dueAt.value : "");

  function typed() {
    return due() !== "" && due() !== filled;
  }

  function fill(value) {
    if (!dueAt || typed()) return;
    filled = follows() ? "" : value;
    dueAt.value = filled;
  }

  function tell() {
    const limit = chosen();
    // Empty means: the server decides. Whoever empties it, or types by hand, has decided.
    const isEmptied = choice.value === BY_HAND || (limit?.due_at && !follows());
    byHand.value = due() === "" && limits.length && isEmptied ? "1" : "";
    help.textContent = said(limit);
  }

  function said(limit) {
    if (!limits.length) return category.value ? words.empty : "";
    if (limit && limit.due_at === null && !due()) return `${limit.why_not} · ${words.empty}`;
    if (limit && limit.due_at && follows() && !due()) return words.follows.replace("{at}", limit.due_at.replace("T", " "));
    if (limit && limit.due_at) {
      const other = due() ? words.changed : words.empty;
      return due() === limit.due_at ? words.provisional : other;
    }
    if (choice.value === "" && !due()) return words.several;
    return due() ? "" : words.empty;
  }

  function offer(preferred) {
    const only = limits.length === 1 ? limits[0].text : "";
    choice.replaceChildren();
    if (limits.length > 1) choice.append(new Option(words.choose, ""));
    const names = limits.map((limit) => limit.text);
    choice.append(...names.map((name) => new Option(name, name)), new Option(words.byHand, BY_HAND));
    choice.value = [BY_HAND, ...names].includes(preferred) ? preferred : typed() ? BY_HAND : only;
    // Who cannot state another deadline has nothing to choose where there is only one.
    box.hidden = limits.length < (dueAt ? 1 : 2);
    choice.disabled = box.hidden;
    choice.required = limits.length > 1;
    fill(chosen()?.due_at ?? "");
    if (due() === chosen()?.due_at) filled = due();
    tell();
  }

  async function ask(preferred) {
    const turn = asked += 1;
    let found = [];
    if (category.value) {
      const query = new URLSearchParams({ category: category.value });
      if (reportedAt.value) query.set("reported_at", reportedAt.value);
      try {
        const answer = await fetch(`${words.limits}?${query}`, { headers: { Accept: "application/json" } });
        if (answer.ok) found = await answer.json();
      } catch {
        // Without an answer the form works as it does without this script.
      }
    }
    // Somebody may have chosen another category meanwhile.
    if (turn !== asked) return;
    limits = found;
    offer(preferred);
  }

  category.addEventListener("change", () => ask(""));
  reportedAt.addEventListener("change", () => ask(choice.value));
  choice.addEventListener("change", () => {
    if (choice.value !== BY_HAND) filled = due();
    fill(chosen()?.due_at ?? "");
    tell();
  });
  dueAt?.addEventListener("input", () => {
    if (choice.value === "" && dueAt.value) choice.value = BY_HAND;
    tell();
  });
  // By hand is no time limit of a category.
  fields.closest("form").addEventListener("formdata", (event) => {
    if (event.formData.get("due_limit") === BY_HAND) event.formData.delete("due_limit");
  });
  if (category.value) ask(byHand.value === "1" ? BY_HAND : words.chosen);
})();
