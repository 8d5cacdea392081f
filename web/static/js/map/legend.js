// What the colours mean, in the corner of the map and in words.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const NARROW_PX = 740;

  maps.legendIsInside = (map) => map.getSize().x >= NARROW_PX;

  maps.legend = function (map, words, write) {
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
      const swatch = maps.element("span", colour === maps.HATCH ? "map-swatch map-swatch-hatch" : "map-swatch");
      if (colour !== maps.HATCH) swatch.style.backgroundColor = colour;
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

    function show(title, unit, rows, notes) {
      const list = maps.element("ul", "map-legend-rows");
      list.append(...rows);
      const heading = maps.element("summary", "", title);
      heading.append(maps.element("span", "map-legend-unit", unit));
      box.hidden = false;
      box.replaceChildren(heading, list, ...notes.map((note) => maps.element("p", "", note)));
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
        const texts = [...ranges(classed.breaks, write.percent), maps.say(words.small_number, { n: maps.SMALL_NUMBER }), words.no_denominator];
        const order = [4, 3, 2, 1, 0, 5, 6];
        const rows = order.map((at) => row(classed.palette[at], texts[at], classed.sizes[at]));
        show(words.layer_rate, words.rate_unit, [...rows, ...footprintRows(demolitions)], [words.rate_how]);
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
