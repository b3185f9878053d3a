/** Small pieces of the page: elements, notes, icons. */
import { icon } from "/shell/shell.js";

export const ICONS = {
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  camera: "M4 8h3l2-3h6l2 3h3v11H4V8Zm8 2.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z",
  warn: "M12 4 2.5 20h19L12 4Zm0 6v4.5M12 17.2v.3",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 8v5.5M12 7.6v.3",
};

/**
 * An element with a class, a text and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string | Node[]} [content]
 */
export function make(tag, className = "", content = []) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (typeof content === "string") made.textContent = content;
  else made.append(...content);
  return made;
}

/**
 * A note: what is wrong, and what to do about it.
 * @param {"warn" | "bad" | ""} kind
 * @param {string} message
 * @param {string} [advice]
 * @param {string} [fine] in small print
 */
export function note(kind, message, advice, fine) {
  const text = make("div", "", [make("p", "", message)]);
  if (advice) text.append(make("p", "soft", advice));
  if (fine) text.append(make("p", "soft small", fine));
  return make("div", `note ${kind}`, [icon(kind ? ICONS.warn : ICONS.info), text]);
}
