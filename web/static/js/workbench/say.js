// The lines that say what is going on: help for what is under way, what is measured, that it was
// saved, what others did, and why something was refused.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  const MOST_AREAS = 4;
  const MOST_ENTRIES = 3;

  bench.Say = class {
    constructor({ box, words, write, language }) {
      Object.assign(this, { words, write });
      this.clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
      this.separator = language.startsWith("zh") ? "；" : "; ";
      this.lines = {};
      for (const [name, role] of [["help", "status"], ["measures", null], ["saved", "status"]]) {
        this.lines[name] = maps.element("p", `workbench-${name}`);
        if (role) this.lines[name].setAttribute("role", role);
        box.append(this.lines[name]);
      }
      this.told = maps.element("div", "workbench-told alert alert-warning");
      this.told.setAttribute("role", "alert");
      this.told.hidden = true;
      this.standing = "";
      this.passing = "";
    }

    // What is under way says how it goes on; without it the tool in use says what it is for.
    help(text = "") {
      this.passing = text;
      const line = text || this.standing;
      if (this.lines.help.textContent !== line) this.lines.help.textContent = line;
      this.lines.help.title = line;
    }

    stand(text) {
      this.standing = text;
      this.help(this.passing);
    }

    measures(areas, lengthM) {
      const said = areas.slice(0, MOST_AREAS).map(({ area, m2 }) => {
        const change = Math.round(m2 - area.m2);
        const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
        return maps.say(this.words.measured, { name: area.name || area.code, m2: this.write.m2(m2), change: `${sign}${this.write.number(Math.abs(change))}` });
      });
      if (areas.length > MOST_AREAS) said.push(maps.say(this.words.measured_more, { n: this.write.number(areas.length - MOST_AREAS) }));
      if (lengthM) said.push(maps.say(this.words.measured_length, { m: this.write.number(Math.round(lengthM * 10) / 10) }));
      this.lines.measures.textContent = said.join(this.separator);
    }

    saving() {
      this.hush();
      this.lines.saved.textContent = this.words.saving;
      this.lines.saved.classList.remove("workbench-bad");
    }

    saved(m2) {
      const at = this.clock.format(new Date());
      const moved = m2.slice(0, MOST_AREAS).map((one) => `${one.name || one.code} ${this.write.m2(one.m2)}`);
      this.lines.saved.textContent = [maps.say(this.words.saved_at, { at }), ...moved].join(this.separator);
    }

    // It turned out that what got no answer was kept.
    kept() {
      this.hush();
      this.saved([]);
      this.lines.saved.classList.remove("workbench-bad");
    }

    unreachable() {
      this.lines.saved.textContent = this.words.unreachable;
      this.lines.saved.classList.add("workbench-bad");
    }

    reachable() {
      if (!this.lines.saved.classList.contains("workbench-bad")) return;
      this.lines.saved.classList.remove("workbench-bad");
      this.lines.saved.textContent = "";
    }

    // Where others were first, that comes before all else.
    refused(why, entries = [], first = "") {
      this.lines.saved.textContent = "";
      this.show([...(first ? [first] : []), ...this.said(entries), why], "alert-warning");
    }

    // Why it was refused stands at a field.
    refusedThere(entries) {
      this.lines.saved.textContent = "";
      if (entries.length) this.others(entries);
    }

    others(entries) {
      this.show(this.said(entries), "alert-info");
    }

    said(entries) {
      const lines = entries.slice(0, MOST_ENTRIES).map(({ by, said }) => maps.say(this.words.other_did, { by, said }));
      if (entries.length > MOST_ENTRIES) lines.push(maps.say(this.words.others_more, { n: this.write.number(entries.length - MOST_ENTRIES) }));
      return lines;
    }

    show(lines, kind) {
      this.told.className = `workbench-told alert ${kind}`;
      const close = maps.element("button", "btn-close");
      close.type = "button";
      close.setAttribute("aria-label", this.words.close);
      close.addEventListener("click", () => this.hush());
      const text = maps.element("div");
      for (const line of lines) text.append(maps.element("div", "", line));
      this.told.replaceChildren(text, close);
      this.told.hidden = false;
    }

    hush() {
      this.told.hidden = true;
      this.told.replaceChildren();
    }
  };
})();
