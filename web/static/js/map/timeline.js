// Cases over time as bars, and a slider that takes one day, week or month of them as the period.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const PACE_MS = 1300;

  maps.timeline = function ({ words, write, choose, load, settled }) {
    const slider = document.getElementById("map-slider");
    const bars = document.getElementById("map-bars");
    const button = document.getElementById("map-play");
    const said = document.getElementById("map-slider-said");
    let answer = null;
    let shown = null;
    let playing = null;

    function lastDay(at) {
      if (answer.step === "day") return answer.starts[at];
      if (answer.step === "week") return maps.addDays(answer.starts[at], 6);
      const [year, month] = answer.starts[at].split("-").map(Number);
      return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
    }

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
      if (!answer || !answer.starts.length) return;
      const most = Math.max(1, ...answer.cases);
      const step = width / answer.starts.length;
      answer.cases.forEach((cases, at) => {
        const inside = answer.starts[at] <= shown.to && lastDay(at) >= shown.from;
        pen.fillStyle = inside ? "#1d5c84" : "#b9c6d1";
        const tall = cases ? Math.max(1, (cases / most) * (height - 2)) : 0;
        pen.fillRect(at * step, height - tall, Math.max(1, step - (step > 4 ? 1 : 0)), tall);
      });
    }

    function tell() {
      const at = stepOf(shown.from, shown.to);
      const period = shown.from === shown.to ? shown.from : `${shown.from} – ${shown.to}`;
      const cases = at >= 0 ? maps.say(words.cases_number, { n: write.number(answer.cases[at]) }) : "";
      said.textContent = cases ? `${period} · ${cases}` : period;
      slider.setAttribute("aria-valuetext", said.textContent);
    }

    function goTo(at) {
      slider.value = String(at);
      return choose(answer.starts[at], lastDay(at));
    }

    function stop() {
      if (playing) window.clearTimeout(playing);
      playing = null;
      button.querySelector("i").className = "bi bi-play-fill";
      button.setAttribute("aria-label", words.play);
      button.title = words.play;
    }

    async function play() {
      const last = answer.starts.length - 1;
      const at = Number(slider.value);
      // A new round starts at most thirty steps back, not with the first case there ever was.
      goTo(at >= last ? Math.max(0, last - 30) : at + 1);
      await settled();
      if (playing === null) return;
      if (Number(slider.value) >= last) stop();
      else playing = window.setTimeout(play, PACE_MS);
    }

    button.addEventListener("click", () => {
      if (playing !== null) return stop();
      if (!answer || answer.starts.length < 2) return undefined;
      playing = 0;
      button.querySelector("i").className = "bi bi-pause-fill";
      button.setAttribute("aria-label", words.pause);
      button.title = words.pause;
      return play();
    });
    slider.addEventListener("input", () => {
      stop();
      goTo(Number(slider.value));
    });
    bars.addEventListener("click", (event) => {
      if (!answer || !answer.starts.length) return;
      stop();
      const share = event.offsetX / bars.clientWidth;
      goTo(Math.min(answer.starts.length - 1, Math.floor(share * answer.starts.length)));
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
