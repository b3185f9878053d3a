/** Database, disk, process and versions. */
import { el, put, svg } from "./dom.js";
import { bytes, seconds, span, text, word } from "./words.js";

/** @param {any} told */
export function showHealth(told) {
  const { database, results, disk } = told;
  const kept = results.kept === null ? [] : [[text("kept"), text("keptOf", { kept: bytes(results.kept), most: bytes(results.most) })]];
  put(
    document.getElementById("facts"),
    card(text("process"), [[text("uptime"), span(told.uptime)], ...(told.memory ? [[text("memory"), bytes(told.memory)]] : [])]),
    card(
      text("database"),
      [
        [text("kind"), word("database", database.kind)],
        ...(database.bytes === null ? [] : [[text("size"), bytes(database.bytes)]]),
        [text("answered"), seconds(database.seconds)],
      ],
      database.trouble,
    ),
    card(
      text("results"),
      [
        [text("place"), word("place", results.place)],
        ...kept,
        [text("lifetime"), span(results.lifetime)],
        [text("free"), text("keptOf", { kept: bytes(disk.free), most: bytes(disk.total) })],
      ],
      results.trouble,
      meter((disk.total - disk.free) / disk.total),
    ),
    card(text("versions"), told.versions.map((each) => [each.name, each.version])),
  );
}

/**
 * @param {string} title
 * @param {string[][]} pairs
 * @param {string} [trouble]
 * @param {...Node} below
 */
function card(title, pairs, trouble = "", ...below) {
  const rows = pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)));
  if (trouble) rows.push(el("div", {}, el("dt", {}, text("trouble")), el("dd", { class: "bad" }, trouble)));
  return el("div", { class: "card" }, el("h3", {}, title), el("dl", { class: "pairs" }, ...rows), ...below);
}

/** How full the disk is. @param {number} part 0 to 1 */
function meter(part) {
  const look = part > 0.95 ? "four" : part > 0.85 ? "three" : "one";
  const ground = svg("rect", { class: "ground", width: 100, height: 4 });
  const filled = svg("rect", { class: look, width: 100 * part, height: 4 });
  return svg("svg", { class: "meter", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" }, ground, filled);
}
