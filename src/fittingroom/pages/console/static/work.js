/** Queue and workers, and the line that says whether the server takes work. */
import { el, mark, put, table } from "./dom.js";
import { bytes, count, text, word } from "./words.js";

const MOODS = { READY: "good", BUSY: "good", STARTING: "warn", DRAINING: "warn", SETUP_FAILED: "bad" };
const of = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {any} told */
export function showWork(told) {
  of("lamp").className = `lamp ${MOODS[told.state] ?? ""}`;
  const said = text(told.serving ? "taking" : "notTaking", { state: word("state", told.state), engine: told.engine });
  if (of("state").textContent !== said) of("state").textContent = said;
  put(of("figures"), ...figures(told).map(([name, value, rest]) => figure(name, value, rest)));
  const trouble = of("work-trouble");
  trouble.hidden = told.detail === "";
  put(trouble.querySelector("p"), told.detail);
  put(of("crew"), told.crew.length || !told.workers ? crew(told) : el("p", { class: "none" }, text("elsewhere", { workers: told.workers })));
  of("reason").textContent = told.engine_reason ? text("reason", { reason: told.engine_reason }) : "";
}

/** @param {any} told @returns {[string, string, string][]} */
function figures(told) {
  return [
    [text("running"), count(told.running), text("ofWorkers", { workers: count(told.workers) })],
    [text("waiting"), count(told.waiting), text("ofQueue", { queue: count(told.queue) })],
    [text("submitted"), count(told.submitted.waiting + told.submitted.running), text("submittedRunning", { running: count(told.submitted.running) })],
    [text("restarts"), count(told.restarts), text("sinceStart")],
  ];
}

/** @param {string} name @param {string} value @param {string} rest */
function figure(name, value, rest) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, `${value} `, el("small", {}, rest)));
}

/** @param {any} told */
function crew(told) {
  const columns = [
    { title: text("worker"), cell: (row) => text("workerNumber", { number: row.number }) },
    { title: text("stateTitle"), cell: (row) => mark(word("state", row.state), MOODS[row.state] ?? "") },
    { title: text("pid"), kind: "number", cell: (row) => (row.pid ? String(row.pid) : "") },
    { title: text("memory"), kind: "number", cell: (row) => (row.memory ? bytes(row.memory) : "") },
    { title: text("restarts"), kind: "number", cell: (row) => count(row.restarts) },
  ];
  return table(text("workers"), columns, told.crew, text("noWorkers"));
}
