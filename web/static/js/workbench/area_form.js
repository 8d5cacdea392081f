// The form of one area: its name, its code, what is declared for its level, and taking it out.
// The server writes it; what was changed in it is sent at once, all of it or nothing.
(function () {
  "use strict";
  const maps = window.gridmgmtMaps;
  const bench = (window.gridmgmtWorkbench = window.gridmgmtWorkbench || {});

  // How a field stands in an operation: text, a number, or null for none.
  function valueOf({ value, type }) {
    const text = value.trim();
    if (text === "") return null;
    return type === "number" ? Number(text) : text;
  }

  bench.AreaForm = class {
    constructor(tools) {
      this.tools = tools;
      this.bench = tools.bench;
      this.words = tools.words;
    }

    // The box in which the form of an area appears as soon as the server has told it.
    of(code) {
      const { level } = this.bench;
      const box = maps.element("div", "workbench-area");
      box.setAttribute("aria-busy", "true");
      this.load(box, level, code);
      return box;
    }

    async load(box, level, code) {
      const [where, which] = [level, code].map(encodeURIComponent);
      const url = this.bench.config.urls.area.replace("{level}", where).replace("{code}", which);
      try {
        const { html } = await maps.fetchJson(url);
        box.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
        this.open(box.querySelector("form"), level, code);
      } catch (error) {
        box.replaceChildren(maps.element("p", "mb-0", error.status === 401 ? this.words.logged_out : error.message || this.words.panel_failed));
      } finally {
        box.removeAttribute("aria-busy");
      }
    }

    open(form, level, code) {
      const fields = [...form.querySelectorAll("[data-field]")];
      const was = new Map(fields.map((field) => [field, field.value]));
      const changed = () => fields.filter((field) => field.value !== was.get(field));
      const question = form.querySelector("[data-retire-question]");
      const ask = (isAsked) => {
        if (!question) return;
        question.hidden = !isAsked;
        form.querySelector("[data-retire]").setAttribute("aria-expanded", String(isAsked));
        (isAsked ? question.querySelector("[data-retire-not]") : form.querySelector("[data-retire]")).focus();
      };
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.save(form, level, code, changed());
      });
      form.addEventListener("click", ({ target }) => {
        if (target.closest("[data-retire]")) ask(question.hidden);
        else if (target.closest("[data-retire-not]")) ask(false);
        else if (target.closest("[data-retire-sure]")) this.retire(form, level, code);
      });
      if (form.isConnected) fields[0].focus();
    }

    // The operations that changed fields mean, with the field of each. The code comes last: what
    // goes before it names the area by the code it still has.
    operations(level, code, changed) {
      const found = [];
      const attributes = changed.filter(({ dataset }) => dataset.field === "attribute");
      for (const field of attributes) found.push([{ op: "set_attributes", level, codes: [code], values: { [field.dataset.attribute]: valueOf(field) } }, field]);
      for (const field of changed) {
        if (field.dataset.field === "name") found.push([{ op: "rename", level, code, name: field.value.trim() }, field]);
      }
      for (const field of changed) {
        if (field.dataset.field === "code") found.push([{ op: "recode", level, code, to: field.value.trim() }, field]);
      }
      return found;
    }

    async save(form, level, code, changed) {
      const wanted = this.operations(level, code, changed);
      this.clear(form);
      if (!wanted.length) {
        this.tools.use("move");
        return;
      }
      const fields = wanted.map(([, field]) => field);
      const done = await this.send(form, wanted.map(([operation]) => operation), (error) => fields[(error.operation || 1) - 1]);
      if (!done) return;
      const recoded = changed.find(({ dataset }) => dataset.field === "code");
      if (this.bench.level === level) this.bench.selection.set([recoded ? recoded.value.trim() : code]);
      this.tools.use("move");
    }

    async retire(form, level, code) {
      this.clear(form);
      if (await this.send(form, { op: "retire", level, code }, () => form.querySelector("[data-retire]"))) this.tools.use("move");
    }

    // Sends what the form means; a refusal is shown at the field that `fieldOf(error)` returns.
    async send(form, operations, fieldOf) {
      // Buttons that were disabled meanwhile would lose the focus.
      if (this.isSending) return null;
      this.isSending = true;
      form.setAttribute("aria-busy", "true");
      const refused = (error) => {
        // What others did stands over the map; an area may be gone together with its form.
        if (error.conflict || !form.isConnected) return false;
        this.fault(fieldOf(error), error.message || this.words.bench_failed);
        return true;
      };
      try {
        return await this.bench.saving.edit(operations, { refused });
      } finally {
        this.isSending = false;
        form.removeAttribute("aria-busy");
      }
    }

    fault(field, why) {
      const line = document.getElementById(`${field.id}-fault`);
      line.textContent = why;
      field.classList.add("is-invalid");
      field.setAttribute("aria-describedby", line.id);
      if (field.matches("input, select")) field.setAttribute("aria-invalid", "true");
      field.focus();
    }

    clear(form) {
      for (const field of form.querySelectorAll(".is-invalid")) {
        field.classList.remove("is-invalid");
        field.removeAttribute("aria-invalid");
        document.getElementById(`${field.id}-fault`).textContent = "";
      }
    }
  };
})();
