/**
 * `core` for the pages: the very modules that the gateway and the command line judge by, served file by file, so that a
 * page shows, digests and checks nothing in a way of its own. In a clone they are TypeScript and are stripped of types
 * here; installed, they are what was built. Only what the pages' own imports lead to is served.
 */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

/** Where pages import it from. */
const BASE = '/pages/core/';

/** What the pages' scripts import directly; a test holds them to it. */
export const CORE_ENTRIES = [
  'display/lines',
  'display/visible',
  'encoding/base64',
  'encoding/hex',
  'encoding/utf8',
  'json/canonical',
  'review/eligibility',
  'sha256/browser',
  'signed-review/document',
  'wire/sealed',
] as const;

const MODULES_MAX = 200;
const SPECIFIER = /(?<=\b(?:from|import)\s+['"])(?:#sha256|\.{1,2}\/[^'"]+)(?=['"])/g;

/** Path → JavaScript. Read once, when the first page asks. */
export function createCoreModules(): (path: string) => string | undefined {
  let modules: ReadonlyMap<string, string> | undefined;
  return (path) => {
    if (!path.startsWith(BASE)) return undefined;
    modules ??= readModules();
    return modules.get(path);
  };
}

function readModules(): ReadonlyMap<string, string> {
  const root = new URL('.', import.meta.resolve('@countersign/core'));
  const ending = import.meta.resolve('@countersign/core').slice(-3);
  const modules = new Map<string, string>();
  const waiting: string[] = [...CORE_ENTRIES];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const path = `${BASE}${name}.js`;
    if (modules.has(path)) continue;
    if (modules.size >= MODULES_MAX)
      throw new RangeError(`pages lead to more than ${MODULES_MAX} modules of core`);
    const source = readFileSync(new URL(`${name}${ending}`, root), 'utf8');
    const code = ending === '.ts' ? stripTypeScriptTypes(source) : source;
    modules.set(
      path,
      code.replaceAll(SPECIFIER, (to) => {
        const found = pathOf(to, path);
        waiting.push(found.slice(BASE.length, -'.js'.length));
        return found;
      }),
    );
  }
  return modules;
}

/** Where a module's import leads; in a browser, hashing is the browser's. */
function pathOf(specifier: string, importer: string): string {
  if (specifier === '#sha256') return `${BASE}sha256/browser.js`;
  const { pathname } = new URL(specifier, `http://pages${importer}`);
  return pathname.replace(/\.[jt]s$/, '.js');
}
