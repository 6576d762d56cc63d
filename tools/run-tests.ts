// `npm test`: the checks, then every `*.test.ts` there is but those that stand apart. With arguments (`npm test -- core gateway/src/store`,
// Node's own --test-… flags too) it runs just the tests below those paths, for the inner loop.
import { globSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChecks, runOne, summarise } from './check.ts';
import { ensureConsole } from './console.ts';

const places = '{core,sdk,gateway,console,tools,test,conformance,bench}/**/*.test.ts';
const foreign = new Set(['node_modules', 'dist', 'testdata']);

// What takes minutes of its own, and the command that names it: the console in a browser, and gateways that are killed
// while a card is under way, which wait for leases to run out.
const apart: { readonly [command: string]: readonly string[] } = {
  'test:console': ['test/console/'],
  'test:killed': [
    'test/faults/cards/',
    'test/nodes/killed',
    'test/slack/killed',
    'test/teams/killed',
    'test/webhooks/killed',
  ],
};
const isApart = (path: string): boolean =>
  Object.values(apart).some((places) => places.some((place) => path.startsWith(place)));

// A file that takes longer hangs; two at a time, since test files start processes of their own.
const flags = ['--test', '--test-concurrency=2', '--test-timeout=180000', '--test-reporter=spec'];

export function testFiles(root: string, below: readonly string[]): string[] {
  const paths = globSync(places, {
    cwd: root,
    exclude: (entry) => foreign.has(entry.split(sep).at(-1) ?? ''),
  });
  const wanted = below.map((path) => path.replaceAll('\\', '/').replace(/^\.\/|\/$/g, ''));
  return paths
    .map((path) => path.split(sep).join('/'))
    .filter((path) =>
      wanted.length === 0 ? !isApart(path) : wanted.some((one) => path === one || path.startsWith(`${one}/`)),
    )
    .sort();
}

async function main(args: readonly string[]): Promise<void> {
  const below = args.filter((arg) => !arg.startsWith('-'));
  const own = args.filter((arg) => arg.startsWith('-'));
  const outcomes = args.length === 0 ? runChecks() : [];
  const files = testFiles(fileURLToPath(new URL('..', import.meta.url)), below);
  if (files.length === 0) {
    console.error(
      `no *.test.ts below ${below.join(', ') || 'any folder'}: name a folder or a test file from the root`,
    );
    process.exitCode = 1;
    return;
  }
  // What browsers are shown in tests is what users are.
  await ensureConsole();
  // Hundreds of processes load the same sources: compiled once, they take half the processor's time.
  process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(
    new URL('../node_modules/.cache/compiled', import.meta.url),
  );
  const tests = runOne(`tests (${files.length} files)`, [process.execPath, ...flags, ...own, ...files]);
  summarise([...outcomes, tests]);
  if (below.length > 0) return;
  for (const [command, places] of Object.entries(apart))
    console.log(`not run here: ${places.join(', ')} (npm run ${command})`);
}

if (import.meta.main) await main(process.argv.slice(2));
