// What the service answers. It is the only thing that this page asks.

/** A refusal of the service, in its own line. */
export class Refused extends Error {}

async function reply(response) {
  if (response.ok) return response;
  const text = await response.text();
  let line = text;
  try { line = JSON.parse(text).error ?? text; } catch { /* it is no JSON */ }
  throw new Refused(line);
}

export async function get(path) { return (await reply(await fetch(path, {headers: {Accept: 'application/json'}}))).json(); }

export async function post(path, body, accept = 'application/json', signal = undefined) {
  const response = await fetch(path, {
    method: 'POST', headers: {'Content-Type': 'application/json', Accept: accept}, body: JSON.stringify(body), signal
  });
  // A row that a solver refuses has a whole answer, which says so.
  const type = response.headers.get('Content-Type') ?? '';
  if (response.status === 400 && type.startsWith('application/json')) {
    const json = await response.json();
    if (json.error && !json.status) throw new Refused(json.error);
    return json;
  }
  await reply(response);
  return accept === 'application/json' ? response.json() : response.text();
}

const kept = new Map();
/** What does not change while the page is open. */
export function once(path) {
  if (!kept.has(path)) kept.set(path, get(path).catch(error => { kept.delete(path); throw error; }));
  return kept.get(path);
}

/**
 * Asks for the newest only: while one is asked, what comes in between is passed over. `done` gets what was asked last, in order.
 */
export function latest(ask, done, failed) {
  let busy = false, waiting = null;
  return async function run(question) {
    if (busy) { waiting = {question}; return; }
    busy = true;
    try { done(await ask(question), question); } catch (error) { failed(error, question); }
    busy = false;
    if (waiting) { const next = waiting.question; waiting = null; run(next); }
  };
}

/** Calls back once what is changed now is on the screen; soon, too, where nobody sees the page. */
export function afterPaint(then) {
  if (document.hidden) setTimeout(then);
  else requestAnimationFrame(() => setTimeout(then));
}

/** What others wait at: wait() holds from close() until the next open(). */
export function turnstile() {
  let held = null, letGo = null;
  return {
    close() { held ??= new Promise(done => { letGo = done; }); },
    open() { letGo?.(); held = letGo = null; },
    wait() { return held ?? Promise.resolve(); }
  };
}
