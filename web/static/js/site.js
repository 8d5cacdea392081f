"use strict";

// A form with data-confirm asks before it is sent.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  // Nobody sends a form twice by clicking twice; a page that is gone back to may send again.
  if (event.target.method === "post") {
    const button = event.submitter;
    if (button) {
      // Later: a script may find that the form cannot be sent yet, or send it itself.
      window.setTimeout(() => { button.disabled = button.disabled || !event.defaultPrevented; });
    }
  }
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    document.querySelectorAll("button[type=submit]:disabled").forEach((button) => {
      button.disabled = false;
    });
  }
});

// A choice of periods fills in the fields for the first and the last day, whose ids it names, and
// says which of its periods they hold. It comes before the form is sent by data-submit.
const showPeriod = (choice) => {
  const [first, last] = choice.dataset.period.split(" ").map((id) => document.getElementById(id).value);
  const holds = ({dataset}) => dataset.first === first && dataset.last === last;
  // On a Monday, this week is today: what was chosen stays.
  if (holds(choice.selectedOptions[0])) return;
  const found = [...choice.options].find(holds) ?? choice.querySelector("[data-own]");
  found.selected = true;
};
window.gridmgmtShowPeriods = () => document.querySelectorAll("[data-period]").forEach(showPeriod);
document.querySelectorAll("[data-period]").forEach((choice) => {
  const fields = choice.dataset.period.split(" ").map((id) => document.getElementById(id));
  choice.addEventListener("change", (event) => {
    const {first, last} = choice.selectedOptions[0].dataset;
    if (first === undefined) {
      // Days of one's own are written into the fields, and sent with them.
      event.stopPropagation();
      fields[0].focus();
      return;
    }
    [fields[0].value, fields[1].value] = [first, last];
    fields[1].dispatchEvent(new Event("change", {bubbles: true}));
  });
  fields.forEach((field) => field.addEventListener("change", () => showPeriod(choice)));
});
window.addEventListener("pageshow", window.gridmgmtShowPeriods);

// A choice with data-submit sends its form when it changes.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) {
    event.target.form.requestSubmit();
  }
});

// What is long and said in short above is folded where the screen is narrow.
if (window.matchMedia("(max-width: 767.98px)").matches) {
  document.querySelectorAll("details[data-fold-narrow]").forEach((details) => { details.open = false; });
}

// What scrolls is scrolled by keyboard too: while it scrolls it is a stop of the Tab key, named
// after its section where the page gives it no name of its own.
const markScrolling = (box) => {
  const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  if (!scrolls) {
    box.removeAttribute("tabindex");
    return;
  }
  box.tabIndex = 0;
  if (box.hasAttribute("role")) return;
  box.setAttribute("role", "group");
  const heading = box.closest("[aria-labelledby]")?.getAttribute("aria-labelledby");
  if (heading) box.setAttribute("aria-labelledby", heading);
  else box.setAttribute("aria-label", document.querySelector("h1")?.textContent.trim() ?? "");
};
const scrolling = new ResizeObserver((changes) => {
  new Set(changes.map(({target}) => target.closest("[data-may-scroll]"))).forEach(markScrolling);
});
document.querySelectorAll("main .table-responsive, main pre").forEach((box) => {
  box.dataset.mayScroll = "";
  scrolling.observe(box);
  // The box keeps its size when only what is in it grows.
  [...box.children].forEach((part) => scrolling.observe(part));
});
