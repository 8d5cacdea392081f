// What is done to the draft: sent at once, kept by the server or refused by it. Others may work
// in the same draft; what they did is fetched every few seconds.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  const EVERY_MS = 4000;
  // A server that takes longer will not answer.
  const MOST_MS = 30000;

  const keyOf = (url, body) => JSON.stringify([url, body]);

  // The names that what is sent would have in the log.
  function namesOf(url, { operations }, { urls }) {
    return new Set(operations ? operations.map(({ op }) => op) : [url === urls.undo ? "undo" : "redo"]);
  }

  bench.Saving = class {
    // `changed(answer, how)` draws what an answer changed; `say` are the lines beside the tools.
    constructor({ config, levels, words, say, changed, isBusy, levelNow }) {
      Object.assign(this, { config, levels, words, say, changed, isBusy, levelNow });
      // One thing after the other: what is sent next has seen what came before.
      this.waiting = Promise.resolve();
      this.own = new Set();
      // What was sent without an answer: the server may have kept it.
      this.lost = null;
      if (config.may_edit) this.loadSteps();
      window.setInterval(() => this.poll(), EVERY_MS);
    }

    // One operation, or several of which all or none are kept. `refused(error)` may say itself why
    // they were refused, and reports whether it has.
    edit(operations, { refused = null } = {}) {
      return this.send(this.config.urls.edits, { operations: [operations].flat(), reason: null }, refused);
    }

    undo() {
      return this.send(this.config.urls.undo, {});
    }

    redo() {
      return this.send(this.config.urls.redo, {});
    }

    // Resolves with the answer, or with null where it was refused and said why.
    send(url, body, refused = null) {
      const sent = this.waiting.then(() => this.sendNow(url, body, refused));
      this.waiting = sent.catch(() => {});
      return sent;
    }

    async sendNow(url, body, refused) {
      this.say.saving();
      let answer;
      try {
        // Somebody who got no answer does the same again: it must not be done twice.
        const kept = this.lost && this.lost.key === keyOf(url, body) ? await this.findLost() : null;
        answer = kept || (await this.post(url, { ...body, seen: this.levels.head }));
      } catch (error) {
        if (error.status === undefined) this.lost = { key: keyOf(url, body), names: namesOf(url, body, this.config) };
        await this.refused(error, refused);
        return null;
      }
      this.lost = null;
      this.levels.apply(answer);
      this.own.add(answer.head);
      this.changed(answer, "own");
      const here = answer.areas[this.levelNow()];
      this.say.saved(here ? here.areas : []);
      this.tell();
      return answer;
    }

    async post(url, body) {
      const answer = await fetch(url, {
        method: "POST",
        signal: AbortSignal.timeout(MOST_MS),
        credentials: "same-origin",
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": this.config.csrf_token },
        body: JSON.stringify(body),
      });
      const isJson = (answer.headers.get("Content-Type") || "").includes("json");
      const told = isJson && !answer.redirected ? await answer.json() : {};
      if (answer.ok && !answer.redirected && isJson) return told;
      const error = new Error(told.message || "");
      error.status = answer.redirected ? 401 : answer.status;
      error.conflict = told.conflict || null;
      error.operation = told.operation || null;
      throw error;
    }

    // Nothing was kept: everything is drawn as it was, and it is said why.
    async refused(error, saysItself) {
      // Often because others were there first.
      const others = error.status && error.status !== 401 ? await this.catchUp().catch(() => []) : [];
      this.changed({ areas: {} }, "refused");
      if (error.status === 401) this.say.refused(this.words.logged_out);
      else if (error.status && saysItself && saysItself(error)) this.say.refusedThere(others);
      else if (error.status === undefined) this.say.refused(this.words.bench_unreachable);
      else this.say.refused(error.message || this.words.bench_failed, others, others.length ? this.words.bench_overtaken : "");
    }

    // Resolves with what was done since, where the server kept what it gave no answer to.
    async findLost() {
      const answer = await maps.fetchJson(`${this.config.urls.since}?head=${this.levels.head}`);
      return this.isKept(answer) ? answer : null;
    }

    isKept({ entries }) {
      const { lost } = this;
      const kept = lost ? entries.filter(({ mine, operation, number }) => mine && number > this.levels.head && lost.names.has(operation)) : [];
      for (const { number } of kept) this.own.add(number);
      return kept.length > 0;
    }

    async poll() {
      if (document.visibilityState !== "visible" || this.polling || this.isBusy()) return;
      this.polling = true;
      try {
        const others = await this.catchUp();
        if (others.length) this.say.others(others);
        this.say.reachable();
        if (this.lost && !this.lost.isTold) {
          this.lost.isTold = true;
          this.say.refused(this.words.bench_not_kept, others);
        }
      } catch (error) {
        if (error.status === 401) this.say.refused(this.words.logged_out);
        // Somebody may have deleted the draft.
        else if (error.status < 500) this.say.refused(error.message);
        else this.say.unreachable();
      } finally {
        this.polling = false;
      }
    }

    // Fetches what others did since, draws it, and returns their entries.
    async catchUp() {
      const answer = await maps.fetchJson(`${this.config.urls.since}?head=${this.levels.head}`);
      if (answer.head <= this.levels.head) return [];
      const isKept = this.isKept(answer);
      const others = answer.entries.filter(({ number }) => !this.own.has(number) && number > this.levels.head);
      this.levels.apply(answer);
      this.changed(answer, "others");
      if (isKept) {
        this.lost = null;
        this.say.kept();
      }
      this.tell();
      return others;
    }

    // Other parts of the page follow the draft, and so do the buttons for its steps.
    tell() {
      document.dispatchEvent(new CustomEvent("workbench:changed", { detail: { head: this.levels.head } }));
      if (this.config.may_edit) this.loadSteps();
    }

    async loadSteps() {
      // Without a log every step is tried, and the server says that there is none.
      if (!this.config.urls.log) {
        this.say.steps({ undo: true, redo: true, undoes: "", redoes: "" });
        return;
      }
      try {
        const log = await maps.fetchJson(this.config.urls.log);
        this.say.steps({ undo: log.undo !== null, redo: log.redo !== null, undoes: log.undo || "", redoes: log.redo || "" });
      } catch {
        this.say.steps({ undo: true, redo: true, undoes: "", redoes: "" });
      }
    }
  };
})();
