/** Accounts with what they may still use, and keys with when they were last used; never a secret. */
import { el, mark, put, table } from "./dom.js";
import { count, moment, text, word } from "./words.js";

const STATUS = { active: "good", stopped: "bad", "in-arrears": "bad", unknown: "bad" };
const KEYS = { enabled: "good", revoked: "", expired: "", disabled: "warn", "user disabled": "warn" };

/** @param {any} told */
export function showAccounts(told) {
  const more = (cut) => (cut ? [el("p", { class: "none" }, text("more", { number: count(told.most) }))] : []);
  const accounts = table(text("accounts"), accountColumns(), told.accounts, text("noAccounts"));
  put(document.getElementById("standings"), accounts, ...more(told.more.accounts));
  const keys = table(text("keys"), keyColumns(), told.keys, text("noKeys"));
  put(document.getElementById("keys"), keys, ...more(told.more.keys));
}

function accountColumns() {
  return [
    { title: text("name"), cell: (row) => row.name },
    { title: text("statusTitle"), cell: (row) => mark(word("status", row.status), STATUS[row.status] ?? "warn") },
    { title: text("plan"), cell: (row) => word("plan", row.plan) },
    { title: text("balance"), kind: "number", cell: balance },
    { title: text("uin"), cell: (row) => row.uin },
    { title: text("created"), kind: "still", cell: (row) => moment(row.created_at, "") },
  ];
}

/** @param {any} row */
function balance(row) {
  if (row.plan === "quota") return row.left === null ? text("untouched") : text("left", { number: count(row.left) });
  return row.plan === "prepaid" || row.available !== "0.00" ? row.available : "–";
}

function keyColumns() {
  return [
    { title: text("key"), cell: (row) => el("code", {}, row.id) },
    { title: text("stateTitle"), cell: (row) => mark(word("key", row.state), KEYS[row.state] ?? "warn") },
    { title: text("account"), cell: (row) => row.account },
    { title: text("user"), cell: (row) => row.user },
    { title: text("used"), kind: "still", cell: (row) => moment(row.used_at, text("never")) },
    { title: text("expires"), kind: "still", cell: (row) => moment(row.expires_at, text("noEnd")) },
  ];
}
