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
      window.setTimeout(() => { button.disabled = true; });
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
