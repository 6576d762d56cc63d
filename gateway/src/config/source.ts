/**
 * Step one of reading the configuration: the file as written, with a line for every key. Strict YAML: no duplicate
 * keys, no aliases, no tags, bounded size. Errors say file, line, key, what is wrong and how to mend it.
 */
import { readFileSync } from 'node:fs';
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { yamlWordingOf } from './problems/wording.ts';

export const CONFIG_BYTES_MAX = 1_048_576;

export type ConfigProblem = {
  readonly file: string;
  /** 1-based; 0 when the problem has no place in the file. */
  readonly line: number;
  /** Dotted path, `upstreams.files.mcp`. */
  readonly key: string;
  readonly message: string;
};

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

export function formatProblem({ file, line, key, message }: ConfigProblem): string {
  const place = line === 0 ? file : `${file}:${line}`;
  return key === '' ? `${place}: ${message}` : `${place}: ${key}: ${message}`;
}

export type ConfigSource = {
  readonly file: string;
  readonly value: unknown;
  lineOf(path: readonly PropertyKey[]): number;
};

export function readConfigSource(file: string): ConfigSource {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'there is no such file; run: countersign init'
        : `cannot read it (${String((cause as NodeJS.ErrnoException).code)})`;
    throw new ConfigError([{ file, line: 0, key: '', message: why }]);
  }
  return parseConfigSource(file, text);
}

export function parseConfigSource(file: string, text: string): ConfigSource {
  const refuse = (line: number, message: string): never => {
    throw new ConfigError([{ file, line, key: '', message }]);
  };
  if (Buffer.byteLength(text) > CONFIG_BYTES_MAX) refuse(0, `has more than ${CONFIG_BYTES_MAX} bytes`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    strict: true,
    version: '1.2',
  });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined)
    refuse(lines.linePos(error.pos[0]).line, yamlWordingOf(error.code, firstLine(error.message)));
  visit(document, {
    // No aliases: a short file must not become a large value.
    Alias: (_, node) => refuse(lineAt(lines, node), 'uses a YAML alias (“*name”); write the value out'),
    Pair: (_, { key }) =>
      isScalar(key) || !isNode(key)
        ? undefined
        : refuse(lineAt(lines, key), 'has a list or a map where a key must be; write a word'),
    // As a key of a plain object it would vanish, and what it names with it (A6).
    Scalar: (key, node) =>
      key === 'key' && node.value === '__proto__'
        ? refuse(lineAt(lines, node), '__proto__: is no name for a key')
        : undefined,
  });
  return {
    file,
    value: document.toJS({ maxAliasCount: 0 }),
    lineOf: (at) => lineOf(document.contents, at, lines),
  };
}

const lineAt = (lines: LineCounter, node: { range?: readonly number[] | null }): number =>
  lines.linePos(node.range?.[0] ?? 0).line;

const firstLine = (text: string): string => text.split('\n', 1)[0]?.replace(/ at line \d+.*$/, '') ?? text;

function lineOf(root: unknown, at: readonly PropertyKey[], lines: LineCounter): number {
  let node = root;
  let offset = isNode(root) ? (root.range?.[0] ?? 0) : 0;
  for (const key of at) {
    if (!isMap(node)) break;
    const pair = node.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
    );
    if (pair === undefined) break;
    if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return lines.linePos(offset).line;
}
