"use strict";

// A field with data-responders offers the responders whose code or name matches what is typed.
// Without this script the field takes a code, a name or a part of one all the same.
document.querySelectorAll("input[data-responders]").forEach((field) => {
  const offered = document.getElementById(field.getAttribute("list"));
  let asked = "";
  let waiting = 0;

  async function offer() {
    const typed = field.value.trim();
    if (!typed || typed === asked) {
      return;
    }
    asked = typed;
    const answer = await fetch(`${field.dataset.responders}?q=${encodeURIComponent(typed)}`);
    // What was typed meanwhile has a question of its own.
    if (!answer.ok || typed !== asked) {
      return;
    }
    const found = await answer.json();
    offered.replaceChildren(...found.responders.map((text) => new Option("", text)));
  }

  field.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => offer().catch(() => { asked = ""; }), 150);
  });
});
