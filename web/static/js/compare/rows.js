// The list of changed areas beside the map: a row shows its area, an area opens its row, and
// comments are saved without leaving the page.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const rowsIn = (page) => [...page.querySelectorAll("[data-area]")];

  // `show` brings the area of a row into view on the map.
  maps.comparedRows = function (words, show) {
    const rows = new Map(rowsIn(document).map((row) => [row.dataset.area, row]));
    for (const [code, row] of rows) {
      row.querySelector("[data-show]")?.addEventListener("click", () => show(code));
      row.querySelector("form[data-comment]")?.addEventListener("submit", (event) => {
        event.preventDefault();
        save(event.target, event.submitter, row, words);
      });
    }
    return {
      mark(code) {
        for (const [one, row] of rows) {
          if (one === code) row.setAttribute("aria-current", "true");
          else row.removeAttribute("aria-current");
        }
      },
      open(code) {
        const row = rows.get(code);
        if (!row) return;
        row.querySelector("details")?.setAttribute("open", "");
        row.scrollIntoView({ block: "nearest" });
        row.focus({ preventScroll: true });
      },
    };
  };

  // The answer is the page anew: only what was said is taken from it, so that the map stays and
  // nothing else that is being typed is lost.
  async function save(form, button, row, words) {
    const status = row.querySelector("[data-saved]");
    status.textContent = "";
    status.classList.remove("text-danger");
    if (button) button.disabled = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      if (!answer.ok) throw new Error((await answer.json()).message);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const same = rowsIn(page).find((one) => one.dataset.area === row.dataset.area);
      if (!same) {
        window.location.reload();
        return;
      }
      take(row, same, "[data-comments]");
      take(document, page, "#review-comments");
      form.reset();
      status.textContent = words.saved;
    } catch (error) {
      const said = error instanceof TypeError || error instanceof SyntaxError ? "" : error.message;
      status.textContent = said || words.not_saved;
      status.classList.add("text-danger");
    } finally {
      if (button) button.disabled = false;
    }
  }

  function take(here, there, selector) {
    const [old, made] = [here.querySelector(selector), there.querySelector(selector)];
    if (old && made) old.replaceWith(made);
  }
})();
