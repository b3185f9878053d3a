/** The two dialogs: the picture at full size, and the request as code. */
import { language, say } from "/shell/shell.js";
import { Failure, getCode } from "/room/static/api.js";
import { make } from "/room/static/parts.js";
import { TEXTS } from "/room/static/texts.js";

const NAMES = { python: "Python", node: "Node", go: "Go", java: "Java", curl: "curl" };

/** @template {Element} Kind @param {string} selector @param {ParentNode} [within] */
function one(selector, within = document) {
  return /** @type {Kind} */ (within.querySelector(selector));
}

/** Buttons that close their dialog, and a click beside it. */
export function installSheets() {
  for (const sheet of document.querySelectorAll("dialog")) {
    const close = /** @type {HTMLElement} */ (sheet.querySelector("[data-close]"));
    close.textContent = "×";
    close.addEventListener("click", () => sheet.close());
    sheet.addEventListener("click", (event) => {
      if (event.target === sheet) sheet.close();
    });
  }
  one("#copy").addEventListener("click", copy);
}

/** @param {string} picture */
export function showZoom(picture) {
  const image = /** @type {HTMLImageElement} */ (one("#zoom-sheet img"));
  image.src = picture;
  image.alt = say(TEXTS[language()], "result");
  /** @type {HTMLDialogElement} */ (one("#zoom-sheet")).showModal();
}

/** @param {Record<string, string>} parameters */
export async function showCode(parameters) {
  const tabs = one("#code-sheet .tabs");
  /** @type {Record<string, string>} */
  let codes = {};
  try {
    codes = await getCode(parameters);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    one("#code-text code").textContent = failure.message;
  }
  const buttons = Object.keys(codes).map((name) => tab(name, codes));
  tabs.replaceChildren(...buttons);
  if (buttons[0]) buttons[0].click();
  /** @type {HTMLDialogElement} */ (one("#code-sheet")).showModal();
}

/**
 * @param {string} name
 * @param {Record<string, string>} codes
 */
function tab(name, codes) {
  const made = make("button", "", NAMES[/** @type {keyof NAMES} */ (name)] ?? name);
  made.type = "button";
  made.id = `tab-${name}`;
  made.setAttribute("role", "tab");
  made.setAttribute("aria-controls", "code-text");
  made.addEventListener("click", () => {
    for (const other of one("#code-sheet .tabs").children) {
      other.setAttribute("aria-selected", String(other === made));
      /** @type {HTMLElement} */ (other).tabIndex = other === made ? 0 : -1;
    }
    one("#code-text").setAttribute("aria-labelledby", made.id);
    one("#code-text code").textContent = codes[name];
  });
  made.addEventListener("keydown", (event) => {
    const step = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
    const next = step && made[/** @type {"nextElementSibling"} */ (step)];
    if (next instanceof HTMLElement) {
      next.click();
      next.focus();
    }
  });
  return made;
}

async function copy() {
  const button = one("#copy");
  const code = one("#code-text code");
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    button.textContent = say(TEXTS[language()], "copied");
    setTimeout(() => (button.textContent = say(TEXTS[language()], "copy")), 1500);
  } catch {
    getSelection()?.selectAllChildren(code); // the clipboard may be forbidden; then Ctrl+C is one key away
  }
}
