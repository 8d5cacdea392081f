// Choosing a category with few taps: what was reported last, then a search. What is chosen
// stands in the list of the page, which is all there is without this script.
(function () {
  "use strict";
  const picker = document.getElementById("category-picker");
  if (!picker) return;
  const [select, label, chosen, name, limit, change, choices, recent, search, found] = [
    "category", "category-label", "category-chosen", "category-name", "category-limit", "category-change",
    "category-choices", "category-recent", "category-search", "category-found",
  ].map((id) => document.getElementById(id));
  const words = picker.dataset;
  const options = [...select.options].filter((one) => one.value);
  // A screen of a phone; who types one character more sees the rest.
  const MOST = 8;

  function text(tag, className, said) {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = said;
    return made;
  }

  function item(option) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "category-choice";
    button.dataset.code = option.value;
    const about = [option.dataset.class, option.dataset.limit].filter(Boolean).join(" · ");
    button.append(text("span", "category-choice-name", option.dataset.name), text("span", "category-limit", about));
    button.addEventListener("click", () => choose(option.value, true));
    const row = document.createElement("li");
    row.append(button);
    return row;
  }

  function show() {
    const option = options.find((one) => one.value === select.value);
    chosen.hidden = !option;
    choices.hidden = Boolean(option);
    if (!option) return;
    name.textContent = option.dataset.name;
    limit.textContent = [option.dataset.class, option.dataset.limit].filter(Boolean).join(" · ");
  }

  function choose(code, byHand) {
    select.value = code;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    if (byHand) (code ? change : search).focus({ preventScroll: true });
  }

  // Chinese is typed without spaces (井盖破): categories that share two characters in a row, those
  // that share most of them first.
  function alike(typed) {
    const pairs = [...typed].slice(1).map((letter, at) => [...typed][at] + letter);
    const shared = (option) => pairs.filter((pair) => option.dataset.name.toLowerCase().includes(pair)).length;
    return options.map((option) => [shared(option), option]).filter(([count]) => count > 0)
      .sort(([one], [other]) => other - one).slice(0, MOST).map(([, option]) => option);
  }

  function find() {
    const typed = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    // Before somebody searches, what was reported last is enough.
    const meant = options.filter((option) => {
      const whole = `${option.textContent} ${option.dataset.class}`.toLowerCase();
      return typed.length ? typed.every((word) => whole.includes(word)) : recent.hidden;
    });
    const rows = meant.slice(0, MOST).map(item);
    const left = meant.length - MOST;
    if (left > 0) rows.push(text("li", "category-note", words.more.replace("{n}", left)));
    if (!meant.length && typed.length) {
      const near = alike(typed.join(""));
      rows.push(text("li", "category-note", near.length ? words.near : words.none), ...near.map(item));
    }
    found.replaceChildren(...rows);
  }

  const last = JSON.parse(words.recent).map((code) => options.find((one) => one.value === code)).filter(Boolean);
  recent.querySelector("ul").append(...last.map(item));
  recent.hidden = last.length === 0;
  search.addEventListener("input", find);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    // Enter takes the first that was found, and does not send the form.
    event.preventDefault();
    const first = found.querySelector("button");
    if (search.value.trim() && first) first.click();
  });
  change.addEventListener("click", () => {
    search.value = "";
    find();
    choose("", true);
  });
  select.addEventListener("change", show);
  select.required = false;
  select.classList.add("visually-hidden");
  select.tabIndex = -1;
  select.setAttribute("aria-hidden", "true");
  label.htmlFor = "category-search";
  picker.hidden = false;
  find();
  show();
})();
