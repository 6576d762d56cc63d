import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { CORE_ENTRIES } from './core-modules.ts';
import { pages } from './pages.ts';

const answer = pages();
const REQUEST = '/requests/req_01JD0000000000000000000042';
const PAGES = ['/sign-in', '/passkeys', REQUEST];
const IMPORT = /\bfrom '([^']+)'/g;

async function read(path: string): Promise<string> {
  const response = await answer(path);
  assert.ok(response, path);
  return response.text();
}

test('pages have no inline script, style or handler: the policy forbids them, and nothing needs them', async () => {
  for (const path of PAGES) {
    const html = await read(path);
    for (const tag of html.match(/<(script|style)\b[^>]*>/g) ?? [])
      assert.match(tag, /^<script src="\/pages\//, path);
    assert.doesNotMatch(html, /\s(style|on\w+)=/i, path);
    assert.doesNotMatch(html, /https?:/, 'nothing from elsewhere');
  }
});

test('what a page names is served, through every import, and every file is named', async () => {
  const named = new Set<string>();
  const follow = async (target: string): Promise<void> => {
    if (named.has(target)) return;
    named.add(target);
    const text = await read(target);
    if (!target.endsWith('.js')) return;
    for (const [, to = ''] of text.matchAll(IMPORT)) await follow(new URL(to, `http://x${target}`).pathname);
  };
  for (const path of PAGES)
    for (const [, target = ''] of (await read(path)).matchAll(/(?:src|href)="([^"]+\.\w+)"/g))
      await follow(target);
  const assets = readdirSync(new URL('./pages', import.meta.url)).filter((file) => !file.endsWith('.html'));
  const own = [...named].filter((target) => !target.startsWith('/pages/core/'));
  assert.deepEqual(own.map((target) => target.split('/').at(-1)).sort(), assets.sort());
});

test('pages judge by core itself: its modules are served as they are, without types, and nothing else of it', async () => {
  const asked = new Set<string>();
  for (const script of ['request', 'passkeys', 'gateway', 'draw', 'sign'])
    for (const [, to = ''] of (await read(`/pages/${script}.js`)).matchAll(IMPORT))
      if (to.startsWith('/pages/core/')) asked.add(to.slice('/pages/core/'.length, -'.js'.length));
  assert.deepEqual([...asked].sort(), [...CORE_ENTRIES].sort());
  const code = await read('/pages/core/signed-review/document.js');
  assert.match(code, /from '\/pages\/core\/sha256\/browser\.js'/);
  assert.doesNotMatch(code, /\.ts'|#sha256|export type/);
  for (const path of ['log/plan', 'index', '../package', 'sha256/node', 'signed-review/document.test'])
    assert.equal(await answer(`/pages/core/${path}.js`), undefined, path);
});

test('A16: the code is sent by the button alone', async () => {
  const script = await read('/pages/sign-in.js');
  const sends = script.indexOf("post('/api/sign-in'");
  assert.ok(sends > script.indexOf("onPress('browser'"));
  assert.equal(script.indexOf("post('/api/sign-in'", sends + 1), -1);
  assert.ok(script.includes('history.replaceState'), 'and leaves the address bar at once');
});

test('a page is whole: its own title, script and text', async () => {
  for (const [path, title, script] of [
    ['/sign-in', 'Sign in · Countersign', '/pages/sign-in.js'],
    [REQUEST, 'Review · Countersign', '/pages/request.js'],
    ['/passkeys', 'Passkeys · Countersign', '/pages/passkeys.js'],
  ] as const) {
    const html = await read(path);
    assert.ok(html.startsWith('<!doctype html>') && html.endsWith('</html>\n'), path);
    assert.ok(html.includes(`<title>${title}</title>`) && html.includes(`src="${script}"`), path);
    assert.match(html, /<main>\s*<section[\s\S]+<\/section>[\s\S]*<\/main>/, path);
    assert.doesNotMatch(html, /[{}]{2}/, path);
  }
});

test('only what is there is answered', async () => {
  for (const path of [
    '/',
    '/pages/',
    '/pages/sign-in.html',
    '/pages/page.html',
    '/pages/../pages.ts',
    '/requests/x',
    `${REQUEST}/x`,
  ]) {
    assert.equal(await answer(path), undefined, path);
  }
});
