/** The latest requests, by code. */
import { el, mark, put, svg, table } from "./dom.js";
import { clock, count, seconds, text } from "./words.js";

const NARROW = matchMedia("(max-width: 52rem)");
/** Rows before one asks for all. */
const few = () => (NARROW.matches ? 8 : 20);
const FAULT = /^(InternalError|ServiceUnavailable|FailedOperation\.(InnerError|RequestTimeout|RpcFail|ServerError|Unknown))$/;
const of = (id) => /** @type {any} */ (document.getElementById(id));

let latest = /** @type {any[]} */ ([]);
let chosen = "";
let all = false;

/** Once: what the reader chooses. */
export function installRequests() {
  of("pick").addEventListener("change", () => {
    chosen = of("pick").value;
    list();
  });
  of("all").addEventListener("click", () => {
    all = !all;
    list();
  });
}

/** @param {any} told */
export function showRequests(told) {
  latest = told.requests;
  choices();
  list();
}

function choices() {
  const counts = new Map();
  for (const each of latest) counts.set(each.code, (counts.get(each.code) ?? 0) + 1);
  if (chosen && !counts.has(chosen)) counts.set(chosen, 0);
  const sorted = [...counts].sort(([a], [b]) => a.localeCompare(b));
  const made = [["", text("everyCode", { number: count(latest.length) })], ...sorted.map(([code, number]) => [code, `${code} (${number})`])];
  const same = made.length === of("pick").options.length && made.every(([, label], at) => of("pick").options[at].text === label);
  if (same) return;
  put(of("pick"), ...made.map(([value, label]) => el("option", { value }, label)));
  of("pick").value = chosen;
}

function list() {
  const fitting = latest.filter((each) => chosen === "" || each.code === chosen);
  const shown = all ? fitting : fitting.slice(0, few());
  put(of("seen"), table(text("requestsTitle"), columns(), shown, text("noRequests")));
  of("all").hidden = fitting.length <= few();
  of("all").textContent = all ? text("fewer") : text("showAll", { number: count(fitting.length) });
}

function columns() {
  return [
    { title: text("code"), kind: "broad", cell: (row) => mark(breakable(row.code), mood(row.code)) },
    { title: text("time"), kind: "still", cell: (row) => clock(row.at) },
    { title: text("action"), kind: "still", cell: (row) => row.action ?? "–" },
    { title: text("account"), kind: "still", cell: (row) => row.account ?? "–" },
    { title: text("took"), kind: "number", cell: (row) => seconds(row.seconds) },
    { title: text("stages"), kind: "wide", cell: stages },
    { title: text("requestId"), cell: (row) => el("code", { class: "id", title: row.id }, row.id) },
  ];
}

/** May be broken after its dot. @param {string} code */
function breakable(code) {
  const [family, ...rest] = code.split(".");
  return el("span", {}, family, ...rest.flatMap((each) => [".", el("wbr"), each]));
}

/** @param {string} code @returns {"good" | "warn" | "bad"} */
function mood(code) {
  if (code === "OK") return "good";
  return FAULT.test(code) ? "bad" : "warn";
}

/** A bar in proportion and the same in words; of a refusal its reason. @param {any} row */
function stages(row) {
  const every = [...(row.waited === null ? [] : [[text("queueStage"), row.waited]]), ...Object.entries(row.stages)];
  const parts = every.filter(([, each]) => each >= 0.0005);
  if (parts.length === 0) return row.reason ? el("span", { class: "soft small" }, row.reason) : "";
  const sum = parts.reduce((total, [, each]) => total + each, 0);
  let x = 0;
  const pieces = parts.map(([, each]) => {
    const piece = svg("rect", { class: "piece", x, width: (100 * each) / sum, height: 4 });
    x += (100 * each) / sum;
    return piece;
  });
  const bar = svg("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" }, ...pieces);
  const told = parts.map(([name, each]) => el("li", {}, `${name} ${seconds(each)}`));
  return el("div", { class: "stages" }, bar, el("ul", { class: "soft small", role: "list" }, ...told));
}
