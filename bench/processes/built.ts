/**
 * The product as it is published: `dist/`, plain JavaScript, built when the sources are newer. Run from its sources the
 * gateway carries a compiler and everything that one compiled, some 70 MB that nobody who installs it has.
 */
import { globSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, packages } from '../../tools/build.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const entry = fileURLToPath(new URL('../../gateway/dist/cli/main.js', import.meta.url));

/** The command's module, up to date. @throws Error when the sources do not compile */
export async function builtCommand(): Promise<string> {
  const built_ms = statSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(
    packages.map((name) => `${name}/{src/**,package.json,tsconfig.build.json}`),
    { cwd: root, withFileTypes: true },
  );
  const isNewer = sources.some(
    (each) => each.isFile() && statSync(`${each.parentPath}/${each.name}`).mtimeMs > built_ms,
  );
  if (isNewer) await build();
  return entry;
}
