/** The catalogue of errors, and the search in it. */

import { language, say } from "/shell/shell.js";
import { breakable, make, marked } from "/docs/static/parts.js";

/**
 * Draws the errors that hold all words of the search.
 * @param {Record<string, any>[]} all
 * @param {string} search
 * @param {import("/shell/shell.js").Texts} texts
 */
export function drawErrors(all, search, texts) {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((error) => words.every((word) => JSON.stringify(error).toLowerCase().includes(word)));
  const answered = found.filter((error) => !error.never);
  const never = found.filter((error) => error.never);
  place("answered").replaceChildren(...answered.map((error) => entry(error, texts)));
  place("never").replaceChildren(...never.map((error) => entry(error, texts)));
  place("never-box").hidden = never.length === 0;
  place("never-box").open = words.length > 0 && never.length > 0;
  const told = found.length || !words.length ? "found" : "nothing";
  place("found").textContent = say(texts, told, { count: found.length, all: all.length, words: search.trim() });
}

/** @param {string} id @returns {any} */
function place(id) {
  return document.getElementById(id);
}

/** @param {Record<string, any>} error @param {import("/shell/shell.js").Texts} texts */
function entry(error, texts) {
  const chinese = language() === "zh";
  const said = make("p", {}, ...marked(chinese ? error.zh : error.en));
  const parts = [make("h3", {}, breakable(error.code)), said];
  if (error.never) {
    if (!chinese) parts.push(make("p", { class: "soft small" }, ...marked(error.never)));
    return make("li", { class: "error" }, ...parts);
  }
  const told = [];
  if (!chinese) {
    told.push(make("dt", {}, say(texts, "when")), make("dd", {}, ...marked(error.when)));
    told.push(make("dt", {}, say(texts, "remedy")), make("dd", {}, ...marked(error.remedy)));
  }
  const messages = error.messages.map((message) => make("li", {}, ...marked(chinese ? message.zh : message.en)));
  if (messages.length) {
    told.push(make("dt", {}, say(texts, "messages")), make("dd", {}, make("ul", { role: "list" }, ...messages)));
  }
  parts.push(make("dl", { class: "told small" }, ...told));
  return make("li", { class: "error" }, ...parts);
}
