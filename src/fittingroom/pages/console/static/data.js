/**
 * Asking the server again and again while somebody looks: a hidden tab asks nothing, a lost connection is tried again.
 */
import { language } from "/shell/shell.js";

/** What the server said no to. */
export class Refused extends Error {
  /** @param {number} status @param {{code: string, message: string}} error */
  constructor(status, error) {
    super(error.message);
    this.status = status;
    this.code = error.code;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>} the JSON of the answer, or null where it has none
 */
export async function ask(path, options = {}) {
  const answer = await fetch(`${path}?lang=${language()}`, { ...options, credentials: "same-origin", cache: "no-store" });
  if (answer.status === 204) return null;
  const told = await answer.json();
  if (!answer.ok) throw new Refused(answer.status, told.error);
  return told;
}

/** @param {string} path @param {object} content */
export function post(path, content) {
  return ask(path, { method: "POST", body: JSON.stringify(content), headers: { "Content-Type": "application/json" } });
}

/**
 * Questions that are asked at intervals, from `start` to `stop`.
 */
export class Polling {
  /**
   * @param {{name: string, seconds: number, take: (data: any) => void}[]} questions
   * @param {(error: unknown) => void} failed told of each failure; null says that answers come again
   */
  constructor(questions, failed) {
    this.questions = questions;
    this.failed = failed;
    this.timers = new Map();
    this.running = false;
    document.addEventListener("visibilitychange", () => {
      if (!this.running) return;
      if (document.hidden) this.rest();
      else this.start();
    });
  }

  start() {
    this.rest();
    this.running = true;
    for (const question of this.questions) this.turn(question);
  }

  stop() {
    this.running = false;
    this.rest();
  }

  rest() {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  /** @param {{name: string, seconds: number, take: (data: any) => void}} question */
  async turn(question) {
    const mine = setTimeout(() => this.turn(question), question.seconds * 1000);
    this.timers.set(question.name, mine);
    try {
      const data = await ask(`/console/data/${question.name}.json`);
      if (!this.running) return;
      question.take(data);
      this.failed(null);
    } catch (error) {
      if (this.running) this.failed(error);
    }
  }
}
