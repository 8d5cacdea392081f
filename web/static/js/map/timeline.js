// Cases over time as bars above an axis of days, a slider that takes one day, week or month of
// them as the period, and a button that moves the period on. Days are those of the bureau's
// clock, as the server says them; no time of the browser's comes into it.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const PACE_MS = 1300;
  // Pixels that a label of the axis needs.
  const LABEL_PX = 64;
  const FEW_DAYS = 120;

  // The last day of a step that starts with a day.
  maps.lastDayOf = function (start, step) {
    if (step === "day") return start;
    if (step === "week") return maps.addDays(start, 6);
    const [year, month] = start.split("-").map(Number);
    return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
  };

  // The period that ends with a step, as long as the one before: as many whole steps where it
  // was made of whole steps, as many days where it was not.
  maps.periodEndingAt = function ({ starts, step }, at, { from, to }) {
    const last = (one) => maps.lastDayOf(starts[one], step);
    const first = starts.indexOf(from);
    const end = starts.findIndex((start, one) => last(one) === to);
    if (first >= 0 && end >= first) {
      const low = at - (end - first);
      if (low >= 0) return { from: starts[low], to: last(at) };
    }
    return { from: maps.addDays(last(at), 1 - maps.daysBetween(from, to)), to: last(at) };
  };

  // Where the axis has labels, at most so many: months of a long time, days of a short one.
  maps.axisTicks = function (starts, most) {
    if (!starts.length || most < 1) return [];
    const thinned = (all, steps, keeps) => {
      const found = steps.map((step) => all.filter((one) => keeps(one, step)));
      return found.find((few) => few.length <= most) || [];
    };
    if (maps.daysBetween(starts[0], starts[starts.length - 1]) <= FEW_DAYS) {
      const days = starts.map((start, at) => ({ at, text: start.slice(5) }));
      return thinned(days, [1, 2, 5, 7, 10, 14, 28, 56], (one, step) => one.at % step === 0);
    }
    const months = starts
      .map((start, at) => ({ at, text: start.slice(0, 7) }))
      .filter(({ at, text }) => (at ? text !== starts[at - 1].slice(0, 7) : starts[0].endsWith("-01")));
    const number = ({ text }) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5)) - 1;
    return thinned(months, [1, 2, 3, 6, 12, 24, 60, 120], (one, step) => number(one) % step === 0);
  };

  maps.timeline = function ({ words, write, choose, load, settled }) {
    const slider = document.getElementById("map-slider");
    const bars = document.getElementById("map-bars");
    const button = document.getElementById("map-play");
    const said = document.getElementById("map-slider-said");
    const axis = document.getElementById("map-axis");
    const top = document.getElementById("map-axis-most");
    let answer = null;
    let shown = null;
    let playing = null;

    const lastDay = (at) => maps.lastDayOf(answer.starts[at], answer.step);

    // The step whose days are exactly the period's; -1 where the period is another one.
    function stepOf(from, to) {
      if (!answer) return -1;
      const at = answer.starts.indexOf(from);
      return at >= 0 && lastDay(at) === to ? at : -1;
    }

    function draw() {
      const width = bars.clientWidth;
      const height = bars.clientHeight;
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      bars.width = width * ratio;
      bars.height = height * ratio;
      const pen = bars.getContext("2d");
      pen.scale(ratio, ratio);
      axis.replaceChildren();
      top.textContent = "";
      if (!answer || !answer.starts.length) return;
      const most = Math.max(1, ...answer.cases);
      const step = width / answer.starts.length;
      drawAxis(most, step);
      answer.cases.forEach((cases, at) => {
        const inside = answer.starts[at] <= shown.to && lastDay(at) >= shown.from;
        pen.fillStyle = inside ? maps.AMOUNT_INK : "#b9c6d1";
        const tall = cases ? Math.max(1, (cases / most) * (height - 2)) : 0;
        pen.fillRect(at * step, height - tall, Math.max(1, step - (step > 4 ? 1 : 0)), tall);
      });
    }

    function drawAxis(most, step) {
      top.textContent = maps.say(words.cases_number, { n: write.number(most) });
      for (const { at, text } of maps.axisTicks(answer.starts, Math.floor(bars.clientWidth / LABEL_PX))) {
        const tick = maps.element("span", "map-tick", text);
        tick.style.left = `${at * step}px`;
        axis.append(tick);
        // A label cut in half reads as another day.
        if (tick.offsetLeft + tick.offsetWidth > bars.clientWidth) tick.textContent = "";
      }
      // The middle of the slider's handle goes through the middles of the bars.
      slider.style.setProperty("--map-half-bar", `${step / 2}px`);
    }

    function tell() {
      const at = stepOf(shown.from, shown.to);
      const period = shown.from === shown.to ? shown.from : `${shown.from} – ${shown.to}`;
      const cases = at >= 0 ? maps.say(words.cases_number, { n: write.number(answer.cases[at]) }) : "";
      said.textContent = cases ? `${period} · ${cases}` : period;
      slider.setAttribute("aria-valuetext", said.textContent);
    }

    // One entry of the history for all that one hand movement, or one playing, went through.
    let isMoving = false;

    function goTo(at, { from, to } = { from: answer.starts[at], to: lastDay(at) }) {
      slider.value = String(at);
      const push = !isMoving;
      isMoving = true;
      return choose(from, to, { push });
    }

    function stop() {
      if (playing) window.clearTimeout(playing);
      if (playing !== null) isMoving = false;
      playing = null;
      button.querySelector("i").className = "bi bi-play-fill";
      button.setAttribute("aria-label", words.play);
      button.title = words.play;
    }

    async function play() {
      const last = answer.starts.length - 1;
      const at = Number(slider.value);
      // A new round starts at most thirty steps back, not with the first case there ever was.
      const next = at >= last ? Math.max(0, last - 30) : at + 1;
      goTo(next, maps.periodEndingAt(answer, next, shown));
      await settled();
      if (playing === null) return;
      if (Number(slider.value) >= last) stop();
      else playing = window.setTimeout(play, PACE_MS);
    }

    button.addEventListener("click", () => {
      if (playing !== null) return stop();
      if (!answer || answer.starts.length < 2) return undefined;
      isMoving = false;
      playing = 0;
      button.querySelector("i").className = "bi bi-pause-fill";
      button.setAttribute("aria-label", words.pause);
      button.title = words.pause;
      return play();
    });
    slider.addEventListener("input", () => {
      if (playing !== null) stop();
      goTo(Number(slider.value));
    });
    slider.addEventListener("change", () => {
      isMoving = false;
    });
    bars.addEventListener("click", (event) => {
      if (!answer || !answer.starts.length) return;
      stop();
      isMoving = false;
      const share = event.offsetX / bars.clientWidth;
      goTo(Math.min(answer.starts.length - 1, Math.floor(share * answer.starts.length)));
      isMoving = false;
    });
    new ResizeObserver(() => shown && draw()).observe(bars);
    stop();

    return {
      stop,
      // The period changed, by the slider or by the fields.
      show(from, to) {
        shown = { from, to };
        if (!answer) return;
        let at = stepOf(from, to);
        if (at < 0) at = answer.starts.filter((start) => start <= to).length - 1;
        slider.value = String(Math.max(0, at));
        draw();
        tell();
      },
      async load() {
        answer = await load();
        slider.max = String(Math.max(0, answer.starts.length - 1));
        slider.disabled = answer.starts.length < 2;
        button.disabled = slider.disabled;
        if (shown) this.show(shown.from, shown.to);
      },
    };
  };
})();
