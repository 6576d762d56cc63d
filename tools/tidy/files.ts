// Rules one file can break by itself: its name, its length, barrels, and impurity in core.
import { posix } from 'node:path';
import { codeOnly, isTest, lineAt, type Problem, type Source } from './source.ts';

export const linesMax = 400;

// These names say where a thing was left, not what it is.
const emptyNames = /^(utils?|helpers?|commons?|shared|misc|managers?)$/i;

// A barrel hides where things live; each package has one, which is its public face.
const barrels = /^[^/]+\/src\/index\.ts$/;

// What core may not know: the time, chance, the outside (STYLE habit 5). They arrive as arguments.
const impure: readonly { pattern: RegExp; name: string }[] = [
  { pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b/g, name: 'the clock' },
  { pattern: /\bMath\.random\b|\bgetRandomValues\b|\brandomUUID\b/g, name: 'randomness' },
  { pattern: /\bfetch\(|\bnew WebSocket\b|\bXMLHttpRequest\b/g, name: 'the network' },
  { pattern: /\bprocess\.|\bBuffer\b|\bsetTimeout\b|\bsetInterval\b|\bconsole\./g, name: 'its host' },
];

// The one file of core that may use Node: the same function as sha256/browser.ts, faster.
export const nodeOnly = 'core/src/sha256/node.ts';

export function fileProblems(file: Source): Problem[] {
  return [...nameProblems(file), ...lengthProblems(file), ...barrelProblems(file), ...purityProblems(file)];
}

function nameProblems({ path }: Source): Problem[] {
  const bad = path.split('/').find((part) => emptyNames.test(part.split('.')[0] ?? ''));
  if (bad === undefined) return [];
  return [{ path, line: 1, rule: 'name', advice: `call it by what it holds, not "${bad}"` }];
}

function lengthProblems({ path, text }: Source): Problem[] {
  const lines = text.replace(/\n$/, '').split('\n').length;
  if (lines <= linesMax) return [];
  return [
    { path, line: linesMax + 1, rule: 'long-file', advice: `${lines} lines; split it below ${linesMax}` },
  ];
}

function barrelProblems({ path, imports }: Source): Problem[] {
  if (barrels.test(path)) return [];
  const advice = 'import from where it is declared; only a package’s src/index.ts hands on';
  return imports.filter((one) => one.handedOn).map(({ line }) => ({ path, line, rule: 'barrel', advice }));
}

function purityProblems({ path, text }: Source): Problem[] {
  if (!path.startsWith('core/src/') || isTest(path) || path === nodeOnly) return [];
  const code = codeOnly(text);
  return impure.flatMap(({ pattern, name }) =>
    [...code.matchAll(pattern)].map((match) => ({
      path,
      line: lineAt(code, match.index),
      rule: 'impure-core',
      advice: `${match[0].trim()} reaches for ${name}; take it as an argument (${posix.dirname(path)} runs anywhere)`,
    })),
  );
}
