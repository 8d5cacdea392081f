// Single cases as dots, for who may see them, once the map is near enough to tell them apart.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const NEAR_ZOOM = 16;
  const RADIUS = 5;
  const REACH_PX = 9;
  const MARGIN = 0.2;
  // Boxes that are asked for have corners on this grid, so that a small move asks nothing new.
  const GRID = 0.005;
  const MOST_LINES = 8;

  // Late and in time as on the layer of rates.
  maps.DOTS = { overdue: "#b84a00", open: "#1f66b0", done: "#6b7783" };

  class Dots {
    constructor(answer) {
      Object.assign(this, answer);
    }

    countsWithin(bounds) {
      const counts = { overdue: 0, open: 0, done: 0 };
      for (let at = 0; at < this.numbers.length; at += 1) {
        if (bounds.contains([this.lat[at], this.lon[at]])) counts[this.states[at]] += 1;
      }
      return counts;
    }

    // The cases under a position of the map, the nearest first.
    near(map, latLng) {
      const here = map.latLngToLayerPoint(latLng);
      const found = [];
      for (let at = 0; at < this.numbers.length; at += 1) {
        const apart = map.latLngToLayerPoint([this.lat[at], this.lon[at]]).distanceTo(here);
        if (apart <= REACH_PX) found.push({ at, apart });
      }
      return found.sort((one, other) => one.apart - other.apart).map(({ at }) => at);
    }
  }

  maps.showsDots = (map, urls) => Boolean(urls.dots) && map._loaded && map.getZoom() >= NEAR_ZOOM;

  // Fetches the cases around the view, or null where the map shows none.
  maps.loadDots = async function (city) {
    const { map, config } = city;
    if (!maps.showsDots(map, config.urls)) return null;
    const bounds = map.getBounds().pad(MARGIN);
    const box = {
      west: Math.floor(bounds.getWest() / GRID) * GRID,
      south: Math.floor(bounds.getSouth() / GRID) * GRID,
      east: Math.ceil(bounds.getEast() / GRID) * GRID,
      north: Math.ceil(bounds.getNorth() / GRID) * GRID,
    };
    for (const side of Object.keys(box)) box[side] = Number(box[side].toFixed(3));
    const answer = await city.fetch(city.address(config.urls.dots, {}, { ...city.asked(), ...box }));
    answer.drawn = answer.drawn || new Dots(answer);
    return answer.drawn;
  };

  maps.drawDots = function (pen, map, dots, { topLeft, size }) {
    pen.lineWidth = 1.5;
    pen.strokeStyle = "#ffffff";
    // What is overdue lies on top.
    for (const state of ["done", "open", "overdue"]) {
      pen.fillStyle = maps.DOTS[state];
      for (let at = 0; at < dots.numbers.length; at += 1) {
        if (dots.states[at] !== state) continue;
        const place = map.latLngToLayerPoint([dots.lat[at], dots.lon[at]]).subtract(topLeft);
        if (place.x < -RADIUS || place.y < -RADIUS || place.x > size.x + RADIUS || place.y > size.y + RADIUS) continue;
        pen.beginPath();
        pen.arc(place.x, place.y, RADIUS, 0, 2 * Math.PI);
        pen.fill();
        pen.stroke();
      }
    }
  };

  // A category by its name: the page's own field has them all.
  function categoryName(code) {
    const option = [...document.querySelectorAll("#map-category option")].find((one) => one.value === code);
    return option ? option.textContent : code;
  }

  maps.dotLine = (dots, at, words) => `${dots.numbers[at]} · ${categoryName(dots.categories[at])} · ${words[`dots_${dots.states[at]}`]}`;

  // The cases under a click, each a link to its page.
  maps.dotLinks = function (dots, found, words, url) {
    const box = maps.element("div", "map-dots");
    for (const at of found.slice(0, MOST_LINES)) {
      const line = maps.element("div");
      const link = maps.element("a", "", dots.numbers[at]);
      link.href = url.replace("{case_no}", encodeURIComponent(dots.numbers[at]));
      line.append(link, ` ${categoryName(dots.categories[at])} · ${words[`dots_${dots.states[at]}`]}`);
      box.append(line);
    }
    const more = found.length - MOST_LINES;
    if (more > 0) box.append(maps.element("div", "", maps.say(words.dots_more, { n: more })));
    return box;
  };
})();
