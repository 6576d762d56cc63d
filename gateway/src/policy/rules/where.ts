/**
 * Reads a rule's `where`: the indexed scope. Each key takes one value or a list; a value may end or begin with one `*`.
 * Leaving a key out means any value; there is no other way to say any.
 */
import { SCOPE_KEYS, type ScopeKey } from '@countersign/core';
import { likelySpelling } from '../../config/spelling.ts';
import { LIMITS } from '../limits.ts';
import { type Cursor, complain, readMap, readTexts } from '../yaml/cursor.ts';
import type { KnownNames } from './options.ts';
import { type Pattern, patternFits, type Where } from './rule.ts';

const KNOWN: { readonly [K in ScopeKey]?: Exclude<keyof KnownNames, 'members' | 'made'> } = {
  env: 'envs',
  class: 'classes',
  agent: 'agents',
  team: 'teams',
  upstream: 'upstreams',
};

export function readWhere(at: Cursor, known: KnownNames): Where | undefined {
  const fields = readMap(at, 'where', SCOPE_KEYS);
  if (fields === undefined) return undefined;
  const where: { [K in ScopeKey]?: readonly Pattern[] } = {};
  for (const key of SCOPE_KEYS) {
    const field = fields[key];
    if (field === undefined) continue;
    const names = KNOWN[key];
    const made = key === 'agent' ? known.made?.agents : key === 'team' ? known.made?.teams : undefined;
    const patterns = readPatterns(field, key, {
      known: names === undefined ? undefined : known[names],
      made: made ?? [],
    });
    if (patterns !== undefined) where[key] = patterns;
  }
  return where;
}

type Names = { readonly known: readonly string[] | undefined; readonly made: readonly string[] };

/** Could a name that begins so fit the pattern? */
function couldBegin(pattern: Pattern, head: string): boolean {
  if (pattern.kind === 'suffix') return true;
  return pattern.text.startsWith(head) || (pattern.kind === 'prefix' && head.startsWith(pattern.text));
}

function readPatterns(at: Cursor, key: ScopeKey, { known, made }: Names): readonly Pattern[] | undefined {
  const limits = { entries_max: LIMITS.where_values_max, chars_max: LIMITS.where_value_chars_max };
  const texts = readTexts(at, key, limits);
  if (texts === undefined) return undefined;
  const patterns = texts.map(([text, place]) => {
    const pattern = readPattern(text, place, key);
    if (pattern !== undefined && known !== undefined && !made.some((head) => couldBegin(pattern, head)))
      checkKnown(pattern, place, { key, known });
    return pattern;
  });
  return patterns.every((pattern) => pattern !== undefined) ? patterns : undefined;
}

function readPattern(text: string, at: Cursor, key: ScopeKey): Pattern | undefined {
  const stars = text.split('*').length - 1;
  if (stars === 0) return { kind: 'exact', text };
  if (text === '*') return complain(at, { message: '"*" matches any value', fix: `leave ${key} out` });
  if (stars === 1 && text.endsWith('*')) return { kind: 'prefix', text: text.slice(0, -1) };
  if (stars === 1 && text.startsWith('*')) return { kind: 'suffix', text: text.slice(1) };
  return complain(at, {
    message: 'one * is allowed, at the beginning or the end',
    fix: 'write "write_*" or "*_admin", or list the values',
  });
}

function checkKnown(
  pattern: Pattern,
  at: Cursor,
  { key, known }: { key: ScopeKey; known: readonly string[] },
): void {
  if (known.some((name) => patternFits(pattern, name))) return;
  const likely = pattern.kind === 'exact' ? likelySpelling(pattern.text, known) : undefined;
  const shown =
    pattern.kind === 'prefix'
      ? `${pattern.text}*`
      : pattern.kind === 'suffix'
        ? `*${pattern.text}`
        : pattern.text;
  const fix = likely === undefined ? `known: ${known.slice(0, 20).join(', ') || 'none'}` : `write ${likely}`;
  complain(at, { message: `no ${key} is called "${shown}"`, likely, fix });
}
