/**
 * Talking to the server: the session, uploads, and a look's events.
 *
 * A session that has ended is opened anew once, and the photos of this tab are sent again, so that nobody sees an expiry.
 * What fails is thrown as `Failure`, with the server's own message in the language of the page.
 */
import { language, say } from "/shell/shell.js";
import { TEXTS } from "/room/static/texts.js";

/** @typedef {{id: string, kind: "person" | "garment", url: string, thumb: string, name: Record<"en" | "zh", string>, clothes_type: string | null, width: number, height: number}} Sample */
/** @typedef {{token: string, engine: string, types: string[], limits: {bytes: number, max_px: number}, samples: Sample[]}} Session */
/** @typedef {{code: string, message: string, advice?: string}} Note */

export class Failure extends Error {
  /** @param {Note & {request_id?: string}} told */
  constructor(told) {
    super(told.message);
    this.told = told;
  }
}

/** @type {Session | null} */
let session = null;
/** @type {(() => Promise<void>)[]} */
const restorers = [];

/** Called after a session was opened anew. @param {() => Promise<void>} restore */
export function onNewSession(restore) {
  restorers.push(restore);
}

/** @returns {Promise<Session>} */
export async function openSession() {
  const answer = await send("POST", "/room/session");
  session = /** @type {Session} */ (await answer.json());
  return session;
}

/**
 * @param {string} kind
 * @param {Blob} photo
 */
export async function putPhoto(kind, photo) {
  return (await call("PUT", `/room/photos?kind=${kind}`, photo)).json();
}

/** @param {string} url */
export async function deletePhoto(url) {
  await call("DELETE", url);
}

/** @param {Record<string, string>} parameters */
export async function getCode(parameters) {
  return (await call("POST", "/room/code", JSON.stringify(parameters))).json();
}

/** @param {string} url */
export async function getPicture(url) {
  return (await send("GET", url)).blob().catch(lost);
}

/**
 * Ask for a look; calls back for each stage, returns what `done` tells.
 * @param {() => Record<string, string>} parameters read again after a new session, when photos have new addresses
 * @param {(stage: Record<string, any>) => void} onStage
 * @param {AbortSignal} signal
 */
export async function makeLook(parameters, onStage, signal) {
  const answer = await call("POST", "/room/looks", () => JSON.stringify(parameters()), signal);
  for await (const [name, told] of events(answer.body)) {
    if (name === "stage") onStage(told);
    if (name === "done") return told;
    if (name === "failed") throw new Failure(told);
  }
  throw new Failure({ code: "offline", message: words("offline") });
}

/** Everything of this visit is forgotten; works while the tab closes. */
export function leave() {
  if (session) navigator.sendBeacon("/room/leave", new Blob([session.token], { type: "text/plain" }));
  session = null;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {BodyInit | (() => BodyInit)} [body]
 * @param {AbortSignal} [signal]
 */
async function call(method, path, body, signal) {
  const made = () => (typeof body === "function" ? body() : body);
  try {
    return await send(method, path, made(), signal);
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.told.code !== "SessionExpired") throw failure;
    await openSession();
    for (const restore of restorers) await restore();
    return send(method, path, made(), signal);
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {BodyInit} [body]
 * @param {AbortSignal} [signal]
 */
async function send(method, path, body, signal) {
  const headers = session ? { "X-Room-Token": session.token } : undefined;
  const url = `${path}${path.includes("?") ? "&" : "?"}lang=${language()}`;
  let answer;
  try {
    answer = await fetch(url, { method, headers, body, signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure({ code: "offline", message: words("offline") });
  }
  if (!answer.ok) throw new Failure(await told(answer));
  return answer;
}

/** @param {Response} answer */
async function told(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return { code: `HTTP ${answer.status}`, message: words("offline") };
  }
}

/** The connection broke in the middle of an answer. @param {unknown} error @returns {never} */
function lost(error) {
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  throw new Failure({ code: "offline", message: words("offline") });
}

/** @param {string} key */
function words(key) {
  return say(TEXTS[language()], key);
}

/** Server-sent events of a stream, as [name, data]. @param {ReadableStream<Uint8Array> | null} stream */
async function* events(stream) {
  if (!stream) return;
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read().catch(lost);
    if (done) return;
    text += value;
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const name = /^event: (.*)$/m.exec(part)?.[1];
      const data = /^data: (.*)$/m.exec(part)?.[1];
      if (name && data) yield /** @type {[string, any]} */ ([name, JSON.parse(data)]);
    }
  }
}
