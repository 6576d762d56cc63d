/**
 * The few pages people see before there is a console: signing in, and where to review a request. Static files, no
 * inline script or style, and no GET that changes anything: a link opened by a mail scanner consumes nothing (A16).
 */
import { readFileSync } from 'node:fs';
import { createCoreModules } from './core-modules.ts';

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const FILES: { readonly [path: string]: readonly [file: string, content_type: string] } = {
  '/pages/sign-in.js': ['sign-in.js', JAVASCRIPT],
  '/pages/request.js': ['request.js', JAVASCRIPT],
  '/pages/passkeys.js': ['passkeys.js', JAVASCRIPT],
  '/pages/gateway.js': ['gateway.js', JAVASCRIPT],
  '/pages/draw.js': ['draw.js', JAVASCRIPT],
  '/pages/sign.js': ['sign.js', JAVASCRIPT],
  '/pages/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/favicon.svg': ['favicon.svg', 'image/svg+xml'],
};
const REQUEST_PAGE = /^\/requests\/req_[0-9A-HJKMNP-TV-Z]{26}$/;

export function pages(): (path: string) => Promise<Response | undefined> {
  const files = new Map(
    Object.entries(FILES).map(([path, [file, content_type]]) => [path, { body: read(file), content_type }]),
  );
  files.set('/sign-in', page('sign-in', 'Sign in'));
  const request = page('request', 'Review');
  files.set('/passkeys', page('passkeys', 'Passkeys'));
  const core = createCoreModules();
  return async (path) => {
    const found = REQUEST_PAGE.test(path) ? request : files.get(path);
    const module = found === undefined ? core(path) : undefined;
    const body = found?.body ?? module;
    if (body === undefined) return undefined;
    return new Response(body, {
      headers: { 'content-type': found?.content_type ?? JAVASCRIPT, 'cache-control': 'no-cache' },
    });
  };
}

const read = (file: string): string => readFileSync(new URL(`./pages/${file}`, import.meta.url), 'utf8');

/** Why somebody was not signed in, and what helps. Sentences of ours, and their own account where they must pass it on. */
export function failurePage(
  { reason, account }: { readonly reason: string; readonly account?: string },
  [status, what, fix]: readonly [status: number, what: string, fix: string],
): Response {
  const own = account === undefined ? '' : `<p>Your account:</p><pre><code>${escaped(account)}</code></pre>`;
  const slots = { reason: escaped(reason), what: escaped(what), fix: escaped(fix), account: own };
  return new Response(filled(FAILURE.body, slots), {
    status,
    headers: { 'content-type': FAILURE.content_type, 'cache-control': 'no-store' },
  });
}

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

/** `NAME.html` is what stands inside `page.html`; its script is `NAME.js`. */
function page(name: string, title: string): Page {
  const script = name === 'failure' ? '' : `<script src="/pages/${name}.js" type="module"></script>`;
  const body = filled(read('page.html'), { script, title, main: read(`${name}.html`) });
  return { body, content_type: 'text/html; charset=utf-8' };
}
type Page = { readonly body: string; readonly content_type: string };

const FAILURE = page('failure', 'Not signed in');
