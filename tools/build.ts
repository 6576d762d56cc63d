// `npm run build`: dist/ of the three packages as they are published, .js and .d.ts, in the order they
// need each other. What is not TypeScript (SQL, sample files, YAML) is copied as it is. Nothing here may
// change what the code does: it runs from src/ in a clone and from dist/ when installed, alike.
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureConsole } from './console.ts';
import { withoutComments } from './tidy/source.ts';

export const packages = ['core', 'sdk', 'gateway'] as const;

const root = fileURLToPath(new URL('..', import.meta.url));

export async function build(): Promise<void> {
  for (const name of packages) rmSync(join(root, name, 'dist'), { recursive: true, force: true });
  try {
    for (const name of packages) {
      compile(name);
      const files = finish(join(root, name));
      console.log(`built ${name}: ${files} modules`);
    }
    await ensureConsole();
    cpSync(join(root, 'console/dist'), join(root, 'gateway/dist/console'), { recursive: true });
    console.log('built console');
  } catch (error) {
    // tsc writes what it could: newer than the sources, and taken for whole by whoever looks at times.
    for (const name of packages) rmSync(join(root, name, 'dist'), { recursive: true, force: true });
    throw error;
  }
}

function compile(name: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, name, 'tsconfig.build.json')], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${name} does not compile, for the reasons above`);
}

function finish(folder: string): number {
  for (const asset of globSync('src/**', {
    cwd: folder,
    exclude: ['**/testdata', '**/*.{ts,tsx,md}'],
  })) {
    if (statSync(join(folder, asset)).isFile())
      cpSync(join(folder, asset), join(folder, asset.replace(/^src/, 'dist')));
  }
  const modules = globSync('dist/**/*.js', { cwd: folder });
  for (const path of modules) {
    const file = join(folder, path);
    writeFileSync(file, pointAtBuilt(readFileSync(file, 'utf8'), path));
  }
  return modules.length;
}

// tsc turns `import './a.ts'` into './a.js'; a worker's `new URL('./worker.ts', import.meta.url)` it leaves.
const moduleUrl = /(new URL\(\s*|import\.meta\.resolve\(\s*)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;
const leftover = /(['"`])\.{1,2}\/[^'"`\s]+\.ts\1/;

/** @throws when a path to a .ts file remains, which would fail only once installed. */
export function pointAtBuilt(code: string, path: string): string {
  const built = code.replace(moduleUrl, '$1$2$3.js$2');
  const missed = leftover.exec(withoutComments(built));
  if (missed)
    throw new Error(`${path} still names ${missed[0]}; write it as new URL('./x.ts', import.meta.url)`);
  return built;
}

if (import.meta.main) await build();
