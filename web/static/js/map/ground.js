// What lies under a small map: the areas of an edition as the map of the city draws them, and
// the roads and components that are in view.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // From these zooms on roads, their names, and components are more than a tangle.
  const ROAD_ZOOM = 14;
  const NAME_ZOOM = 16;
  const COMPONENT_ZOOM = 17;
  const COMPONENT_NAME_ZOOM = 19;
  // How many places of a stretch between two corners may bear the name.
  const STEPS = 8;
  const LETTER_PX = 13;
  const LINE_PX = 20;

  function isNamed(kind, zoom) {
    return zoom >= (kind === "road_segment" ? NAME_ZOOM : COMPONENT_NAME_ZOOM);
  }

  // Of all places of a road in the view, the one nearest to the middle.
  function middleOf(map, layer) {
    const view = map.getBounds().pad(-0.12);
    const middle = map.getCenter();
    const places = [];
    for (const line of layer.getLatLngs().flatMap((one) => (Array.isArray(one) ? [one] : [layer.getLatLngs()]))) {
      for (let at = 1; at < line.length; at += 1) {
        for (let step = 0; step <= STEPS; step += 1) {
          const share = step / STEPS;
          const [from, to] = [line[at - 1], line[at]];
          places.push(L.latLng(from.lat + (to.lat - from.lat) * share, from.lng + (to.lng - from.lng) * share));
        }
      }
    }
    const seen = places.filter((place) => view.contains(place));
    return seen.sort((one, other) => one.distanceTo(middle) - other.distanceTo(middle))[0];
  }

  // Names as far as they do not run into each other.
  function nameAll(map, group, layers) {
    const taken = [];
    for (const layer of layers) {
      const { label, class: kind } = layer.feature.properties;
      const place = kind === "road_segment" ? middleOf(map, layer) : layer.getLatLng();
      if (!label || !place) continue;
      const { x, y } = map.latLngToContainerPoint(place);
      const half = (label.length * LETTER_PX) / 2;
      const top = kind === "road_segment" ? y : y - LINE_PX;
      const room = [x - half, top - LINE_PX / 2, x + half, top + LINE_PX / 2];
      if (taken.some((one) => one[0] < room[2] && one[2] > room[0] && one[1] < room[3] && one[3] > room[1])) continue;
      taken.push(room);
      const direction = kind === "road_segment" ? "center" : "top";
      const name = L.tooltip({ permanent: true, direction, className: "map-ground-name", offset: [0, direction === "top" ? -4 : 0] });
      group.addLayer(name.setLatLng(place).setContent(maps.label(label)));
    }
  }

  function drawPlaces(map, found) {
    const zoom = map.getZoom();
    const styleOf = (feature) => ({ ...maps.GROUND_STYLES[feature.properties.class], interactive: false });
    const drawn = L.geoJSON(found, {
      interactive: false,
      filter: (feature) => feature.properties.class === "road_segment" || zoom >= COMPONENT_ZOOM,
      style: styleOf,
      pointToLayer: (feature, at) => L.circleMarker(at, styleOf(feature)),
    });
    const group = L.layerGroup([drawn]);
    nameAll(map, group, drawn.getLayers().filter((layer) => isNamed(layer.feature.properties.class, zoom)));
    return group;
  }

  // Resolves with the extent of the areas; a view is set by the caller.
  maps.ground = async function (map, { edition, shapes, places }) {
    const load = maps.shapeStore({ shapes }, [edition], map.options.crs);
    const canvas = new maps.MapCanvas();
    map.createPane("ground").style.zIndex = 250;
    L.setOptions(canvas, { pane: "ground" });
    canvas.addTo(map);
    let drawn = null;
    let turn = 0;

    async function drawAreas() {
      const { outlines, names } = await maps.outlinesFor(map, edition, load);
      canvas.show({ outlines, names });
    }

    async function drawRoads() {
      const now = (turn += 1);
      const zoom = map.getZoom();
      let found = null;
      if (zoom >= ROAD_ZOOM) {
        const view = map.getBounds().pad(0.1);
        const box = { west: view.getWest(), south: view.getSouth(), east: view.getEast(), north: view.getNorth() };
        found = await maps.fetchJson(`${places}?${new URLSearchParams(box)}`);
      }
      if (now !== turn) return;
      if (drawn) drawn.remove();
      drawn = found ? drawPlaces(map, found).addTo(map) : null;
    }

    async function draw() {
      const state = map.getContainer().dataset;
      state.ground = "loading";
      // What lies under the pin helps, but the pin works without it.
      const done = await Promise.allSettled([drawAreas(), drawRoads()]);
      state.ground = done.some((one) => one.status === "rejected") ? "error" : "ready";
    }

    map.on("moveend", draw);
    const lead = maps.leadLevel(edition.levels);
    const extent = await load(edition.number, lead.name, "far");
    return extent.codes.length ? extent.latLngBounds() : L.latLngBounds([]);
  };
})();
