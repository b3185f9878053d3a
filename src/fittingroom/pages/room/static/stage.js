/** The large picture: nothing yet, a look in the making, or a finished one with a divider between before and after. */
import { language, say } from "/shell/shell.js";
import { make } from "/room/static/parts.js";
import { TEXTS } from "/room/static/texts.js";

const STAGES = ["check", "photos", "dress", "finish"];

/** @param {string} key @param {Record<string, string | number>} [values] */
function words(key, values) {
  return say(TEXTS[language()], key, values);
}

/** @param {HTMLElement} hero */
export function showEmpty(hero) {
  hero.className = "hero empty";
  hero.replaceChildren(make("p", "soft", words("empty")));
}

/**
 * @param {HTMLElement} hero
 * @param {string} person URL of the person's photo
 * @param {() => void} cancel
 * @returns {(told: Record<string, any>) => string} shows one event of the work, and says it in words
 */
export function showWork(hero, person, cancel) {
  const photo = make("img", "ground");
  photo.src = person;
  photo.alt = "";
  const items = STAGES.map((stage) => {
    const item = make("li", "", words(`stage-${stage}`));
    item.dataset.stage = stage;
    return item;
  });
  const list = make("ol", "stages", items);
  const bar = make("progress");
  bar.setAttribute("aria-label", words("stage-dress"));
  const time = make("p", "small soft time");
  const stop = make("button", "button", words("cancel"));
  stop.type = "button";
  stop.id = "cancel";
  stop.addEventListener("click", cancel);
  hero.className = "hero working";
  hero.replaceChildren(photo, make("div", "progress", [list, bar, time, stop]));
  return (told) => {
    for (const [index, item] of items.entries()) {
      item.className = index < told.index ? "past" : index === told.index ? "now" : "";
    }
    const parts = [words("seconds", { seconds: Math.round(told.seconds) })];
    if (told.expected) {
      bar.max = told.expected;
      bar.value = Math.min(told.seconds, told.expected * 0.97);
      parts.push(words("expected", { seconds: Math.round(told.expected) }));
    }
    if (told.waiting) parts.push(words("waiting", { count: told.waiting }));
    time.textContent = parts.join(" · ");
    return words("working", { stage: words(`stage-${told.stage}`), seconds: Math.round(told.seconds) });
  };
}

/**
 * @param {HTMLElement} hero
 * @param {{picture: string, person: string}} look
 */
export function showLook(hero, look) {
  const after = make("img");
  after.addEventListener("load", () => {
    frame.style.setProperty("aspect-ratio", `${after.naturalWidth} / ${after.naturalHeight}`);
  });
  after.src = look.picture;
  after.alt = words("after");
  const before = make("img", "before");
  before.src = look.person;
  before.alt = "";
  const slider = make("input");
  slider.type = "range";
  slider.min = "0";
  slider.max = "100";
  slider.step = "2";
  slider.value = "0";
  slider.setAttribute("aria-label", words("compare"));
  const frame = make("div", "compare", [after, before, make("span", "divider"), slider]);
  frame.append(make("span", "tag tag-before", words("before")), make("span", "tag tag-after", words("after")));
  const place = () => {
    frame.style.setProperty("--at", `${slider.value}%`);
    frame.dataset.side = Number(slider.value) < 12 ? "after" : Number(slider.value) > 88 ? "before" : "both";
    slider.setAttribute("aria-valuetext", `${words("before")} ${slider.value} %`);
  };
  slider.addEventListener("input", place);
  place();
  hero.className = "hero shown";
  hero.replaceChildren(frame);
}
