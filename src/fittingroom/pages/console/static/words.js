/**
 * Numbers, times and the server's own words, in the language of the page.
 */
import { language, say } from "/shell/shell.js";
import { TEXTS } from "./texts.js";

const tag = () => (language() === "zh" ? "zh-CN" : "en-GB");

/** @param {string} key @param {Record<string, string | number>} [values] */
export function text(key, values) {
  return say(TEXTS[language()], key, values);
}

/**
 * One of the server's words; one that has no translation is shown as it is.
 * @param {string} kind
 * @param {string} value
 */
export function word(kind, value) {
  return TEXTS[language()][`${kind}.${value}`] ?? value;
}

/** @param {number} value */
export function count(value) {
  return new Intl.NumberFormat(tag()).format(value);
}

/** @param {number} value seconds */
export function seconds(value) {
  const digits = value < 1 ? 3 : value < 10 ? 2 : 1;
  return `${new Intl.NumberFormat(tag(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)} s`;
}

/** @param {number} value bytes */
export function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${new Intl.NumberFormat(tag(), { maximumFractionDigits: scaled < 10 && power ? 1 : 0 }).format(scaled)} ${units[power]}`;
}

/** @param {number | null} moment Unix seconds @param {string} otherwise */
export function moment(moment, otherwise) {
  if (moment === null) return otherwise;
  return new Intl.DateTimeFormat(tag(), { dateStyle: language() === "zh" ? "short" : "medium", timeStyle: "short" }).format(moment * 1000);
}

/** @param {number} moment Unix seconds; today's as a time, earlier ones with their day */
export function clock(moment) {
  const then = new Date(moment * 1000);
  const today = then.toDateString() === new Date().toDateString();
  const day = today ? {} : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(tag(), { ...day, hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(then);
}

/** @param {number} day days since 1970, UTC */
export function day(day) {
  return new Intl.DateTimeFormat(tag(), { month: "short", day: "numeric", timeZone: "UTC" }).format(day * 86400_000);
}

/** @param {number} length seconds */
export function span(length) {
  const [days, hours, minutes] = [Math.floor(length / 86400), Math.floor(length / 3600) % 24, Math.floor(length / 60) % 60];
  if (days) return text("spanDays", { days, hours });
  return hours ? text("spanHours", { hours, minutes }) : text("spanMinutes", { minutes });
}
