/**
 * The few pages people see before there is a console: signing in, and where to review a request. Static files, no
 * inline script or style, and no GET that changes anything: a link opened by a mail scanner consumes nothing (A16).
 */
import { readFileSync } from 'node:fs';

const FILES: { readonly [path: string]: readonly [file: string, content_type: string] } = {
  '/pages/sign-in.js': ['sign-in.js', 'text/javascript; charset=utf-8'],
  '/pages/request.js': ['request.js', 'text/javascript; charset=utf-8'],
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
  return async (path) => {
    const found = REQUEST_PAGE.test(path) ? request : files.get(path);
    if (found === undefined) return undefined;
    return new Response(found.body, {
      headers: { 'content-type': found.content_type, 'cache-control': 'no-cache' },
    });
  };
}

const read = (file: string): string => readFileSync(new URL(`./pages/${file}`, import.meta.url), 'utf8');

/** `NAME.html` is what stands inside `page.html`; its script is `NAME.js`. */
function page(name: string, title: string): { readonly body: string; readonly content_type: string } {
  const slots = new Map([
    ['name', name],
    ['title', title],
    ['main', read(`${name}.html`)],
  ]);
  const body = read('page.html').replaceAll(/\{\{(\w+)\}\}/g, (_, slot: string) => slots.get(slot) ?? '');
  return { body, content_type: 'text/html; charset=utf-8' };
}
