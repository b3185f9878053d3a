/**
 * Where a person or a garment is chosen: drop it, pick a file, take a photo, or take a sample of ours.
 *
 * A tray holds one choice. A choice of the visitor's own keeps its Blob, so that it can be sent again to a new session.
 */
import { language, icon, say } from "/shell/shell.js";
import { Failure, deletePhoto, onNewSession, putPhoto } from "/room/static/api.js";
import { ICONS, make, note } from "/room/static/parts.js";
import { prepared } from "/room/static/photo.js";
import { TEXTS } from "/room/static/texts.js";

/** @typedef {{address: string, picture: string, blob: Blob | null, type: string | null, id: string | null}} Choice */

export class Tray {
  /**
   * @param {HTMLElement} place
   * @param {"person" | "garment"} kind
   * @param {import("/room/static/api.js").Session} session
   * @param {() => void} onChange
   */
  constructor(place, kind, session, onChange) {
    this.kind = kind;
    this.session = session;
    this.onChange = onChange;
    /** @type {Choice | null} */
    this.choice = null;
    this.number = 0;
    this.build(place);
    onNewSession(async () => {
      if (this.choice?.blob) this.choice.address = (await putPhoto(kind, this.choice.blob)).url;
    });
  }

  /** @param {HTMLElement} place */
  build(place) {
    this.input = this.picker(false);
    this.camera = this.picker(true);
    this.drop = make("label", "drop");
    this.drop.append(this.input);
    this.prompt = make("span", "prompt");
    this.image = make("img");
    this.image.hidden = true;
    this.drop.append(this.image, icon(ICONS.plus), this.prompt);
    this.remove = make("button", "button quiet square remove", [icon(ICONS.close)]);
    this.remove.type = "button";
    this.remove.addEventListener("click", () => this.clear());
    this.snap = make("label", "button snap", [this.camera, icon(ICONS.camera), make("span")]);
    this.notes = make("div", "notes");
    this.notes.setAttribute("role", "status");
    this.samples = this.shelf();
    place.append(make("div", "frame", [this.drop, this.remove]), this.snap, this.samples, this.notes);
    listenForDrops(this.drop, (file) => this.take(file));
    this.translate();
  }

  /** @param {boolean} camera */
  picker(camera) {
    const input = make("input", "visually-hidden");
    input.type = "file";
    input.accept = "image/*";
    if (camera) input.setAttribute("capture", this.kind === "person" ? "user" : "environment");
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      input.value = "";
      if (file) this.take(file);
    });
    return input;
  }

  shelf() {
    const own = this.session.samples.filter((sample) => sample.kind === this.kind);
    const list = make("ul", "shelf");
    list.setAttribute("role", "list");
    list.hidden = own.length === 0;
    list.append(
      ...own.map((sample) => {
        const picture = make("img");
        picture.src = sample.thumb;
        picture.alt = ""; // the button bears its name
        picture.loading = "lazy";
        picture.width = 60;
        picture.height = Math.round((60 * sample.height) / sample.width);
        const pick = make("button", "", [picture]);
        pick.type = "button";
        pick.dataset.sample = sample.id;
        pick.addEventListener("click", () =>
          this.choose({ address: sample.url, picture: sample.url, blob: null, type: sample.clothes_type, id: sample.id }),
        );
        return make("li", "", [pick]);
      }),
    );
    return list;
  }

  /** @param {File} file */
  async take(file) {
    const mine = ++this.number;
    this.say("", this.words("uploading"));
    try {
      const blob = await prepared(file, this.session.limits);
      const told = await putPhoto(this.kind, blob);
      if (mine !== this.number) return deletePhoto(told.url);
      this.choose({ address: told.url, picture: URL.createObjectURL(blob), blob, type: told.clothes_type, id: null });
      this.notes.replaceChildren(...told.warnings.map((one) => note("warn", one.message, one.advice)));
    } catch (failure) {
      if (mine !== this.number) return;
      if (!(failure instanceof Failure)) throw failure;
      this.notes.replaceChildren(note("bad", failure.message, undefined, failure.told.code));
    }
  }

  /** @param {Choice} choice */
  choose(choice) {
    this.number += 1;
    this.forget();
    this.choice = choice;
    this.image.src = choice.picture;
    this.notes.replaceChildren();
    this.translate();
    this.onChange();
  }

  clear() {
    this.number += 1;
    this.forget();
    this.choice = null;
    this.notes.replaceChildren();
    this.translate();
    this.onChange();
    this.input.focus();
  }

  /** The server need not keep what was replaced; its picture stays on the page for earlier looks. */
  forget() {
    if (this.choice?.blob) deletePhoto(this.choice.address).catch(() => {}); // it is forgotten with the tab at the latest
  }

  /** @param {"" | "warn" | "bad"} kind @param {string} text */
  say(kind, text) {
    this.notes.replaceChildren(note(kind, text));
  }

  /** @param {string} key */
  words(key) {
    return say(TEXTS[language()], key);
  }

  translate() {
    const chosen = this.choice !== null;
    this.image.hidden = !chosen;
    this.image.alt = chosen ? this.words(`chosen-${this.kind}`) : "";
    this.drop.classList.toggle("chosen", chosen);
    this.prompt.textContent = this.words(chosen ? "change" : `drop-${this.kind}`);
    this.remove.hidden = !chosen;
    this.remove.setAttribute("aria-label", `${this.words("remove")}: ${this.words(this.kind)}`);
    /** @type {HTMLElement} */ (this.snap.lastChild).textContent = this.words("camera");
    this.samples.setAttribute("aria-label", this.words(`samples-${this.kind}`));
    for (const pick of this.samples.querySelectorAll("button")) {
      const sample = this.session.samples.find((one) => one.id === pick.dataset.sample);
      pick.setAttribute("aria-label", sample?.name[language()] ?? "");
      pick.title = sample?.name[language()] ?? "";
      pick.setAttribute("aria-pressed", String(this.choice?.id === sample?.id));
    }
  }
}

/**
 * @param {HTMLElement} place
 * @param {(file: File) => void} take
 */
function listenForDrops(place, take) {
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (file) take(file);
  });
}
