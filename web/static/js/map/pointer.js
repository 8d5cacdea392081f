// What lies under the pointer, said in text; a click opens the area's panel.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  const REACH_PX = 9;
  const MOST_TOLD = 4;

  maps.pointer = function (city) {
    const { map, words, write } = city;
    const tip = L.tooltip({ direction: "top", offset: [0, -8], className: "map-tip" });
    let found = null;

    function footprintAt(at) {
      const { footprints, circles } = city.canvas.picture;
      if (circles) return circles.near(map, at);
      if (!footprints || !footprints.codes.length) return -1;
      const beside = map.layerPointToLatLng(map.latLngToLayerPoint(at).add([REACH_PX, 0]));
      return footprints.near(at, Math.abs(beside.lng - at.lng));
    }

    function densityAt(at) {
      const { density } = city.canvas.picture;
      return density ? density.surface.at(at.lng, at.lat) : null;
    }

    function dotsAt(at) {
      const { dots } = city.canvas.picture;
      return dots ? dots.near(map, at) : [];
    }

    // The finest area drawn just now that covers the position.
    function areaAt(at) {
      const { fill, outlines } = city.canvas.picture;
      const levels = [fill && fill.shapes, ...outlines.map((one) => one.shapes)].filter(Boolean);
      for (const shapes of levels) {
        const place = shapes.find(at.lng, at.lat);
        if (place >= 0) return { shapes, at: place };
      }
      return null;
    }

    function areaLines(area) {
      const { shapes, at } = area;
      const code = shapes.codes[at];
      const lines = [shapes.name(at) === code ? code : `${shapes.name(at)} (${code})`];
      const { figures } = city.drawn;
      if (figures && figures.level === shapes.level) {
        const columns = figures.columns;
        const due = maps.due(columns, at);
        lines.push(maps.say(words.cases_number, { n: write.number(columns.cases[at]) }));
        lines.push(maps.say(words.density_here, { value: write.rounded(columns.cases_per_km2[at]) }));
        lines.push(
          maps.say(words.rate_of_n, {
            rate: write.rate(columns.on_time[at], due),
            part: write.number(columns.on_time[at]),
            n: write.number(due),
          }),
        );
        if (columns.shrunk_rate[at] !== null && city.state.layer !== "cases") {
          const said = columns.is_uncertain[at] ? words.coloured_uncertain : words.coloured_by;
          lines.push(maps.say(said, { rate: write.rate(columns.shrunk_rate[at], 1) }));
        }
        if (columns.overdue[at]) lines.push(maps.say(words.overdue_number, { n: write.number(columns.overdue[at]) }));
      }
      return lines;
    }

    function linesAt(at) {
      const building = footprintAt(at);
      const { footprints, circles, dots } = city.canvas.picture;
      if (building >= 0) return (circles ? circles.footprints : footprints).sentences(building, words, write);
      const cases = dotsAt(at);
      if (cases.length) return cases.slice(0, MOST_TOLD).map((one) => maps.dotLine(dots, one, words));
      const area = areaAt(at);
      const density = densityAt(at);
      const lines = area ? areaLines(area) : [];
      if (density !== null) lines.push(maps.say(words.density_here, { value: write.rounded(density) }));
      return lines;
    }

    let waiting = false;
    map.on("mousemove", (event) => {
      if (waiting || !city.drawn) return;
      waiting = true;
      window.requestAnimationFrame(() => {
        waiting = false;
        const lines = linesAt(event.latlng);
        if (!lines.length) {
          tip.remove();
          return;
        }
        tip.setLatLng(event.latlng).setContent(maps.label(...lines));
        if (!map.hasLayer(tip)) tip.addTo(map);
      });
    });
    map.on("mouseout movestart", () => tip.remove());

    map.on("click", async (event) => {
      if (!city.drawn) return;
      const building = footprintAt(event.latlng);
      if (building >= 0) {
        const content = maps.label(...linesAt(event.latlng));
        L.popup(city.popupRoom()).setLatLng(event.latlng).setContent(content).openOn(map);
        return;
      }
      const cases = dotsAt(event.latlng);
      if (cases.length) {
        const links = maps.dotLinks(city.canvas.picture.dots, cases, words, city.config.urls.case);
        tip.remove();
        L.popup(city.popupRoom()).setLatLng(event.latlng).setContent(links).openOn(map);
        return;
      }
      const shapes = await city.load(city.state.edition, city.state.level, maps.outlineZoom(map));
      const at = shapes.find(event.latlng.lng, event.latlng.lat);
      if (at >= 0) city.openArea(shapes.level, shapes.codes[at], map.getContainer(), false);
    });

    return {
      // What a search found: a pin with its name, and the way to its page where it has one.
      mark(result) {
        if (found) found.remove();
        if (result.lon === null || result.lon === undefined) return;
        const icon = L.divIcon({ className: "map-pin", iconSize: [22, 22], iconAnchor: [11, 11] });
        found = L.marker([result.lat, result.lon], { icon, title: result.label, alt: result.label }).addTo(map);
        const content = maps.label(result.label);
        if (result.kind === "case" && city.config.urls.case) {
          const link = maps.element("a", "", words.open_case);
          link.href = city.config.urls.case.replace("{case_no}", encodeURIComponent(result.code));
          content.append(link);
        }
        found.bindPopup(content, city.popupRoom()).openPopup();
      },
    };
  };
})();
