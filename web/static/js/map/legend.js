// What the colours mean, in the corner of the map and in words.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // As wide as its style allows, with the space around it; before it has rows it is narrower.
  const WIDTH_PX = 284;
  const SVG = "http://www.w3.org/2000/svg";
  // A circle as the map draws it, from circles.js.
  function ring(radius, standing) {
    const side = 2 * radius + 4;
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("width", String(side));
    picture.setAttribute("height", String(side));
    picture.setAttribute("aria-hidden", "true");
    const circle = document.createElementNS(SVG, "circle");
    for (const name of ["cx", "cy"]) circle.setAttribute(name, String(side / 2));
    circle.setAttribute("r", String(radius));
    circle.setAttribute("class", standing ? "map-ring map-ring-standing" : "map-ring");
    picture.append(circle);
    return picture;
  }

  maps.legend = function (map, words, write, { pick, opacity = 1 } = {}) {
    const ground = window.getComputedStyle(map.getContainer()).backgroundColor;
    // What the map draws with this colour looks so.
    const onMap = (colour) => maps.overGround(colour, opacity, ground);
    const box = maps.element("details", "map-legend");
    box.open = maps.isPaneOpen("legend");
    box.hidden = true;
    box.addEventListener("toggle", () => maps.keepPane("legend", box.open));
    document.getElementById("map-key").append(box);

    function row(colour, text, count) {
      const item = maps.element("li");
      const swatch = maps.element("span", "map-swatch");
      swatch.style.backgroundColor = colour;
      item.append(swatch, maps.element("span", "", text));
      if (count !== undefined) item.append(maps.element("span", "map-legend-count", write.number(count)));
      return item;
    }

    function ranges(breaks, format, lowest) {
      const edges = lowest === undefined ? [null, ...breaks] : [...breaks];
      return edges.map((from, at) => {
        const to = edges[at + 1];
        if (from === null) return maps.say(words.below, { value: format(to) });
        if (to === undefined) return maps.say(words.at_least, { value: format(from) });
        return `${format(from)} – ${format(to)}`;
      });
    }

    // The lines of the map over a colour of its own, and what they mean.
    function hatchedRow(colour, count) {
      const item = row(colour, words.hatched, count);
      item.firstChild.classList.add("map-swatch-hatch");
      return item;
    }

    function circle(radius, standing, text) {
      const made = maps.element("span", "map-legend-circle");
      made.append(ring(radius, standing), maps.element("span", "", text));
      return made;
    }

    // In one row: sizes are compared side by side.
    function circleRows(circles) {
      if (!circles) return [];
      const item = maps.element("li", "map-legend-circles");
      const sizes = circles.examples.map((m2, at) => {
        const text = write.m2(m2);
        return circle(circles.radius(m2), false, at ? text : maps.say(words.torn_down_m2, { m2: text }));
      });
      item.append(...sizes, circle(5, true, words.still_standing));
      return [item];
    }

    const heading = maps.element("summary");
    const square = maps.square(words, write, pick, onMap);
    // Where single cases are shown, what their colours mean: below everything else.
    const cases = maps.element("div", "map-legend-cases");
    let dots = null;

    // `controls` are what a reader may choose, between the classes and what is said of them.
    function show(title, unit, rows, notes, { above = [], controls = [] } = {}) {
      const list = maps.element("ul", "map-legend-rows");
      list.append(...rows);
      heading.replaceChildren(title, maps.element("span", "map-legend-unit", unit));
      box.hidden = false;
      const focused = box.contains(document.activeElement) ? document.activeElement.id : "";
      const said = notes.map((note) => maps.element("p", "", note));
      const parts = [heading, ...above, list, ...controls, ...said, cases];
      // What stays where it is keeps the keyboard.
      if (box.contains(square.box) && above.includes(square.box)) {
        for (const old of [...box.children]) if (!parts.includes(old)) old.remove();
        box.append(...parts.slice(parts.indexOf(square.box) + 1));
      } else {
        box.replaceChildren(...parts);
      }
      const again = focused && document.getElementById(focused);
      if (again) again.focus();
    }

    // Counts are those of the cases in view, which a reader can count.
    function showDots() {
      if (!dots) {
        cases.replaceChildren();
        return;
      }
      const counts = dots.countsWithin(map.getBounds());
      const list = maps.element("ul", "map-legend-rows map-legend-dots");
      for (const [state, colour] of Object.entries(maps.DOTS)) {
        const item = row(colour, words[`dots_${state}`], counts[state]);
        item.firstChild.classList.add("map-swatch-dot");
        list.append(item);
      }
      const shown = dots.numbers.length;
      const values = { shown: write.number(shown), total: write.number(dots.total) };
      const text = shown < dots.total ? maps.say(words.dots_newest, values) : words.dots_title;
      cases.replaceChildren(maps.element("p", "map-legend-title", text), list);
    }

    // How many of the cases of all rates have a provisional deadline; nothing where none has.
    function provisionalNote({ n, provisional }) {
      if (words.rate_without_provisional) return [words.rate_without_provisional];
      if (!provisional) return [];
      return [maps.say(words.rate_provisional, { n: write.number(n), provisional: write.number(provisional) })];
    }

    function footprintRows(shown) {
      if (!shown) return [];
      return [row(maps.FOOTPRINTS.gone, words.struck_off), row(maps.FOOTPRINTS.standing, words.still_standing)];
    }

    // Where the limits of the classes come from, so that nobody compares what cannot be.
    function aboutClasses(classes, fit) {
      if (!classes.fixed) return words.classes_none;
      if (fit) return words.classes_fitted;
      const values = {
        first: write.month(classes.first_month),
        last: write.month(classes.last_month),
        months: classes.months,
        day: classes.made_at.slice(0, 10),
      };
      return maps.say(classes.category ? words.classes_of_category : words.classes_of_all, values);
    }

    // Limits of this view alone are a choice of whoever looks.
    function fitControl(classes, { fit, change }) {
      if (!classes.fixed || !change) return [];
      const label = maps.element("label", "map-legend-choice");
      const tick = maps.element("input", "form-check-input");
      tick.type = "checkbox";
      tick.id = "map-fit";
      tick.checked = fit;
      tick.addEventListener("change", () => change({ fit: tick.checked }));
      label.append(tick, words.classes_fit);
      return [label];
    }

    function bandwidthControl(answer, { change }) {
      if (!change || answer.bandwidths.length < 2) return [];
      const label = maps.element("label", "map-legend-choice", words.bandwidth);
      const select = maps.element("select", "form-select form-select-sm");
      select.id = "map-bandwidth";
      for (const metres of answer.bandwidths) {
        const usual = metres === answer.usual_bandwidth_m;
        const text = maps.say(usual ? words.bandwidth_usual : words.bandwidth_metres, { metres: write.number(metres) });
        const option = maps.element("option", "", text);
        option.value = usual ? "" : String(metres);
        option.selected = metres === answer.bandwidth_m;
        select.append(option);
      }
      select.addEventListener("change", () => change({ bandwidth: select.value }));
      label.append(select);
      return [label];
    }

    function densityNotes(answer, fit) {
      const metres = write.number(Math.round(answer.bandwidth_m));
      const limited = answer.cases === null;
      const how = limited ? words.density_of_area : words.density_how;
      const notes = [maps.say(how, { metres, cases: limited ? "" : write.number(answer.cases) })];
      if (answer.bandwidth_m !== answer.usual_bandwidth_m) {
        notes.push(maps.say(words.bandwidth_own, { metres: write.number(answer.usual_bandwidth_m) }));
        if (!maps.isFitted(answer.classes, fit)) notes.push(words.bandwidth_classes);
      }
      if (answer.at_default) notes.push(maps.say(words.density_without, { n: write.number(answer.at_default) }));
      return notes;
    }

    return {
      // `choices` are whether classes fit the view, and how the reader changes it; without a
      // way to change it there are no controls.
      density(answer, breaks, demolitions, choices) {
        const colours = maps.surfacePalette(breaks);
        const texts = ranges(breaks, write.rounded, 0);
        // From the densest down, as a map reads.
        const rows = texts.map((text, at) => row(onMap(colours[at]), text)).reverse();
        if (breaks.length) rows.push(row("transparent", maps.say(words.below, { value: write.rounded(breaks[0]) })));
        const unit = maps.say(words.density_unit, { days: write.number(answer.days) });
        const notes = [aboutClasses(answer.classes, choices.fit), ...densityNotes(answer, choices.fit)];
        const controls = [...fitControl(answer.classes, choices), ...bandwidthControl(answer, choices)];
        show(words.layer_density, unit, [...rows, ...footprintRows(demolitions)], notes, { controls });
      },
      noDensity(why) {
        show(words.layer_density, "", [], [why]);
      },
      rate(classed, demolitions, provisional) {
        const texts = [...ranges(classed.breaks, write.percent), words.no_denominator];
        const order = [4, 3, 2, 1, 0, 5];
        const rows = order.map((at) => row(onMap(classed.palette[at]), texts[at], classed.sizes[at]));
        const lined = hatchedRow(onMap(classed.palette[1]), classed.uncertain);
        show(words.layer_rate, words.rate_unit, [...rows, lined, ...footprintRows(demolitions)], [words.rate_how, words.rate_drawn, ...provisionalNote(provisional)]);
      },
      hot(figures, classed, circles, days, choices) {
        const none = classed.palette.length - 1;
        const unit = maps.say(words.hot_unit, { days: write.number(days) });
        const rows = [hatchedRow(onMap(classed.palette[4]), classed.uncertain), row(onMap(classed.palette[none]), words.no_denominator, classed.sizes[none])];
        const notes = [aboutClasses(figures.classes, choices.fit), words.hot_how, ...provisionalNote(maps.dueOf(figures.columns))];
        const controls = fitControl(figures.classes, choices);
        show(words.layer_hot, unit, [...rows, ...circleRows(circles)], notes, { above: [square.box], controls });
        square.show(classed);
      },
      cases(figures, classed, days, demolitions, choices) {
        const ofClasses = classed.breaks.length ? ranges(classed.breaks, write.rounded) : [words.any_case];
        const texts = [...ofClasses, words.no_case];
        const last = texts.length - 1;
        const order = [...Array(last).keys()].reverse().concat(last);
        const rows = order.map((at) => row(onMap(classed.palette[at]), texts[at], classed.sizes[at]));
        const unit = maps.say(words.cases_unit, { days: write.number(days) });
        const notes = [aboutClasses(figures.classes, choices.fit)];
        show(words.layer_cases, unit, [...rows, ...footprintRows(demolitions)], notes, { controls: fitControl(figures.classes, choices) });
      },
      // Pixels of the map's right side that it takes where it floats.
      width: () => (maps.panesFloat() && box.open ? WIDTH_PX : 0),
      // Single cases, or null where the map is too far for them.
      dots(shown) {
        dots = shown;
        showDots();
      },
    };
  };
})();
