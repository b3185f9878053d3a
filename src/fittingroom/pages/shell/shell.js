/**
 * What all pages share in the browser: the switches for language and appearance, and filling a page with its words.
 *
 * A page has one module of texts a language (`export default {key: "text with {value}"}`) and marks its elements:
 * `data-text` (content), `data-label` (aria-label), `data-hint` (placeholder). Only these two choices are ever stored,
 * as `fittingroom.theme` and `fittingroom.language` in localStorage; where storage is forbidden they last as long as
 * the page.
 */

/** @typedef {"en" | "zh"} Language */
/** @typedef {Record<string, string>} Texts */

const root = document.documentElement;
const WORDS = {
  en: { other: "中文", toDark: "Dark appearance", toLight: "Light appearance", switch: "中文，切换为中文" },
  zh: { other: "English", toDark: "深色外观", toLight: "浅色外观", switch: "English, switch to English" },
};
const ICONS = {
  dark: "M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5Z",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
};

/** @type {Set<(language: Language) => void>} */
const listeners = new Set();

/** @returns {Language} the language that the page is shown in */
export function language() {
  return root.lang.startsWith("zh") ? "zh" : "en";
}

/**
 * Calls back now and whenever the language changes.
 * @param {(language: Language) => void} listener
 */
export function onLanguage(listener) {
  listeners.add(listener);
  listener(language());
}

/** @param {Language} chosen */
export function setLanguage(chosen) {
  keep("language", chosen);
  root.lang = chosen === "zh" ? "zh-CN" : "en";
  for (const listener of listeners) listener(chosen);
}

/** @returns {boolean} whether the page is dark now */
export function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** @param {"light" | "dark"} chosen */
export function setTheme(chosen) {
  keep("theme", chosen);
  root.dataset.theme = chosen;
}

/**
 * One text with its values in place of `{name}`. A key without a text is an error of ours and shown as such.
 * @param {Texts} texts
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(texts, key, values = {}) {
  if (!(key in texts)) throw new Error(`there is no text for ${key}`);
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * Puts the words where the marks are.
 * @param {ParentNode} within
 * @param {Texts} texts
 */
export function fill(within, texts) {
  for (const each of within.querySelectorAll("[data-text]")) each.textContent = say(texts, each.dataset.text);
  for (const each of within.querySelectorAll("[data-label]")) {
    each.setAttribute("aria-label", say(texts, each.dataset.label));
  }
  for (const each of within.querySelectorAll("[data-hint]")) each.setAttribute("placeholder", say(texts, each.dataset.hint));
  delete root.dataset.waiting;
}

/**
 * The buttons for language and appearance, put into an element (`<div class="switches">`). Without `languages` of
 * more than one, the first button is left out.
 * @param {Element} place
 */
export function installSwitches(place) {
  const several = (root.dataset.languages || "en zh").includes(" ");
  const tongue = button("quiet");
  const theme = button("quiet square");
  const draw = () => {
    const words = WORDS[language()];
    tongue.textContent = words.other;
    tongue.lang = language() === "zh" ? "en" : "zh-CN";
    tongue.setAttribute("aria-label", words.switch);
    theme.setAttribute("aria-label", isDark() ? words.toLight : words.toDark);
    theme.title = isDark() ? words.toLight : words.toDark;
    theme.replaceChildren(icon(isDark() ? ICONS.light : ICONS.dark));
  };
  tongue.addEventListener("click", () => setLanguage(language() === "zh" ? "en" : "zh"));
  theme.addEventListener("click", () => {
    setTheme(isDark() ? "light" : "dark");
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  place.replaceChildren(...(several ? [tongue] : []), theme);
  onLanguage(draw);
}

/**
 * @param {string} path the strokes, in a square of 24
 * @returns {SVGSVGElement}
 */
export function icon(path) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const strokes = document.createElementNS("http://www.w3.org/2000/svg", "path");
  made.setAttribute("viewBox", "0 0 24 24");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  strokes.setAttribute("d", path);
  made.append(strokes);
  return made;
}

/** @param {string} kind */
function button(kind) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button ${kind}`;
  return made;
}

/**
 * @param {string} name
 * @param {string} value
 */
function keep(name, value) {
  try {
    localStorage.setItem(`fittingroom.${name}`, value);
  } catch {
    // Storage is forbidden or full: the choice lasts as long as the page, which is all that can be done.
  }
}
