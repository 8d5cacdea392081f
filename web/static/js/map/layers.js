// Which outlines and names are drawn at a zoom: the finer an area looks, the later it appears.
(function () {
  "use strict";
  const maps = (window.gridmgmtMaps = window.gridmgmtMaps || {});

  // Pixels an area of usual size must have on the screen before its level is drawn or named.
  const OUTLINE_PX = 22;
  const NAME_PX = [46, 84, 96];
  const LINES = [
    { colour: "#26323d", width: 2.2, halo: true },
    { colour: "#4d5b68", width: 1.3, halo: false },
    { colour: "rgb(60 74 88 / 45%)", width: 0.8, halo: false },
  ];
  const NAMES = [
    { size: 14, weight: 700, colour: "#1b2530" },
    { size: 12, weight: 600, colour: "#2f3c48" },
    { size: 11, weight: 400, colour: "#2f3c48" },
  ];
  // From this zoom on the finer outlines of a level are worth their loading.
  const NEAR_ZOOM = 16;

  maps.outlineZoom = (map) => (map.getZoom() >= NEAR_ZOOM ? "near" : "far");

  // The first level with several areas leads: it is always drawn, and everything is guessed
  // from it until it is loaded.
  maps.leadLevel = (levels) => levels.find((level) => level.areas > 1) || levels[0];

  function guessedSize(lead, leadShapes, level) {
    return leadShapes.usualSize * Math.sqrt(lead.areas / Math.max(1, level.areas));
  }

  // Loads and returns what is to be drawn just now; `top` is the city's outline.
  maps.outlinesFor = async function (map, edition, load) {
    const lead = maps.leadLevel(edition.levels);
    if (!lead) return { outlines: [], names: [], lead: null };
    const leadShapes = await load(edition.number, lead.name, "far");
    if (!map._loaded) return { outlines: [], names: [], lead: leadShapes };
    const scale = maps.pathScale(map);
    const depths = edition.levels.slice(edition.levels.indexOf(lead));
    const shown = depths.filter(
      (level, depth) => depth === 0 || guessedSize(lead, leadShapes, level) * scale >= OUTLINE_PX,
    );
    const loaded = await Promise.all(
      shown.map((level) => load(edition.number, level.name, maps.outlineZoom(map))),
    );
    const style = (list, depth) => list[Math.min(depth, list.length - 1)];
    const outlines = loaded.map((shapes, depth) => ({ shapes, ...style(LINES, depth) })).reverse();
    const names = loaded
      .map((shapes, depth) => ({ shapes, least: style(NAME_PX, depth), ...style(NAMES, depth) }))
      .filter((one) => one.shapes.usualSize * scale >= one.least);
    return { outlines, names, lead: leadShapes };
  };
})();
