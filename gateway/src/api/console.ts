/**
 * The console's built files, and its one page at each of its addresses. Only what was built is served, by name from a
 * list made at start, never by path; no GET changes anything, so that a link opened by a mail scanner consumes nothing
 * (A16). The page itself carries no data: what it shows it asks for, with the session of who looks.
 */
import { randomBytes } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentSecurityPolicy } from './http/site.ts';

const TYPES: { readonly [ending: string]: string } = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
};
/** First segments of the console's addresses; a test holds them to its router. */
export const CONSOLE_PLACES = [
  '',
  'account',
  'agents',
  'audit',
  'channels',
  'history',
  'insights',
  'people',
  'policy',
  'requests',
  'runs',
  'sign-in',
  'start',
  'upstreams',
] as const;

const NONCE_BYTES = 16;
/** Replaced in the page for each answer: styles made while editing are let in by it, scripts never are. */
const NONCE = '__NONCE__';
/** Named by their content, so they may be kept for good. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Beside the built gateway; in a clone, where the console's own build leaves it. */
const FOLDERS = ['../console/', '../../../console/dist/'];

/** Made beside each file by the build, the smaller first. */
const PACKED: readonly (readonly [coding: string, ending: string])[] = [
  ['br', '.br'],
  ['gzip', '.gz'],
];

/** `accepts` is what the browser said in Accept-Encoding. */
export type Console = (path: string, accepts: string) => Response | undefined;

/** `folder` is what `consoleFolder` found; without one each place says that there is none. */
export function createConsole(folder: string | undefined): Console {
  let built = folder === undefined ? undefined : readBuilt(folder);
  return (asked, accepts) => {
    const file = built?.files.get(asked);
    if (file !== undefined) return fileOf(file, asked, accepts);
    if (!isPlace(asked)) return undefined;
    if (folder === undefined || built === undefined) return notBuilt();
    // Built anew below a running gateway: the page and the files it names change together.
    if (madeAt(folder) !== built.made_at) built = readBuilt(folder);
    return built === undefined ? notBuilt() : pageOf(built.page);
  };
}

/** Where programs ask: nobody gets lost there. */
const NO_PLACES = /^\/(?:\.well-known|access|api|assets|channels|health|log|mcp|scim|sign-in)(?:\/|$)/;

/** The console's page where there is nothing, for somebody in a browser: it says so, and leads back. */
export function astray(
  console: Console,
  { method, path, accept }: { readonly method: string; readonly path: string; readonly accept: string },
): Response | undefined {
  if (method !== 'GET' || !accept.includes('text/html') || NO_PLACES.test(path)) return undefined;
  const page = console('/', '');
  return page?.ok === true ? new Response(page.body, { status: 404, headers: page.headers }) : undefined;
}

type Built = { readonly page: string; readonly made_at: number; readonly files: ReadonlyMap<string, File> };

const INDEX = 'index.html';
const madeAt = (folder: string): number | undefined =>
  statSync(path.join(folder, INDEX), { throwIfNoEntry: false })?.mtimeMs;

function readBuilt(folder: string): Built | undefined {
  const made_at = madeAt(folder);
  if (made_at === undefined) return undefined;
  return { page: readFileSync(path.join(folder, INDEX), 'utf8'), made_at, files: filesOf(folder) };
}

type File = {
  readonly path: string;
  readonly packed: readonly (readonly [coding: string, ending: string])[];
};

function fileOf(file: File, asked: string, accepts: string): Response {
  const offered = new Set(accepts.split(',').map((one) => one.split(';', 1)[0]?.trim()));
  const [coding, ending] = file.packed.find(([one]) => offered.has(one)) ?? [undefined, ''];
  const response = answer(readFileSync(file.path + ending), {
    type: TYPES[path.extname(file.path)] ?? '',
    cache: asked.startsWith('/assets/') ? IMMUTABLE : 'no-cache',
  });
  if (coding !== undefined) response.headers.set('content-encoding', coding);
  if (file.packed.length > 0) response.headers.set('vary', 'accept-encoding');
  return response;
}

const isPlace = (asked: string): boolean => {
  const first = asked.split('/', 2)[1] ?? '';
  // `/sign-in/{provider}/callback` is the API's.
  if (first === '') return asked === '/';
  return (CONSOLE_PLACES as readonly string[]).includes(first) && !asked.startsWith('/sign-in/');
};

export function consoleFolder(): string | undefined {
  const found = FOLDERS.map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
  return found.find((folder) => madeAt(folder) !== undefined);
}

function filesOf(folder: string): ReadonlyMap<string, File> {
  const names = globSync('**/*', { cwd: folder });
  const made = new Set(names);
  const files = names.filter((name) => TYPES[path.extname(name)] !== undefined);
  return new Map(
    files.map((name) => [
      `/${name.split(path.sep).join('/')}`,
      { path: path.join(folder, name), packed: PACKED.filter(([, ending]) => made.has(name + ending)) },
    ]),
  );
}

function pageOf(page: string): Response {
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  const response = answer(page.replace(NONCE, nonce), {
    type: 'text/html; charset=utf-8',
    cache: 'no-store',
  });
  response.headers.set('content-security-policy', contentSecurityPolicy({ style_nonce: nonce }));
  return response;
}

function notBuilt(): Response {
  const text =
    'The console is not built. In a clone run: npm run build\nThe same work can be done with the countersign command.\n';
  return new Response(text, { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

const answer = (
  body: BodyInit,
  { type, cache }: { readonly type: string; readonly cache: string },
): Response => new Response(body, { headers: { 'content-type': type, 'cache-control': cache } });
