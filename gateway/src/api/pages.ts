/**
 * The few pages people see before there is a console: signing in, and where to review a request. Static files, no
 * inline script or style, and no GET that changes anything: a link opened by a mail scanner consumes nothing (A16).
 */
import { readFileSync } from 'node:fs';

const FILES: { readonly [path: string]: readonly [file: string, content_type: string] } = {
  '/sign-in': ['sign-in.html', 'text/html; charset=utf-8'],
  '/pages/sign-in.js': ['sign-in.js', 'text/javascript; charset=utf-8'],
  '/pages/request.js': ['request.js', 'text/javascript; charset=utf-8'],
  '/pages/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/favicon.svg': ['favicon.svg', 'image/svg+xml'],
};
const REQUEST_PAGE = /^\/requests\/req_[0-9A-HJKMNP-TV-Z]{26}$/;

export function pages(): (path: string) => Promise<Response | undefined> {
  const read = ([file, content_type]: readonly [string, string]) => ({
    body: readFileSync(new URL(`./pages/${file}`, import.meta.url), 'utf8'),
    content_type,
  });
  const files = new Map(Object.entries(FILES).map(([path, file]) => [path, read(file)] as const));
  const request = read(['request.html', 'text/html; charset=utf-8']);
  return async (path) => {
    const page = REQUEST_PAGE.test(path) ? request : files.get(path);
    if (page === undefined) return undefined;
    return new Response(page.body, {
      headers: { 'content-type': page.content_type, 'cache-control': 'no-cache' },
    });
  };
}
