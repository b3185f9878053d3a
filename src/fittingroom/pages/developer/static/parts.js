/** Small things that the page is made of: elements, text with code in it, and copying. */

import { say } from "/shell/shell.js";

/**
 * An element with attributes and children; children that are text stay text.
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 */
export function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * Text in which `backticks` mark code.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function marked(text) {
  return text.split("`").map((part, number) => (number % 2 ? make("code", {}, part) : part));
}

/**
 * A long name that may be broken after its dots and before its capitals.
 * @param {string} name
 */
export function breakable(name) {
  const made = make("code");
  for (const part of name.split(/(?<=\.)|(?<=[a-z])(?=[A-Z])/)) made.append(part, make("wbr"));
  return made;
}

/**
 * Copies, and tells on the button whether it worked.
 * @param {HTMLButtonElement} button
 * @param {string} text
 * @param {import("/shell/shell.js").Texts} texts
 */
export async function copy(button, text, texts) {
  let told = "copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https, or forbidden by the browser: the reader is told.
    told = "copy-failed";
  }
  button.textContent = say(texts, told);
  setTimeout(() => (button.textContent = say(texts, "copy")), 2000);
}
