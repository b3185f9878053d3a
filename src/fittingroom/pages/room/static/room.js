/**
 * The fitting room: two trays, a type, a button, and the stage. Nothing is stored; a look lives as long as the tab.
 */
import { fill, installSwitches, language, onLanguage, say } from "/shell/shell.js";
import { Failure, getPicture, leave, makeLook, openSession } from "/room/static/api.js";
import { make, note } from "/room/static/parts.js";
import { installSheets, showCode, showZoom } from "/room/static/sheets.js";
import { showEmpty, showLook, showWork } from "/room/static/stage.js";
import { TEXTS } from "/room/static/texts.js";
import { Tray } from "/room/static/tray.js";

/** @typedef {{picture: string, person: string, told: Record<string, any>, wish: Record<string, string>, guessed: boolean}} Look */

/** @template {HTMLElement} [Kind=HTMLElement] @param {string} id */
const at = (id) => /** @type {Kind} */ (document.getElementById(id));
/** @param {string} key @param {Record<string, string | number>} [values] */
const words = (key, values) => say(TEXTS[language()], key, values);

/** @type {Tray[]} */
let trays = [];
/** @type {Look[]} */
const looks = [];
/** @type {Look | null} */
let shown = null;
/** @type {AbortController | null} */
let running = null;
/** @type {Failure | null} */
let failure = null;

function wish() {
  const [person, garment] = trays;
  const chosen = /** @type {HTMLInputElement | null} */ (document.querySelector("#types :checked"));
  return {
    ModelUrl: person.choice?.address ?? "",
    ClothesUrl: garment.choice?.address ?? "",
    ClothesType: chosen?.value ?? "Auto",
  };
}

function ready() {
  return trays.length > 0 && trays.every((tray) => tray.choice) && !running;
}

function refresh() {
  at("go").setAttribute("aria-disabled", String(!ready()));
  at("go").textContent = words(failure ? "again" : "go");
  at("missing").hidden = running !== null || trays.every((tray) => tray.choice);
}

/** @param {string[]} types */
function buildTypes(types) {
  at("types").replaceChildren(
    ...types.map((type, number) => {
      const input = make("input");
      input.type = "radio";
      input.name = "type";
      input.value = type;
      input.checked = number === 0;
      const text = make("span");
      text.dataset.text = `type-${type}`;
      return make("label", "", [input, text]);
    }),
  );
}

/** A garment of ours brings its type; one of the visitor's own is looked at by the engine. */
function garmentChanged() {
  const type = trays[1].choice ? (trays[1].choice.type ?? "Auto") : "Auto";
  const input = /** @type {HTMLInputElement | null} */ (document.querySelector(`#types [value="${type}"]`));
  if (input) input.checked = true;
  refresh();
}

async function go() {
  if (!ready()) return;
  running = new AbortController();
  failure = null;
  shown = null;
  const asked = wish();
  const person = trays[0].choice?.picture ?? "";
  at("actions").hidden = true;
  at("notes").replaceChildren();
  const tell = showWork(at("hero"), person, () => running?.abort());
  refresh();
  at("hero").scrollIntoView({ block: "nearest", behavior: "smooth" });
  let last = "";
  try {
    const told = await makeLook(wish, (stage) => {
      const text = tell(stage);
      if (stage.stage !== last) at("status").textContent = text;
      last = stage.stage;
    }, running.signal);
    const picture = URL.createObjectURL(await getPicture(told.picture));
    const look = { picture, person, told, wish: asked, guessed: asked.ClothesType === "Auto" };
    looks.unshift(look);
    show(look);
    at("status").textContent = words("done", { seconds: told.seconds });
  } catch (error) {
    fail(error);
  } finally {
    running = null;
    refresh();
  }
}

/** @param {unknown} error */
function fail(error) {
  showEmpty(at("hero"));
  if (error instanceof Failure) {
    failure = error;
    const { code, request_id: id } = error.told;
    at("notes").replaceChildren(note("bad", error.message, error.told.advice, id ? `${code} · ${words("request", { id })}` : code));
    at("status").textContent = error.message;
  } else if (error instanceof DOMException && error.name === "AbortError") {
    at("notes").replaceChildren(note("", words("cancelled")));
    at("status").textContent = words("cancelled");
  } else {
    throw error;
  }
}

/** @param {Look} look */
function show(look) {
  shown = look;
  showLook(at("hero"), look);
  at("actions").hidden = false;
  const download = at("download");
  download.setAttribute("href", look.picture);
  download.setAttribute("download", "dressed.jpg");
  const { told } = look;
  const notes = told.warnings.map((/** @type {any} */ one) => note("warn", one.message, one.advice));
  if (look.guessed && told.clothes_type) notes.unshift(note("", words("guessed", { type: words(`type-${told.clothes_type}`) })));
  const facts = [words("done", { seconds: told.seconds }), words("sure", { percent: Math.round(told.confidence * 100) })];
  at("notes").replaceChildren(...notes, make("p", "small soft", facts.join(" ")));
  at("earlier").hidden = looks.length < 2;
  at("looks").replaceChildren(...looks.map(thumbnail));
}

/** @param {Look} look @param {number} index */
function thumbnail(look, index) {
  const picture = make("img");
  picture.src = look.picture;
  picture.alt = words("look", { number: looks.length - index });
  const pick = make("button", "", [picture]);
  pick.type = "button";
  pick.setAttribute("aria-pressed", String(look === shown));
  pick.addEventListener("click", () => {
    if (running) return;
    show(look);
    /** @type {HTMLElement} */ (at("looks").children[index].firstChild).focus();
  });
  return make("li", "", [pick]);
}

/** The code asks for exactly the shown picture: with the type that the engine found where it was guessed. */
function code() {
  if (!shown) return;
  const { clothes_type: found } = shown.told;
  const type = shown.guessed && found && found !== "Outer" ? found : shown.wish.ClothesType;
  showCode({ ...shown.wish, ClothesType: type });
}

function translate() {
  fill(document, TEXTS[language()]);
  for (const tray of trays) tray.translate();
  if (shown) show(shown);
  else if (!running) showEmpty(at("hero"));
  refresh();
}

async function start() {
  const place = document.querySelector(".switches");
  if (place) installSwitches(place);
  installSheets();
  at("go").addEventListener("click", go);
  at("zoom").addEventListener("click", () => shown && showZoom(shown.picture));
  at("code").addEventListener("click", code);
  // A file that misses its tray would replace the page, and with it the visit.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  onLanguage(translate);
  try {
    const session = await openSession();
    trays = [
      new Tray(at("person"), "person", session, refresh),
      new Tray(at("garment"), "garment", session, garmentChanged),
    ];
    buildTypes(session.types);
  } catch (error) {
    fail(error);
  }
  translate();
  document.documentElement.dataset.ready = "";
}

start();
