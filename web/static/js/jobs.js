"use strict";

// Follows one job: asks every second how far it is, and loads the page anew at its end.
(() => {
  const EVERY_MS = 1000;
  const card = document.querySelector("[data-job]");
  const part = (name) => card.querySelector(`[data-job-${name}]`);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const bar = part("bar");

  const show = (job) => {
    part("status").textContent = job.status;
    part("status").className = `badge state state-${job.tone}`;
    part("step").textContent = job.step;
    part("count").textContent = job.total
      ? `${number.format(job.done)} / ${number.format(job.total)}` : "";
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
    } else if (job.step) {
      // Nobody knows how much there is to do: the bar only moves.
      bar.removeAttribute("value");
    }
  };

  const ask = async () => {
    try {
      const answer = await fetch(card.dataset.job, { headers: { Accept: "application/json" } });
      if (answer.redirected) {
        // The session has ended: the page that is loaded asks to log in again.
        window.location.reload();
        return;
      }
      if (answer.ok) {
        const job = await answer.json();
        if (job.finished) {
          window.location.reload();
          return;
        }
        show(job);
      }
    } catch {
      // The server may be starting again; the next time will tell.
    }
    window.setTimeout(ask, EVERY_MS);
  };
  window.setTimeout(ask, EVERY_MS);
})();
