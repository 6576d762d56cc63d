import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pointAtBuilt } from './build.ts';

const table: { name: string; code: string; want: string | RegExp }[] = [
  {
    name: 'a worker beside the module',
    code: "new Worker(new URL('./worker.ts', import.meta.url), { name: 'store' })",
    want: "new Worker(new URL('./worker.js', import.meta.url), { name: 'store' })",
  },
  {
    name: 'over two lines',
    code: 'new URL(\n  "../a/b.ts", import.meta.url)',
    want: 'new URL(\n  "../a/b.js", import.meta.url)',
  },
  { name: 'resolve', code: "import.meta.resolve('./a.ts')", want: "import.meta.resolve('./a.js')" },
  {
    name: 'another asset',
    code: "new URL('./first.sql', import.meta.url)",
    want: "new URL('./first.sql', import.meta.url)",
  },
  { name: 'prose about a .ts file', code: '// see a.ts, or x/b.ts', want: '// see a.ts, or x/b.ts' },
  { name: 'a path in a comment', code: '/** starts `./x.ts` */', want: '/** starts `./x.ts` */' },
  { name: 'a path nobody rewrites', code: "join(here, './worker.ts')", want: /still names '\.\/worker\.ts'/ },
  { name: 'a path in a template', code: 'load(`./worker.ts`)', want: /still names/ },
];

for (const { name, code, want } of table) {
  test(`built modules name built modules: ${name}`, () => {
    if (typeof want === 'string') assert.equal(pointAtBuilt(code, 'dist/a.js'), want);
    else assert.throws(() => pointAtBuilt(code, 'dist/a.js'), want);
  });
}
