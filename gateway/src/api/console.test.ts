import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { astray, CONSOLE_PLACES, type Console, createConsole } from './console.ts';

const SCRIPT = 'export const a = 1;';

describe('the console’s files', () => {
  let folder: string;
  let console: Console;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'countersign-console-'));
    mkdirSync(path.join(folder, 'assets'));
    writeFileSync(path.join(folder, 'index.html'), '<meta property="csp-nonce" nonce="__NONCE__">');
    writeFileSync(path.join(folder, 'assets', 'a-1.js'), SCRIPT);
    writeFileSync(path.join(folder, 'assets', 'a-1.js.gz'), gzipSync(SCRIPT));
    writeFileSync(path.join(folder, '.made-of'), 'secret');
    console = createConsole(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('serves its page at each of its places, with a style nonce of its own each time', async () => {
    const nonces = new Set<string>();
    for (const place of ['/', '/requests/req_1', '/sign-in', '/policy/coverage']) {
      const response = console(place, '');
      assert.ok(response, place);
      const nonce = /nonce="([^"]+)"/.exec(await response.text())?.[1] ?? '';
      assert.match(nonce, /^[A-Za-z0-9+/]{22}==$/);
      const csp = response.headers.get('content-security-policy') ?? '';
      assert.match(csp, /script-src 'self';/);
      assert.ok(csp.includes(`style-src 'self' 'nonce-${nonce}'`));
      assert.doesNotMatch(csp, /unsafe/);
      assert.equal(response.headers.get('cache-control'), 'no-store');
      nonces.add(nonce);
    }
    assert.equal(nonces.size, 4);
  });

  it('serves what was built by name only', () => {
    for (const asked of [
      '/assets/../index.html',
      '/assets/%2e%2e/.made-of',
      '/.made-of',
      '/index.html',
      '/nowhere',
      '/sign-in/x/callback',
      '/api/me',
      '//etc/passwd',
    ])
      assert.equal(console(asked, ''), undefined, asked);
  });

  it('has its page for people who went astray, and no page for programs', async () => {
    const status = (path: string, accept: string): number | undefined =>
      astray(console, { method: 'GET', path, accept })?.status;
    assert.equal(status('/nowhere', 'text/html,application/xhtml+xml,*/*;q=0.8'), 404);
    assert.equal(status('/api/nothing', 'text/html'), undefined);
    assert.equal(status('/assets/gone-1.js', 'text/html'), undefined);
    assert.equal(status('/nowhere', '*/*'), undefined);
    assert.equal(status('/nowhere', 'application/json'), undefined);
    assert.equal(astray(console, { method: 'POST', path: '/nowhere', accept: 'text/html' }), undefined);
    assert.equal(
      astray(createConsole(undefined), { method: 'GET', path: '/x', accept: 'text/html' }),
      undefined,
    );
  });

  it('packs what the browser can unpack, and keeps it for good', async () => {
    const plain = console('/assets/a-1.js', '');
    assert.equal(await plain?.text(), SCRIPT);
    assert.equal(plain?.headers.get('content-encoding'), null);
    const packed = console('/assets/a-1.js', 'deflate, gzip;q=0.8');
    assert.equal(packed?.headers.get('content-encoding'), 'gzip');
    assert.equal(packed?.headers.get('vary'), 'accept-encoding');
    assert.equal(gunzipSync(Buffer.from(await (packed as Response).arrayBuffer())).toString(), SCRIPT);
    assert.match(packed?.headers.get('cache-control') ?? '', /immutable/);
  });

  it('serves what was built since it started', async () => {
    writeFileSync(path.join(folder, 'assets', 'b-2.js'), SCRIPT);
    writeFileSync(path.join(folder, 'index.html'), 'anew');
    utimesSync(path.join(folder, 'index.html'), 1, 1);
    assert.equal(await console('/', '')?.text(), 'anew');
    assert.equal(await console('/assets/b-2.js', '')?.text(), SCRIPT);
  });

  it('knows the places of its router, and no others', () => {
    const routes = globSync('console/src/views/*/routes.ts', { cwd: root });
    const paths = routes.flatMap((file) =>
      [...readFileSync(path.join(root, file), 'utf8').matchAll(/^\s*path: '([^']+)'/gm)].map(
        (match) => match[1] ?? '',
      ),
    );
    const first = new Set(paths.filter((one) => one.startsWith('/')).map((one) => one.split('/')[1] ?? ''));
    assert.deepEqual([...first].sort(), [...CONSOLE_PLACES].sort());
  });
});
const root = path.join(import.meta.dirname, '../../..');

it('says what to do where it was not built', async () => {
  const response = createConsole(undefined)('/', '');
  assert.equal(response?.status, 503);
  assert.match((await response?.text()) ?? '', /npm run build/);
});
