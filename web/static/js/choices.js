"use strict";

// A field with data-choices offers what may be meant by what is typed: areas, responders. It is
// a list below the field, for mouse, finger and keyboard. Without this script the field takes a
// code, a name or a part of one all the same.
document.querySelectorAll("input[data-choices]").forEach((field) => {
  const WAIT_MS = 150;
  const list = document.createElement("ul");
  list.className = "choice-list";
  list.id = `${field.id}-choices`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0] ? field.labels[0].textContent.trim() : "");
  field.after(list);
  field.parentElement.classList.add("choice-place");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  let answered = null;
  let choices = [];
  let active = -1;
  let turn = 0;
  let waiting = 0;

  function close() {
    list.hidden = true;
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function mark(at) {
    active = at;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    field.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  function take(at) {
    field.value = choices[at].value;
    answered = field.value;
    close();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function drawn(choice, at) {
    const item = document.createElement("li");
    item.id = `${list.id}-${at}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    [["choice-name", choice.name], ["choice-note", choice.note]].forEach(([kind, text]) => {
      const part = document.createElement("span");
      part.className = kind;
      part.textContent = text;
      item.append(part);
    });
    // The field keeps the focus, or the list would be gone before the press ends.
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => take(at));
    return item;
  }

  function draw() {
    const typed = field.value.trim();
    // Where a single one is meant already, a list would only cover what lies below.
    const isMeant = choices.length === 1 && [choices[0].value, choices[0].code].includes(typed);
    list.replaceChildren(...choices.map(drawn));
    if (!choices.length) {
      const nothing = document.createElement("li");
      nothing.className = "choice-none";
      nothing.setAttribute("role", "option");
      nothing.setAttribute("aria-disabled", "true");
      nothing.textContent = field.dataset.nothing;
      list.append(nothing);
    }
    active = -1;
    field.removeAttribute("aria-activedescendant");
    list.hidden = isMeant;
    field.setAttribute("aria-expanded", String(!isMeant));
  }

  async function offer() {
    const typed = field.value.trim();
    const mine = (turn += 1);
    if (!typed) {
      answered = typed;
      choices = [];
      return close();
    }
    if (typed === answered) return undefined;
    const answer = await fetch(`${field.dataset.choices}?q=${encodeURIComponent(typed)}`);
    // What was typed meanwhile has a question of its own; who went on is not called back.
    if (!answer.ok || mine !== turn || document.activeElement !== field) return undefined;
    choices = (await answer.json()).choices;
    answered = typed;
    return draw();
  }

  function ask() {
    return offer().catch(() => { answered = null; });
  }

  field.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(ask, WAIT_MS);
  });
  field.addEventListener("blur", () => {
    window.clearTimeout(waiting);
    turn += 1;
    close();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(active);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden && choices.length && answered === field.value.trim()) {
        list.hidden = false;
        field.setAttribute("aria-expanded", "true");
      }
      if (list.hidden || !choices.length) {
        ask();
        return;
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(active < 0 && step < 0 ? choices.length - 1 : (active + step + choices.length) % choices.length);
    }
  });
  close();
});
