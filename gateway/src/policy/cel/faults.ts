/** What can be wrong with one call or value of a condition, in words that say what to write instead. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { likelySpelling } from '../../config/spelling.ts';
import { FUNCTIONS, INSTEAD, isPlainPath, LOOPS, METHODS, prepareRegex } from './functions.ts';

export type Said = { readonly message: string; readonly likely?: string | undefined; readonly fix?: string };

const CALLABLE = [...METHODS.keys(), ...LOOPS.keys(), ...FUNCTIONS.keys()];

export function unknownCall(name: string): Said {
  const instead = INSTEAD.get(name);
  const likely = instead === undefined ? likelySpelling(name, CALLABLE) : undefined;
  const fix =
    instead ?? (likely === undefined ? `conditions can call: ${CALLABLE.join(', ')}` : `write ${likely}`);
  return { message: `conditions cannot call "${name}"`, likely, fix };
}

/** Functions whose second argument must be written out, so that it is checked and compiled once, at load. */
export function literalFault(name: string, argument: ASTNode | undefined): Said | undefined {
  const literal = argument?.op === 'value' && typeof argument.args === 'string' ? argument.args : undefined;
  if (name === 're2') return patternFault(literal);
  if (name === 'path_inside' && (literal === undefined || !isPlainPath(literal))) {
    const message = 'path_inside needs its folder as a literal absolute path without . or ..';
    return { message, fix: 'write path_inside(path, "/srv/data")' };
  }
  return undefined;
}

function patternFault(pattern: string | undefined): Said | undefined {
  if (pattern === undefined) {
    return { message: 're2 needs its pattern as literal text', fix: 'write re2(text, "pattern")' };
  }
  try {
    prepareRegex(pattern);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const fix = 'RE2 has no look-around or back-references; in YAML quotes double each backslash';
    return { message: `not an RE2 pattern: ${why}`, fix };
  }
}

export function valueFault(values: readonly string[], value: unknown): Said | undefined {
  if (typeof value !== 'string' || values.includes(value)) return undefined;
  const fix = `it is one of: ${values.join(', ')}`;
  return { message: `this fact is never "${value}"`, likely: likelySpelling(value, values), fix };
}

type Lure = { readonly when: RegExp; readonly says: (text: string) => Said };

/** Tests that look tight and are not. Advice only: a rule may mean them. */
const LURES: { readonly [method: string]: readonly Lure[] } = {
  startsWith: [
    {
      when: /^\//,
      says: (text) => ({
        message: `a path can begin with "${text}" and lead elsewhere: ${text.replace(/\/$/, '')}/../etc`,
        fix: `write path_inside(…, "${text.replace(/(.)\/$/, '$1')}")`,
      }),
    },
    {
      when: /^https?:\/\/[^/]*$/,
      says: (text) => ({
        message: `a URL can begin with "${text}" and go elsewhere: ${text}.evil.test`,
        fix: `write url_host(…) == "${text.replace(/^https?:\/\//, '')}"`,
      }),
    },
  ],
  endsWith: [
    {
      when: /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
      says: (text) => ({
        message: `a name can end with "${text}" and be another: evil${text}`,
        fix: `compare the whole with ==, or with an "@" or "." before ${text}`,
      }),
    },
  ],
};

export function lure(method: string, argument: ASTNode | undefined): Said | undefined {
  const text = argument?.op === 'value' && typeof argument.args === 'string' ? argument.args : undefined;
  if (text === undefined) return undefined;
  if (method === 're2') {
    if (/^\^|^\\A/.test(text) && /\$$|\\z$/.test(text)) return undefined;
    return {
      message: 're2 finds its pattern anywhere in the text',
      fix: 'write ^ before it and $ behind it',
    };
  }
  return LURES[method]?.find(({ when }) => when.test(text))?.says(text);
}
