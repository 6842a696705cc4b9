// What is taken elsewhere: a link, a config, a command line, a report, a table.
import {element, say} from '/elements.js';
import {post} from '/service.js';

/** The whole question in the part of the link that never leaves the browser. */
export function linkOf(state) {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  return '#q=' + btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function stateOf(hash) {
  if (!hash.startsWith('#q=')) return null;
  try {
    const text = atob(hash.slice(3).replaceAll('-', '+').replaceAll('_', '/'));
    const state = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, c => c.charCodeAt(0))));
    return state && typeof state === 'object' && ['solver', 'config', 'ask'].includes(state.kind) ? state : null;
  } catch {
    return null;
  }
}

/** A word as a shell takes it. */
function quoted(word) { return /^[\w.,:\/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`; }

function flagText(value) {
  if (Array.isArray(value)) return value.map(flagText).join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

export function commandOf(state, inputs) {
  const flags = Object.entries(inputs).filter(([, value]) => value !== undefined);
  if (state.kind === 'config')
    return ['ironlaw run', quoted(state.name), ...flags.map(([name, value]) => `--set ${quoted(`${name}=${flagText(value)}`)}`)].join(' ');
  const verb = state.kind === 'ask' ? 'ironlaw ask' : 'ironlaw solve';
  return [`${verb} ${state.name}`, ...flags.map(([name, value]) => `--${name.replaceAll('_', '-')} ${quoted(flagText(value))}`)].join(' ');
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    window.prompt(`Copy the ${what.toLowerCase()}:`, text);
  }
}

export function download(text, name, type) {
  const url = URL.createObjectURL(new Blob([text], {type}));
  const link = element('a', {href: url, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  say(`${name} saved`);
}

/** Asks the service for a file, and says what went wrong in its words. */
export async function downloadReply(path, body, accept, name) {
  try {
    download(await post(path, body, accept), name, accept);
  } catch (error) {
    say(error.message);
  }
}

export function button(text, act, attributes = {}) { return element('button', {type: 'button', onclick: act, ...attributes}, text); }
