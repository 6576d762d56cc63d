import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { pages } from './pages.ts';

const answer = pages();
const REQUEST = '/requests/req_01JD0000000000000000000042';

async function read(path: string): Promise<string> {
  const response = await answer(path);
  assert.ok(response, path);
  return response.text();
}

test('pages have no inline script, style or handler: the policy forbids them, and nothing needs them', async () => {
  for (const path of ['/sign-in', REQUEST]) {
    const html = await read(path);
    for (const tag of html.match(/<(script|style)\b[^>]*>/g) ?? [])
      assert.match(tag, /^<script src="\/pages\//, path);
    assert.doesNotMatch(html, /\s(style|on\w+)=/i, path);
    assert.doesNotMatch(html, /https?:/, 'nothing from elsewhere');
  }
});

test('what a page names is served, and every file is named', async () => {
  const named = new Set<string>();
  for (const path of ['/sign-in', REQUEST]) {
    for (const [, target = ''] of (await read(path)).matchAll(/(?:src|href)="([^"]+)"/g)) {
      await read(target);
      // Links to pages lead to people's places; what pages are made of are files.
      if (target !== '/sign-in') named.add(target.split('/').at(-1) ?? '');
    }
  }
  const assets = readdirSync(new URL('./pages', import.meta.url)).filter((file) => !file.endsWith('.html'));
  assert.deepEqual([...named].sort(), assets.sort());
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
