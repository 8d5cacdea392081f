// What the colours mean, in the corner of the map and in words.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const NARROW_PX = 640;

  maps.legendIsInside = (map) => map.getSize().x >= NARROW_PX;

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

  maps.legend = function (map, words, write, { pick } = {}) {
    const control = L.control({ position: "bottomright" });
    const box = maps.element("details", "map-legend");
    box.open = true;
    box.hidden = true;
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    control.onAdd = () => box;

    // On a narrow map the legend would hide the city: it stands below it then.
    function place() {
      const narrow = !maps.legendIsInside(map);
      if (narrow === box.classList.contains("map-legend-below") && box.isConnected) return;
      box.classList.toggle("map-legend-below", narrow);
      if (narrow) {
        control.remove();
        map.getContainer().after(box);
      } else {
        control.addTo(map);
      }
    }
    map.on("resize", place);
    place();

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

    function wholeRanges(breaks) {
      const edges = [1, ...breaks];
      return edges.map((from, at) => {
        const to = edges[at + 1];
        if (to === undefined) return maps.say(words.at_least, { value: write.number(from) });
        return to - 1 === from ? write.number(from) : `${write.number(from)} – ${write.number(to - 1)}`;
      });
    }

    // The lines of the map over a colour of its own, and what they mean.
    function hatchedRow(colour, count) {
      const item = row(colour, words.hatched, count);
      item.firstChild.classList.add("map-swatch-hatch");
      return item;
    }

    function circleRow(radius, standing, text) {
      const item = maps.element("li");
      const place = maps.element("span", "map-legend-ring");
      place.append(ring(radius, standing));
      item.append(place, maps.element("span", "", text));
      return item;
    }

    function circleRows(circles) {
      if (!circles) return [];
      const sizes = circles.examples.map((m2) => circleRow(circles.radius(m2), false, maps.say(words.torn_down_m2, { m2: write.m2(m2) })));
      return [...sizes, circleRow(5, true, words.still_standing)];
    }

    const heading = maps.element("summary");
    const square = maps.square(words, write, pick);

    function show(title, unit, rows, notes, above = []) {
      const list = maps.element("ul", "map-legend-rows");
      list.append(...rows);
      heading.replaceChildren(title, maps.element("span", "map-legend-unit", unit));
      box.hidden = false;
      const parts = [heading, ...above, list, ...notes.map((note) => maps.element("p", "", note))];
      // What stays where it is keeps the keyboard.
      if (box.contains(square.box) && above.includes(square.box)) {
        for (const old of [...box.children]) if (!parts.includes(old)) old.remove();
        box.append(...parts.slice(parts.indexOf(square.box) + 1));
      } else {
        box.replaceChildren(...parts);
      }
    }

    function footprintRows(shown) {
      if (!shown) return [];
      return [row(maps.FOOTPRINTS.gone, words.struck_off), row(maps.FOOTPRINTS.standing, words.still_standing)];
    }

    return {
      density(answer, demolitions) {
        const colours = maps.densityPalette(answer);
        const texts = ranges(answer.breaks, write.rounded, 0);
        // From the densest down, as a map reads.
        const rows = texts.map((text, at) => row(colours[at], text)).reverse();
        const unit = maps.say(words.density_unit, { days: write.number(answer.days) });
        const how = maps.say(words.density_how, { metres: write.number(Math.round(answer.bandwidth_m)), cases: write.number(answer.cases) });
        const without = answer.at_default ? [maps.say(words.density_without, { n: write.number(answer.at_default) })] : [];
        show(words.layer_density, unit, [...rows, ...footprintRows(demolitions)], [how, ...without]);
      },
      rate(classed, demolitions) {
        const texts = [...ranges(classed.breaks, write.percent), words.no_denominator];
        const order = [4, 3, 2, 1, 0, 5];
        const rows = order.map((at) => row(classed.palette[at], texts[at], classed.sizes[at]));
        const lined = hatchedRow(classed.palette[1], classed.uncertain);
        show(words.layer_rate, words.rate_unit, [...rows, lined, ...footprintRows(demolitions)], [words.rate_how, words.rate_drawn]);
      },
      hot(classed, circles, days) {
        const none = classed.palette.length - 1;
        const unit = maps.say(words.hot_unit, { days: write.number(days) });
        const rows = [hatchedRow(classed.palette[4], classed.uncertain), row(classed.palette[none], words.no_denominator, classed.sizes[none])];
        const { density_months: months, density_category: category } = classed.breaks;
        const fixed = category === null ? words.hot_fixed : words.hot_fixed_category;
        const how = months === null ? words.hot_of_view : maps.say(fixed, { months: write.number(months) });
        show(words.layer_hot, unit, [...rows, ...circleRows(circles)], [how], [square.box]);
        square.show(classed);
      },
      cases(classed, days, demolitions) {
        const texts = [...wholeRanges(classed.breaks), words.no_case];
        const last = texts.length - 1;
        const order = [...Array(last).keys()].reverse().concat(last);
        const rows = order.map((at) => row(classed.palette[at], texts[at], classed.sizes[at]));
        const unit = maps.say(words.cases_unit, { days: write.number(days) });
        show(words.layer_cases, unit, [...rows, ...footprintRows(demolitions)], []);
      },
    };
  };
})();
