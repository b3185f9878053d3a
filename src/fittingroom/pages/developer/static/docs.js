/** The developers' page: reads the OpenAPI document once and draws it in the reader's language. */

import { fill, installSwitches, language, onLanguage, say } from "/shell/shell.js";
import { actions, operations } from "/docs/static/actions.js";
import { drawErrors } from "/docs/static/errors.js";
import { one } from "/docs/static/fields.js";
import { copy, make } from "/docs/static/parts.js";
import TEXTS from "/docs/static/texts.js";

/** @param {string} id @returns {any} */
const place = (id) => document.getElementById(id);
const texts = () => TEXTS[language()];
const wide = matchMedia("(min-width: 64rem)");

/** @param {Record<string, any>} api */
function draw(api) {
  place("endpoint").textContent = api.servers[0].url.replace(/^https?:\/\//, "");
  place("links").replaceChildren(...links(api));
  place("actions").replaceChildren(...actions(api, texts()));
  const headers = Object.values(api.components.parameters);
  const fixed = operations(api)[0].parameters.filter((header) => header.name);
  place("headers").replaceChildren(
    ...fixed.flatMap((header) => one(header.name, { ...header, schema: { type: "string" } }, texts(), true)),
    ...headers.flatMap((header) => one(header.name, header, texts(), header.required)),
  );
  drawErrors(api["x-errors"], place("search").value, texts());
}

/** @param {Record<string, any>} api @returns {Node[]} */
function links(api) {
  const groups = api.tags.map((tag) => [
    tag.name,
    operations(api).filter((each) => each.tags[0] === tag.name).map((each) => [each.operationId, each.operationId]),
  ]);
  groups.push(["more", [["requests", say(texts(), "requests")], ["errors", say(texts(), "errors")]]]);
  return groups.map(([title, entries]) =>
    make(
      "li",
      {},
      make("p", { class: "small soft" }, say(texts(), title)),
      make("ul", { role: "list" }, ...entries.map(([id, name]) => make("li", {}, make("a", { href: `#${id}` }, name)))),
    ),
  );
}

/** The list of contents stands open where there is room beside the text, and closes after a choice where there is none. */
function layContents() {
  const box = place("contents");
  const lay = () => (box.open = wide.matches);
  lay();
  wide.addEventListener("change", lay);
  box.addEventListener("click", (event) => {
    if (!wide.matches && event.target.closest("a")) box.open = false;
    if (wide.matches && event.target.closest("summary")) event.preventDefault();
  });
}

/** Marks the link of what is being read. @param {IntersectionObserverEntry[]} seen */
function mark(seen) {
  for (const { target, isIntersecting } of seen) {
    const link = document.querySelector(`#links a[href="#${target.id}"]`);
    if (isIntersecting) link?.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  }
}

async function start() {
  installSwitches(document.querySelector(".switches"));
  layContents();
  const answer = await fetch("/docs/openapi.json");
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const api = await answer.json();
  const watcher = new IntersectionObserver(mark, { rootMargin: "-30% 0px -69% 0px" });
  onLanguage(() => {
    fill(document, texts());
    draw(api);
    watcher.disconnect();
    for (const part of document.querySelectorAll(".action, .topic")) watcher.observe(part);
  });
  place("search").addEventListener("input", () => drawErrors(api["x-errors"], place("search").value, texts()));
  place("copy-endpoint").addEventListener("click", (event) => copy(event.target, place("endpoint").textContent, texts()));
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

start().catch((error) => {
  fill(document, texts());
  place("broken").hidden = false;
  place("broken").firstElementChild.textContent = say(texts(), "broken", { reason: error.message });
});
