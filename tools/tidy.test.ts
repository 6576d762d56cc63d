import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { type Source, source } from './tidy/source.ts';
import { line, tidy } from './tidy.ts';

const paragraph =
  '// What this folder is for, in one sentence long enough to mean something, and what it never does.\n';

function file(path: string, ...lines: string[]): Source {
  return source(path, paragraph + lines.join('\n'));
}

function found(...sources: Source[]): string[] {
  return tidy(sources, []).map((problem) => `${problem.path}:${problem.line} ${problem.rule}`);
}

const one: { name: string; path: string; code: string[]; want: string[] }[] = [
  { name: 'a plain file', path: 'core/src/a.ts', code: ['export const a = 1;'], want: [] },
  {
    name: 'a file called helpers',
    path: 'sdk/src/helpers.ts',
    code: [],
    want: ['sdk/src/helpers.ts:1 name'],
  },
  {
    name: 'a folder called utils',
    path: 'sdk/src/utils/a.ts',
    code: [],
    want: ['sdk/src/utils/a.ts:1 name'],
  },
  { name: 'a name that contains one', path: 'sdk/src/shared-secret.ts', code: [], want: [] },
  { name: '400 lines', path: 'sdk/src/a.ts', code: Array(399).fill('x;'), want: [] },
  {
    name: '401 lines',
    path: 'sdk/src/a.ts',
    code: Array(400).fill('x;'),
    want: ['sdk/src/a.ts:401 long-file'],
  },
  {
    name: 'a barrel',
    path: 'gateway/src/store/index.ts',
    code: ["export * from './store.ts';"],
    want: ['gateway/src/store/index.ts:2 barrel'],
  },
  { name: 'a package’s face', path: 'core/src/index.ts', code: ["export * from './a.ts';"], want: [] },
  {
    name: 'an import over several lines',
    path: 'core/src/a.ts',
    code: ['import {', '  b,', "} from '@countersign/sdk';"],
    want: ['core/src/a.ts:2 import'],
  },
  {
    name: 'the clock in core',
    path: 'core/src/a.ts',
    code: ['Date.now();'],
    want: ['core/src/a.ts:2 impure-core'],
  },
  { name: 'a date from an argument', path: 'core/src/a.ts', code: ['new Date(now_ms);'], want: [] },
  { name: 'the clock in a comment', path: 'core/src/a.ts', code: ['// not Date.now()'], want: [] },
  { name: 'the clock in a test', path: 'core/src/a.test.ts', code: ['Date.now();'], want: [] },
  {
    name: 'chance in core',
    path: 'core/src/a.ts',
    code: ['Math.random();'],
    want: ['core/src/a.ts:2 impure-core'],
  },
  {
    name: 'a buffer in core',
    path: 'core/src/a.ts',
    code: ['Buffer.from(a);'],
    want: ['core/src/a.ts:2 impure-core'],
  },
  { name: 'the clock in the gateway', path: 'gateway/src/a.ts', code: ['Date.now();'], want: [] },
];

for (const { name, path, code, want } of one) {
  test(`one file: ${name}`, () => assert.deepEqual(found(file(path, ...code)), want));
}

