/**
 * Making elements, tables and numbers. Everything that comes from the server is put in as text, never as markup.
 */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string} Child */

/**
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/**
 * The same of SVG.
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/**
 * @template {Element} E
 * @param {E} made
 * @param {Record<string, string | number>} attributes
 * @param {Child[]} children
 * @returns {E}
 */
function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: any) => Child} cell
 * @property {string} [kind] classes of its cells: `number`, `still` (never broken), `wide` (whole width on a phone)
 */

/**
 * A table whose rows become cards on a phone; roles are written out since such a display takes them away.
 * @param {string} label
 * @param {Column[]} columns
 * @param {any[]} rows
 * @param {string} none said where there are no rows
 */
export function table(label, columns, rows, none) {
  if (rows.length === 0) return el("p", { class: "none" }, none);
  const head = columns.map((each) => el("th", { scope: "col", role: "columnheader", class: each.kind ?? "" }, each.title));
  const body = rows.map((row) => el("tr", { role: "row" }, ...columns.map((each, at) => cellOf(each, at, row))));
  return el(
    "table",
    { class: "table folds", role: "table", "aria-label": label },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...head)),
    el("tbody", { role: "rowgroup" }, ...body),
  );
}

/**
 * @param {Column} column
 * @param {number} at
 * @param {any} row
 */
function cellOf(column, at, row) {
  const content = column.cell(row);
  const classes = [column.kind ?? "", at === 0 ? "first" : "", content === "" ? "empty" : ""].join(" ").trim();
  return el("td", { role: "cell", class: classes, "data-column": column.title }, content);
}

/**
 * A word with a lamp of the colour that goes with it.
 * @param {Child} text
 * @param {"good" | "warn" | "bad" | ""} mood
 */
export function mark(text, mood) {
  return el("span", { class: "mark" }, el("span", { class: `lamp ${mood}`, "aria-hidden": "true" }), text);
}

/** @param {Element} place @param {...Child} children */
export function put(place, ...children) {
  place.replaceChildren(...children);
}
