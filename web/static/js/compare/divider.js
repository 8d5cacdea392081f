// The divider of a swipe: dragged by mouse or finger, moved by the keys of a slider.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

  // Returns an element over `box`; `moved` is told the part of the width, from 0 to 1.
  maps.divider = function (box, words, moved) {
    const line = maps.element("div", "compare-divider");
    const grip = maps.element("span", "compare-grip bi bi-arrow-left-right");
    grip.setAttribute("aria-hidden", "true");
    line.append(grip);
    line.tabIndex = 0;
    const fixed = { role: "slider", "aria-label": words.divider, "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": 100 };
    for (const [name, value] of Object.entries(fixed)) line.setAttribute(name, value);
    let percent = 50;

    function set(wanted) {
      percent = Math.min(100, Math.max(0, wanted));
      const whole = Math.round(percent);
      line.style.left = `${percent}%`;
      line.setAttribute("aria-valuenow", whole);
      const said = words.divided.replace("{before}", whole).replace("{after}", 100 - whole);
      line.setAttribute("aria-valuetext", said);
      moved(percent / 100);
    }

    line.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      line.setPointerCapture(event.pointerId);
      line.focus({ preventScroll: true });
      event.preventDefault();
    });
    line.addEventListener("pointermove", (event) => {
      if (!line.hasPointerCapture(event.pointerId)) return;
      const { left, width } = box.getBoundingClientRect();
      set(((event.clientX - left) / width) * 100);
    });
    line.addEventListener("keydown", (event) => {
      const ends = { Home: 0, End: 100 };
      if (event.key in STEPS) set(Math.round(percent) + STEPS[event.key]);
      else if (event.key in ends) set(ends[event.key]);
      else return;
      event.preventDefault();
    });
    box.append(line);
    return { line, share: () => percent / 100, set };
  };
})();
