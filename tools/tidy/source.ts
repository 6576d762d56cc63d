// Reads the tree once and gives every rule the same view of it: path, text, text without comments and
// strings, imports. Sources are what we wrote: not node_modules, dist, testdata, nor vectors.
import { globSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';

export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly advice: string;
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import type`: a promise about shapes, gone when it runs. */
  readonly typeOnly: boolean;
  /** `export … from`: the file hands on what another declares. */
  readonly handedOn: boolean;
}

export interface Source {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const places = '{core,sdk,gateway,console,conformance,bench,tools,test}/**/*.{ts,tsx,mjs}';
const foreign = new Set(['node_modules', 'dist', 'testdata', 'vectors']);

export function readSources(root: string): Source[] {
  const paths = globSync(places, {
    cwd: root,
    exclude: (entry) => foreign.has(entry.split(sep).at(-1) ?? ''),
  });
  return paths
    .map((path) => path.split(sep).join(posix.sep))
    .sort()
    .map((path) => source(path, readFileSync(join(root, path), 'utf8')));
}

export function source(path: string, text: string): Source {
  return { path, text, imports: importsOf(text) };
}

/** Tests, and what only tests stand on: none of it is published. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$|\/contract\.ts$|^[a-z]+\/(src\/api\/)?testing\//.test(path);
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

// Biome's format makes these regular: a statement starts its line, a dynamic import names a literal.
const statement = /^(import|export)\b(\s+type\b)?(?:[^'"`;=(]*?\bfrom\s*)?\s*'([^'\n]+)'/gm;
const dynamic = /\bimport\(\s*'([^'\n]+)'\s*\)/g;

function importsOf(text: string): Import[] {
  const still = [...text.matchAll(statement)].map((match) => ({
    specifier: match[3] ?? '',
    typeOnly: match[2] !== undefined,
    line: lineAt(text, match.index),
    handedOn: match[1] === 'export',
  }));
  const late = [...text.matchAll(dynamic)].map((match) => ({
    specifier: match[1] ?? '',
    typeOnly: false,
    line: lineAt(text, match.index),
    handedOn: false,
  }));
  return [...still, ...late];
}

const prose = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** Comments and the insides of strings become spaces, so that a rule about code does not read prose. */
export function codeOnly(text: string): string {
  return text.replace(prose, blank);
}

export function withoutComments(text: string): string {
  return text.replace(prose, (found) => (found.startsWith('/') ? blank(found) : found));
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