const gateway = (path: string): string => posix.join('gateway/src', path);
const imports: { from: string; to: string; allowed: boolean }[] = [
  { from: 'main.ts', to: './protocols/index.ts', allowed: true },
  { from: 'main.ts', to: './store/sqlite/open.ts', allowed: true },
  { from: 'front.ts', to: './api/api.ts', allowed: true },
  { from: 'front.ts', to: './protocols/index.ts', allowed: false },
  { from: 'requests/a.ts', to: '../front.ts', allowed: false },
  { from: 'api/a.ts', to: '../protocols/index.ts', allowed: false },
  { from: 'protocols/index.ts', to: './mcp/a.ts', allowed: true },
  { from: 'protocols/mcp/a.ts', to: '../protocol.ts', allowed: true },
  { from: 'protocols/mcp/a.ts', to: '../http/b.ts', allowed: false },
  { from: 'protocols/mcp/a.ts', to: './codec/b.ts', allowed: true },
  { from: 'protocols/mcp/a.ts', to: '../../channels/web/b.ts', allowed: false },
  { from: 'protocols/mcp/a.ts', to: '../../enforce/enforce.ts', allowed: true },
  { from: 'protocols/mcp/a.ts', to: '../../store/store.ts', allowed: false },
  { from: 'channels/web/a.ts', to: '../../audit/audit.ts', allowed: false },
  { from: 'api/a.ts', to: '../requests/requests.ts', allowed: true },
  { from: 'api/a.ts', to: '../store/store.ts', allowed: false },
  { from: 'enforce/a.ts', to: '../requests/open.ts', allowed: true },
  { from: 'enforce/a.ts', to: '../protocols/mcp/b.ts', allowed: false },
  { from: 'enforce/a.ts', to: '../protocols/protocol.ts', allowed: true },
  { from: 'requests/a.ts', to: '../enforce/enforce.ts', allowed: false },
  { from: 'audit/a.ts', to: '../store/store.ts', allowed: true },
  { from: 'store/a.ts', to: '../requests/open.ts', allowed: false },
  { from: 'config/config.ts', to: '../protocols/mcp/config.ts', allowed: true },
  { from: 'config/config.ts', to: '../protocols/mcp/proxy.ts', allowed: false },
  { from: 'masking/a.ts', to: '../clock.ts', allowed: true },
  { from: 'clock.ts', to: './store/store.ts', allowed: false },
  { from: 'novelty/a.ts', to: '../clock.ts', allowed: false },
  { from: 'store/a.ts', to: '../../../core/src/a.ts', allowed: false },
  { from: 'store/a.ts', to: '@countersign/core', allowed: true },
  { from: 'store/a.test.ts', to: '../api/b.ts', allowed: true },
  { from: '../testing/rig.ts', to: '../src/store/store.ts', allowed: true },
  { from: 'store/a.ts', to: '../../testing/rig.ts', allowed: false },
  { from: 'api/a.ts', to: './testing/rig.ts', allowed: false },
  { from: 'api/testing/rig.ts', to: '../../store/store.ts', allowed: true },
];

test('a port is named from below by type only', () => {
  const by = (words: string): string[] =>
    found(file(gateway('store/a.ts'), `${words} from '../api/ports.ts';`));
  assert.deepEqual(by('import type { X }'), []);
  assert.deepEqual(by('import { x }'), ['gateway/src/store/a.ts:2 import']);
  assert.deepEqual(by('import { type X }'), ['gateway/src/store/a.ts:2 import']);
});

for (const { from, to, allowed } of imports) {
  test(`gateway: ${from} ${allowed ? 'may' : 'may not'} import ${to}`, () => {
    const want = allowed ? [] : [`${gateway(from)}:2 import`];
    assert.deepEqual(found(file(gateway(from), `import type { X } from '${to}';`)), want);
    assert.deepEqual(found(file(gateway(from), `const late = await import('${to}');`)), want);
  });
}

test('a circle of imports is found once, also when only types go round', () => {
  const a = file('core/src/a.ts', "import { b } from './b.ts';");
  const b = file('core/src/b.ts', "import { c } from './c.ts';");
  const c = file('core/src/c.ts', "import type { A } from './a.ts';");
  assert.deepEqual(found(a, b, c), ['core/src/a.ts:1 import-cycle']);
  assert.deepEqual(found(a, b), []);
});

test('a folder holds twelve files, tests not counted', () => {
  const files = Array.from({ length: 12 }, (_, at) => file(`sdk/src/f${at}.ts`));
  assert.deepEqual(found(...files, file('sdk/src/f1.test.ts')), []);
  assert.deepEqual(found(...files, file('sdk/src/more.ts')), ['sdk/src:1 crowded-folder']);
});

test('the first file of a folder introduces it, and only that file must', () => {
  const bare = source('gateway/src/store/store.ts', 'export const a = 1;');
  const other = source('gateway/src/store/append.ts', 'export const a = 1;');
  assert.deepEqual(found(bare, other), ['gateway/src/store/store.ts:1 introduction']);
  assert.deepEqual(found(file('gateway/src/store/store.ts'), other), []);
  assert.deepEqual(found(source('gateway/src/store/store.ts', '// short')), [
    'gateway/src/store/store.ts:1 introduction',
  ]);
});

test('an exception forgives one rule in one place, and must go when it forgives nothing', () => {
  const bad = file('sdk/src/helpers.ts', "export * from './a.ts';");
  const why = 'moves with the next release';
  const exception = { path: bad.path, rule: 'name', why };
  assert.deepEqual(tidy([bad], [exception]).map(line), [
    'sdk/src/helpers.ts:2 barrel: import from where it is declared; only a package’s src/index.ts hands on',
  ]);
  const clean = file('sdk/src/a.ts');
  assert.deepEqual(tidy([clean], [exception]).map(line), [
    'tools/tidy.exceptions.json:1 exception: sdk/src/helpers.ts no longer breaks name: remove the exception',
  ]);
  const silent = tidy([file('sdk/src/helpers.ts')], [{ ...exception, why: '' }]);
  assert.equal(silent[0]?.rule, 'exception');
});
