"use strict";

// The list of cases: how many are ticked, and the list as it stands now. Without this script the
// page shows the list as it was when it was opened, and ticking works all the same.

const list = document.querySelector("[data-list]");
const ASK_MS = 15000;

function boxes() {
  return [...list.querySelectorAll("input[name=chosen]")];
}

function tell() {
  const ticked = boxes().filter((box) => box.checked).length;
  const count = document.querySelector("[data-chosen-count]");
  if (count) {
    count.textContent = ticked ? `(${ticked})` : "";
  }
  const all = list.querySelector("[data-choose-all]");
  if (all) {
    all.hidden = !boxes().length;
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && ticked < boxes().length;
  }
}

list.addEventListener("change", (event) => {
  if (event.target.matches("[data-choose-all]")) {
    boxes().forEach((box) => { box.checked = event.target.checked; });
  }
  tell();
});
window.addEventListener("pageshow", tell);

// What somebody does with the page stays: the filters are not touched, a row that did not change
// is the same row, a ticked one stays ticked, and the row at the top of the window stays there.

function rowsOf(part) {
  return new Map([...part.querySelectorAll("tr[data-case]")].map((row) => [row.dataset.case, row]));
}

// The topmost row in the window that stays in the list.
function firstSeen(rows, fresh) {
  for (const [key, row] of rows) {
    if (fresh.has(key) && row.getBoundingClientRect().top >= 0) {
      return key;
    }
  }
  return null;
}

// A ticked case keeps the state in which it was seen, so that giving it away says what somebody
// else did to it meanwhile.
function keepTicks(old, fresh) {
  const ticked = old.querySelector("input[name=chosen]:checked");
  const box = fresh.querySelector("input[name=chosen]");
  if (ticked && box) {
    box.value = ticked.value;
    box.checked = true;
    box.defaultChecked = false;
  }
}

function replaceRow(old, fresh) {
  keepTicks(old, fresh);
  const focused = old.contains(document.activeElement)
    ? [...old.querySelectorAll("a, input")].indexOf(document.activeElement)
    : -1;
  old.replaceWith(fresh);
  fresh.classList.add("row-changed");
  if (focused >= 0) {
    fresh.querySelectorAll("a, input")[focused]?.focus({ preventScroll: true });
  }
}

function text(row) {
  const copy = row.cloneNode(true);
  copy.classList.remove("row-changed");
  copy.querySelectorAll("input[name=chosen]").forEach((box) => box.removeAttribute("value"));
  // Ages and times left go on by themselves, which is no news.
  copy.querySelectorAll("[data-clock]").forEach((part) => part.remove());
  return copy.textContent;
}

function bringUpRows(body, freshBody) {
  const old = rowsOf(body);
  const fresh = rowsOf(freshBody);
  const anchor = firstSeen(old, fresh);
  const top = anchor === null ? 0 : old.get(anchor).getBoundingClientRect().top;
  const news = { added: 0, changed: 0, gone: 0, unticked: 0 };
  for (const [key, row] of old) {
    if (!fresh.has(key)) {
      news.gone += 1;
      news.unticked += row.querySelector("input[name=chosen]:checked") ? 1 : 0;
      row.remove();
    }
  }
  let last = null;
  for (const [key, row] of fresh) {
    let here = old.get(key);
    if (!here) {
      news.added += 1;
      row.classList.add("row-changed");
      here = row;
    } else if (text(here) !== text(row)) {
      news.changed += 1;
      replaceRow(here, row);
      here = row;
    } else if (here.innerHTML !== row.innerHTML) {
      here.querySelectorAll("[data-clock]").forEach((part, n) => {
        part.replaceWith(row.querySelectorAll("[data-clock]")[n].cloneNode(true));
      });
    }
    const next = last ? last.nextElementSibling : body.firstElementChild;
    if (next !== here) {
      body.insertBefore(here, next);
    }
    last = here;
  }
  const now = anchor === null ? null : rowsOf(body).get(anchor);
  if (now) {
    window.scrollBy({ top: now.getBoundingClientRect().top - top, behavior: "instant" });
  }
  return news;
}

function say(news) {
  const words = list.dataset;
  const told = [
    [news.added, words.saysAdded],
    [news.changed, words.saysChanged],
    [news.gone, words.saysGone],
    [news.unticked, words.saysUnticked],
  ];
  const said = told.filter(([count]) => count).map(([count, form]) => form.replace("%n", count));
  if (said.length) {
    document.getElementById("list-news").textContent = said.join(words.saysBetween);
  }
}

function bringUp(page) {
  const fresh = page.querySelector("[data-list]");
  if (!fresh) {
    return;
  }
  for (const one of page.querySelectorAll("[data-queue]")) {
    const here = document.querySelector(`[data-queue="${one.dataset.queue}"]`);
    if (here && here.textContent !== one.textContent) {
      here.querySelector(".queue-count").textContent = one.querySelector(".queue-count").textContent;
      here.className = one.className;
    }
  }
  const body = list.querySelector("tbody");
  const freshBody = fresh.querySelector("tbody");
  if (body && freshBody) {
    say(bringUpRows(body, freshBody));
    for (const part of ["count", "pager"]) {
      const here = list.querySelector(`[data-part="${part}"]`);
      const there = fresh.querySelector(`[data-part="${part}"]`);
      if (here && there && here.innerHTML !== there.innerHTML && !here.contains(document.activeElement)) {
        here.replaceChildren(...there.childNodes);
      }
    }
  } else if (body || freshBody) {
    // The list became empty, or is not any more: nothing on it can be kept.
    list.replaceChildren(...fresh.childNodes);
    say({ added: rowsOf(list).size, changed: 0, gone: body ? rowsOf(body).size : 0, unticked: 0 });
  }
  list.dataset.revision = fresh.dataset.revision;
  tell();
}

const BACKGROUND = { headers: { "Gridmgmt-Background": "1" }, redirect: "error", cache: "no-store" };

async function ask() {
  const answer = await fetch(list.dataset.revisionUrl, BACKGROUND);
  if (!answer.ok) {
    return;
  }
  const { revision } = await answer.json();
  // Unknown while the server starts; the next question will say.
  if (revision === null || revision === list.dataset.revision) {
    return;
  }
  const page = await fetch(window.location.href, BACKGROUND);
  if (page.ok) {
    bringUp(new DOMParser().parseFromString(await page.text(), "text/html"));
  }
}

let waiting = 0;

function later() {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(async () => {
    // Nobody looks at a hidden page; it asks at once when it is seen again.
    if (!document.hidden) {
      await ask().catch(() => {});
    }
    later();
  }, ASK_MS);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    ask().catch(() => {});
  }
});
tell();
later();
