// The console as the gateway serves it: console/dist, built when what it is made of has changed. `npm start`, the tests
// and `npm run build` come through here. Beside the files stand the licences of what was built in, which travel with them.
import { createHash } from 'node:crypto';
import { existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'console');
const stamp = join(folder, 'dist', '.made-of');
const sources = [
  'console/{src,public}/**',
  'console/{index.html,vite.config.ts,package.json}',
  '{core,sdk}/src/**',
];

/** Only when it is not there, or was made of something else. */
export async function ensureConsole(): Promise<void> {
  const made_of = digest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === made_of) return;
  // Only here: it takes a moment to load.
  const { build } = await import('vite');
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  await build({ root: folder, logLevel: 'warn' });
  writeFileSync(join(folder, 'dist', 'licences.txt'), licences(join(folder, 'package.json')));
  pack(join(folder, 'dist'));
  writeFileSync(stamp, made_of);
}

/** Once here instead of at each visit: what packs well, packed as well as it goes. */
function pack(dist: string): void {
  for (const name of globSync('**/*.{js,css,svg,txt}', { cwd: dist })) {
    const bytes = readFileSync(join(dist, name));
    if (bytes.length < PACK_BYTES_MIN) continue;
    writeFileSync(join(dist, `${name}.br`), brotliCompressSync(bytes));
    writeFileSync(join(dist, `${name}.gz`), gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
  }
}
const PACK_BYTES_MIN = 1024;

function digest(): string {
  const hash = createHash('sha256');
  const files = sources.flatMap((pattern) => globSync(pattern, { cwd: root, withFileTypes: true }));
  const paths = files.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  for (const path of paths.filter((one) => !/\.test\.tsx?$/.test(one)).sort())
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** Only what builds is not in what was built. */
const builders = new Set(['vite', '@vitejs/plugin-react']);

function licences(manifest: string): string {
  const texts = new Map<string, string>();
  const waiting = dependenciesOf(manifest).filter((name) => !builders.has(name));
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const home = join(root, 'node_modules', name);
    if (texts.has(name) || !existsSync(home)) continue;
    const file = readdirSync(home).find((one) => /^(licen[cs]e|copying)/i.test(one));
    texts.set(
      name,
      file === undefined ? `licence: ${licenceOf(home)}` : readFileSync(join(home, file), 'utf8'),
    );
    waiting.push(...dependenciesOf(join(home, 'package.json')));
  }
  const parts = [...texts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${name}\n\n${text.trim()}\n`);
  return `The console is built with the following.\n\n${parts.join(`\n${'-'.repeat(72)}\n\n`)}`;
}

type Manifest = { readonly dependencies?: Record<string, string>; readonly license?: string };
const read = (manifest: string): Manifest => JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
const dependenciesOf = (manifest: string): string[] =>
  Object.keys(read(manifest).dependencies ?? {}).filter((name) => !name.startsWith('@countersign/'));
const licenceOf = (home: string): string => read(join(home, 'package.json')).license ?? 'not said';

if (import.meta.main) await ensureConsole();
