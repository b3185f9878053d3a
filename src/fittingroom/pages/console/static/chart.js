/**
 * Bars by day, one piece of a bar for each series, with a legend and the same numbers as a table.
 */
import { el, put, svg } from "./dom.js";
import { count, day, text } from "./words.js";

const HEIGHT = 176;
const EDGE = { top: 10, bottom: 22, left: 34 };

/** @typedef {{name: string, look: string, values: number[]}} Series a value for each day; look: a class of a fill */

/**
 * @param {Element} place a figure
 * @param {{title: string, note: string, none: string, first: number, series: Series[]}} chart first: day since 1970
 */
export function draw(place, chart) {
  const open = place.querySelector("details")?.open ?? false;
  const caption = el("figcaption", {}, el("h3", {}, chart.title), el("span", { class: "soft small" }, chart.note));
  if (chart.series.length === 0) {
    put(place, caption, el("p", { class: "none" }, chart.none));
    return;
  }
  const details = behind(chart);
  details.open = open;
  put(place, caption, bars(place.clientWidth - 32, chart), legend(chart.series), details);
}

/** @param {number} width @param {{title: string, first: number, series: Series[]}} chart */
function bars(width, chart) {
  const days = chart.series[0].values.length;
  const sums = Array.from({ length: days }, (_, at) => total(chart.series, at));
  const top = nice(Math.max(1, ...sums));
  const [room, wide] = [HEIGHT - EDGE.top - EDGE.bottom, Math.max(120, width) - EDGE.left];
  const step = wide / days;
  const up = (value) => EDGE.top + room * (1 - value / top);
  const parts = [top / 2, top].filter(Number.isInteger).flatMap((value) => [
    svg("line", { class: "rule", x1: EDGE.left, x2: EDGE.left + wide, y1: up(value), y2: up(value) }),
    svg("text", { x: EDGE.left - 8, y: up(value) + 4, "text-anchor": "end" }, count(value)),
  ]);
  for (let at = 0; at < days; at++) parts.push(column(chart, at, EDGE.left + at * step, step, up));
  const base = svg("line", { class: "base", x1: EDGE.left, x2: EDGE.left + wide, y1: up(0), y2: up(0) });
  const every = Math.ceil(84 / step);
  for (let at = days - 1; at >= 0; at -= every) {
    const [x, anchor] = at === days - 1 ? [EDGE.left + wide, "end"] : [EDGE.left + (at + 0.5) * step, "middle"];
    if (x - EDGE.left > 18) parts.push(svg("text", { x, y: HEIGHT - 4, "text-anchor": anchor }, day(chart.first + at)));
  }
  const said = text("chartSaid", { title: chart.title, total: count(sums.reduce((sum, each) => sum + each, 0)), days });
  const box = `0 0 ${EDGE.left + wide} ${HEIGHT}`;
  return svg("svg", { viewBox: box, role: "img", "aria-label": said }, ...parts, base);
}

/** One day. @param {any} chart @param {number} at @param {number} x @param {number} step @param {(value: number) => number} up */
function column(chart, at, x, step, up) {
  const shown = chart.series.filter((each) => each.values[at] > 0);
  const lines = shown.map((each) => `${each.name}: ${count(each.values[at])}`);
  const group = svg("g", {}, svg("title", {}, [day(chart.first + at), ...(lines.length ? lines : ["0"])].join("\n")));
  group.append(svg("rect", { class: "hit", x, y: EDGE.top, width: step, height: up(0) - EDGE.top }));
  const [gap, wide] = [Math.min(3, step * 0.2), Math.max(1, step - Math.min(3, step * 0.2))];
  let below = 0;
  for (const each of shown) {
    const [y, foot] = [up(below + each.values[at]), up(below)];
    group.append(svg("rect", { class: each.look, x: x + gap / 2, y, width: wide, height: Math.max(1, foot - y) }));
    below += each.values[at];
  }
  return group;
}

/** @param {Series[]} series */
function legend(series) {
  const sum = (values) => values.reduce((all, each) => all + each, 0);
  const swatch = (look) => svg("svg", { class: "swatch", viewBox: "0 0 1 1", "aria-hidden": "true" }, svg("rect", { class: look, width: 1, height: 1 }));
  const items = series.map((each) => el("li", {}, swatch(each.look), `${each.name} `, el("span", { class: "soft" }, count(sum(each.values)))));
  return el("ul", { class: "legend", role: "list" }, ...items);
}

/** The same numbers, newest day first. @param {any} chart */
function behind(chart) {
  const days = chart.series[0].values.length;
  const head = [text("dayTitle"), ...chart.series.map((each) => each.name)];
  const rows = [];
  for (let at = days - 1; at >= 0; at--) {
    if (total(chart.series, at) === 0) continue;
    const cells = chart.series.map((each) => el("td", { class: "number" }, count(each.values[at])));
    rows.push(el("tr", {}, el("th", { scope: "row", class: "still" }, day(chart.first + at)), ...cells));
  }
  const titles = head.map((each, at) => el("th", { scope: "col", class: at ? "number" : "" }, each));
  const made = el("table", { class: "table" }, el("thead", {}, el("tr", {}, ...titles)), el("tbody", {}, ...rows));
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": text("tableOf", { title: chart.title }) }, made);
  return /** @type {HTMLDetailsElement} */ (el("details", {}, el("summary", {}, text("asTable")), scroll));
}

/** @param {Series[]} series @param {number} at */
function total(series, at) {
  return series.reduce((sum, each) => sum + each.values[at], 0);
}

/** The least of 2, 4, 10, 20, 40, 100, … that is no less. @param {number} value */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 10].map((each) => each * power).find((each) => each >= value && each > 1) ?? 2;
}
