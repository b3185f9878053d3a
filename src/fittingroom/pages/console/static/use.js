/** The two charts: pictures by account, from the ledger, and requests by code, as counted since the server's start. */
import { draw } from "./chart.js";
import { moment, text } from "./words.js";

const LOOKS = ["first-rank", "second-rank", "two", "third-rank"];
const REST = "five";
const OURS = /^(InternalError|ServiceUnavailable|FailedOperation\.(InnerError|RequestTimeout|RpcFail|ServerError|Unknown))$/;

/** @param {any} told */
export function showUse(told) {
  const first = told.today - told.days + 1;
  const accounts = gathered(told.pictures, "account", "pictures", first, told.days);
  draw(document.getElementById("pictures"), {
    title: text("picturesTitle"),
    note: text("picturesNote", { days: told.days }),
    none: text("noPictures", { days: told.days }),
    first,
    series: byRank(accounts),
  });
  const codes = gathered(told.codes, "code", "requests", first, told.days);
  draw(document.getElementById("codes"), {
    title: text("codesTitle"),
    note: text("codesNote", { since: moment(told.since, "") }),
    none: text("noRequests"),
    first,
    series: byCode(codes),
  });
}

/**
 * Values by day of each name, those with the most first.
 * @param {any[]} rows
 * @param {string} named
 * @param {string} counted
 * @param {number} first
 * @param {number} days
 * @returns {{name: string, values: number[]}[]}
 */
function gathered(rows, named, counted, first, days) {
  const found = new Map();
  for (const row of rows) {
    const at = row.day - first;
    if (at < 0 || at >= days) continue;
    if (!found.has(row[named])) found.set(row[named], new Array(days).fill(0));
    found.get(row[named])[at] += row[counted];
  }
  const sum = (values) => values.reduce((all, each) => all + each, 0);
  return [...found].map(([name, values]) => ({ name, values })).sort((a, b) => sum(b.values) - sum(a.values));
}

/** The four with the most, and the rest together. @param {{name: string, values: number[]}[]} named */
function byRank(named) {
  const kept = named.slice(0, LOOKS.length).map((each, at) => ({ ...each, look: LOOKS[at] }));
  return [...kept, ...rest(named.slice(LOOKS.length))];
}

/** What went well, the two refusals and the one fault of ours that came most, and the rest. @param {{name: string, values: number[]}[]} named */
function byCode(named) {
  const well = named.filter((each) => each.name === "OK").map((each) => ({ ...each, look: "one" }));
  const refused = named.filter((each) => each.name !== "OK" && !OURS.test(each.name));
  const ours = named.filter((each) => OURS.test(each.name));
  const kept = refused.slice(0, 2).map((each, at) => ({ ...each, look: ["two", "three"][at] }));
  const fault = ours.slice(0, 1).map((each) => ({ ...each, look: "four" }));
  return [...well, ...kept, ...fault, ...rest([...refused.slice(2), ...ours.slice(1)])];
}

/** @param {{name: string, values: number[]}[]} others */
function rest(others) {
  if (others.length === 0) return [];
  if (others.length === 1) return [{ ...others[0], look: REST }];
  const values = others[0].values.map((_, at) => others.reduce((sum, each) => sum + each.values[at], 0));
  return [{ name: text("others", { number: others.length }), values, look: REST }];
}
