/** The actions: what each does, its parameters, its answer, and its example in the chosen language. */

import { language, say } from "/shell/shell.js";
import { fields } from "/docs/static/fields.js";
import { copy, make } from "/docs/static/parts.js";

let chosen = "python";
/** @type {Set<() => void>} */
const redraw = new Set();

/**
 * @param {Record<string, any>} api the OpenAPI document
 * @param {import("/shell/shell.js").Texts} texts
 * @returns {Node[]}
 */
export function actions(api, texts) {
  redraw.clear();
  return operations(api).map((operation) => article(operation, api.components.schemas, texts));
}

/** @param {Record<string, any>} api @returns {Record<string, any>[]} */
export function operations(api) {
  return Object.values(api.paths).map((path) => path.post);
}

/** @param {Record<string, any>} operation @param {Record<string, any>} all @param {import("/shell/shell.js").Texts} texts */
function article(operation, all, texts) {
  const name = operation.operationId;
  const request = all[operation.requestBody.content["application/json"].schema.$ref.split("/").pop()];
  const answer = all[`${name}Answer`].properties.Response.oneOf[0];
  const asked = fields(request, all, texts, true);
  const none = make("p", { class: "soft" }, say(texts, "no-parameters"));
  const words = language() === "zh" ? operation["x-summary-zh"] : operation.summary;
  return make(
    "article",
    { id: name, class: "action", "aria-labelledby": `${name}-title` },
    make("header", {}, make("h2", { id: `${name}-title` }, make("code", {}, name)), make("p", { class: "lead" }, words), facts(operation, texts)),
    make(
      "div",
      { class: "sides" },
      make(
        "div",
        { class: "tables" },
        make("h3", {}, say(texts, "parameters")),
        asked.length ? make("dl", { class: "fields" }, ...asked) : none,
        make("h3", {}, say(texts, "answer")),
        make("dl", { class: "fields" }, ...fields(answer, all, texts, false)),
      ),
      example(operation, texts),
    ),
  );
}

/** @param {Record<string, any>} operation @param {import("/shell/shell.js").Texts} texts */
function facts(operation, texts) {
  const pairs = [
    ["X-TC-Action", operation.operationId],
    ["X-TC-Version", operation["x-version"]],
    [say(texts, "permission"), operation["x-permission"]],
  ];
  const parts = pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, make("code", {}, value))]);
  return make("dl", { class: "facts-row small" }, ...parts);
}

/** @param {Record<string, any>} operation @param {import("/shell/shell.js").Texts} texts */
function example(operation, texts) {
  const action = operation.operationId;
  /** @type {{lang: string, label: string, source: string}[]} */
  const codes = operation["x-codeSamples"];
  const list = make("div", { class: "tabs", role: "tablist", "aria-label": say(texts, "examples", { action }) });
  const code = make("code");
  const panel = make("pre", { class: "code", role: "tabpanel", tabindex: "0", id: `${action}-code` }, code);
  const button = make("button", { class: "button", type: "button", "aria-describedby": `${action}-title` }, say(texts, "copy"));
  const tabs = codes.map(({ lang, label }) => {
    const id = `${action}-${lang}`;
    return make("button", { type: "button", role: "tab", id, "data-lang": lang, "aria-controls": panel.id }, label);
  });
  const draw = () => {
    const shown = codes.find((each) => each.lang === chosen) ?? codes[0];
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab.dataset.lang === shown.lang));
      tab.tabIndex = tab.dataset.lang === shown.lang ? 0 : -1;
    }
    code.textContent = shown.source;
    panel.setAttribute("aria-labelledby", `${action}-${shown.lang}`);
  };
  list.append(...tabs);
  list.addEventListener("click", (event) => choose(event.target.closest("[role=tab]")));
  list.addEventListener("keydown", (event) => step(event, tabs));
  button.addEventListener("click", () => copy(button, code.textContent ?? "", texts));
  redraw.add(draw);
  draw();
  return make("div", { class: "example" }, make("h3", {}, say(texts, "example")), list, panel, button);
}

/**
 * Shows all examples in the tab's language, and keeps the tab where it is on the screen: the others change height.
 * @param {HTMLElement | null} tab
 */
function choose(tab) {
  if (!tab) return;
  const before = tab.getBoundingClientRect().top;
  chosen = tab.dataset.lang ?? chosen;
  for (const draw of redraw) draw();
  tab.focus({ preventScroll: true });
  scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: "instant" });
}

/** @param {KeyboardEvent} event @param {HTMLElement[]} tabs */
function step(event, tabs) {
  const at = tabs.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
  if (at < 0 || !(event.key in moves)) return;
  event.preventDefault();
  choose(tabs.at(moves[event.key] % tabs.length) ?? null);
}
