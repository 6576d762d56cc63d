/**
 * The one page that is not the console's: why a provider's sign-in came to nothing. A static file with our own sentences
 * in it; no script, no inline style, and it must never carry a word of the provider's.
 */
import { readFileSync } from 'node:fs';

const STYLE = '/pages/failure.css';

const read = (file: string): string => readFileSync(new URL(`./pages/${file}`, import.meta.url), 'utf8');

export function pages(): (path: string) => Promise<Response | undefined> {
  const style = read('failure.css');
  return async (path) =>
    path === STYLE
      ? new Response(style, {
          headers: { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' },
        })
      : undefined;
}

/** Why somebody was not signed in, and what helps. Sentences of ours, and their own account where they must pass it on. */
export function failurePage(
  { reason, account }: { readonly reason: string; readonly account?: string },
  [status, what, fix]: readonly [status: number, what: string, fix: string],
): Response {
  const own = account === undefined ? '' : `<p>Your account:</p><pre><code>${escaped(account)}</code></pre>`;
  const slots = { reason: escaped(reason), what: escaped(what), fix: escaped(fix), account: own };
  return new Response(filled(FAILURE, slots), {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  });
}

const FAILURE = read('failure.html');

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const filled = (template: string, slots: { readonly [slot: string]: string }): string =>
  template.replaceAll(/\{\{(\w+)\}\}/g, (whole, slot: string) => slots[slot] ?? whole);
