/**
 * The console: signing in, then asking and showing. Each part is drawn anew only where what the server says has changed,
 * or the language, so that nobody loses their place every three seconds.
 */
import { fill, installSwitches, onLanguage } from "/shell/shell.js";
import { showAccounts } from "./accounts.js";
import { Polling, Refused, ask, post } from "./data.js";
import { showHealth } from "./health.js";
import { installRequests, showRequests } from "./requests.js";
import { TEXTS } from "./texts.js";
import { showUse } from "./use.js";
import { clock, text } from "./words.js";
import { showWork } from "./work.js";

const of = (id) => /** @type {any} */ (document.getElementById(id));
const SHOWN = { work: showWork, usage: showUse, requests: showRequests, accounts: showAccounts, health: showHealth };
const SECONDS = { work: 3, usage: 30, requests: 3, accounts: 10, health: 10 };

/** What was drawn last, by name, to draw it again in another language or width. */
const told = new Map();
let width = 0;

const polling = new Polling(
  Object.keys(SHOWN).map((name) => ({ name, seconds: SECONDS[name], take: (data) => take(name, data) })),
  failed,
);

/** @param {string} name @param {any} data */
function take(name, data) {
  of("fresh").textContent = text("fresh", { time: clock(Date.now() / 1000) });
  const { at: _, ...rest } = data;
  const written = JSON.stringify(rest);
  if (told.get(name)?.written === written) return;
  told.set(name, { written, data });
  SHOWN[name](data);
}

/** @param {unknown} error */
function failed(error) {
  if (error instanceof Refused && error.status === 401) {
    leave();
    return;
  }
  of("fresh").classList.toggle("trouble", error !== null);
  if (error === null) return;
  of("fresh").textContent = error instanceof Refused ? error.message : text("lost");
}

function again() {
  for (const [name, { data }] of told) SHOWN[name](data);
}

function enter() {
  of("sign-in").hidden = true;
  of("board").hidden = false;
  of("leave").hidden = false;
  polling.start();
}

/** Back to the sign-in, with nothing of the server's left on the page. */
function leave() {
  polling.stop();
  told.clear();
  for (const id of ["figures", "crew", "pictures", "codes", "seen", "standings", "keys", "facts"]) of(id).replaceChildren();
  of("board").hidden = true;
  of("leave").hidden = true;
  of("sign-in").hidden = false;
  of("token").focus();
}

async function signIn() {
  const trouble = of("sign-in-trouble");
  trouble.textContent = "";
  try {
    await post("/console/session", { token: of("token").value });
    of("token").value = "";
    of("main").focus();
    enter();
  } catch (error) {
    trouble.textContent = error instanceof Refused ? error.message : text("lost");
    of("token").select();
  }
}

of("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  signIn();
});
of("leave").addEventListener("click", async () => {
  try {
    await post("/console/leave", {});
    leave();
  } catch (error) {
    failed(error);
  }
});
new ResizeObserver(() => {
  if (of("pictures").clientWidth === width) return;
  width = of("pictures").clientWidth;
  if (told.has("usage")) showUse(told.get("usage").data);
}).observe(of("pictures"));

installSwitches(document.querySelector(".switches"));
installRequests();
onLanguage((language) => {
  fill(document, TEXTS[language]);
  document.title = `${text("title")} – Fitting Room`;
  of("sign-in-trouble").textContent = "";
  again();
});

try {
  const { signed_in: signedIn } = await ask("/console/session");
  if (signedIn) enter();
  else leave();
} catch (error) {
  leave();
  of("sign-in-trouble").textContent = error instanceof Refused ? error.message : text("lost");
}
