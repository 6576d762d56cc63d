// How the pages speak to the gateway they came from: same origin, the session's cookie, and its token with every change.
// @ts-check
import { visible } from '/pages/core/display/visible.js';

/** @param {string} id */
export function part(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** What came from elsewhere, with every invisible or misleading character written out (A3). @param {string} text */
export const shown = (text) => visible(text).text;

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {string} [text]
 * @param {string} [kind] class
 */
export function element(name, text = '', kind = '') {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind !== '') made.className = kind;
  return made;
}

/** What the gateway refused, in its own words. */
export class Refused extends Error {
  /** @param {string} detail @param {string} kind */
  constructor(detail, kind) {
    super(detail);
    this.kind = kind;
  }
}

let csrf = '';

/**
 * @param {string} path
 * @param {{ readonly method?: string, readonly body?: object }} [message]
 */
async function ask(path, { method = 'GET', body } = {}) {
  const headers = new Headers();
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (method !== 'GET') headers.set('x-countersign-csrf', csrf);
  const text = body === undefined ? null : JSON.stringify(body);
  const response = await fetch(path, { method, headers, body: text });
  if (response.status === 204) return undefined;
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Refused(answer.detail ?? 'The gateway refused.', String(answer.type).split(':').at(-1) ?? '');
}

/** @param {string} path */
export const get = (path) => ask(path);
/** @param {string} path @param {object} [body] */
export const post = (path, body) =>
  ask(path, body === undefined ? { method: 'POST' } : { method: 'POST', body });

/**
 * Who is signed in; undefined when nobody is.
 * @returns {Promise<import('@countersign/sdk').Me | undefined>}
 */
export async function whoAmI() {
  try {
    const me = await get('/api/me');
    csrf = me.csrf ?? '';
    return me;
  } catch (error) {
    if (error instanceof Refused && error.kind === 'not_signed_in') return undefined;
    throw error;
  }
}

/** @param {unknown} error */
export function complain(error) {
  part('problem').textContent = wordsOf(error);
  part('problem').hidden = false;
}

/** @param {unknown} error */
function wordsOf(error) {
  if (error instanceof DOMException) {
    if (error.name === 'NotAllowedError') return 'Nothing was signed: it was cancelled, or took too long.';
    if (error.name === 'InvalidStateError') return 'This authenticator already has a passkey of yours here.';
    return `The browser could not use a passkey here (${error.name}).`;
  }
  if (error instanceof TypeError) return 'The gateway cannot be reached. Try again.';
  return error instanceof Error ? shown(error.message) : 'Something broke in this page.';
}

/**
 * Runs on a press, one at a time; what goes wrong is said on the page.
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} run
 */
export function onPress(button, run) {
  button.onclick = async () => {
    part('problem').hidden = true;
    button.disabled = true;
    try {
      await run();
    } catch (error) {
      complain(error);
    } finally {
      button.disabled = false;
    }
  };
}

/** Nobody is signed in: says so, and where to; a provider sends them back to this page. */
export function sendToSignIn() {
  const link = /** @type {HTMLAnchorElement} */ (part('to-sign-in'));
  link.href = `/sign-in?${new URLSearchParams({ to: location.pathname })}`;
  part('out').hidden = false;
}

/** Starts a page: its `main` runs, and what stops it is said. @param {() => Promise<void>} main */
export async function start(main) {
  part('host').textContent = location.host;
  try {
    await main();
  } catch (error) {
    complain(error);
  }
}

/** @param {number} at */
export const when = (at) =>
  new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
