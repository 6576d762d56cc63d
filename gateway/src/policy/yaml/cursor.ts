/**
 * Reads typed values out of YAML nodes. Each reader reports what is wrong at the value's own place and answers
 * undefined; it never throws and never guesses.
 */
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { likelySpelling } from '../../config/spelling.ts';
import { report, type Said, type Source, type Span, spanOf } from './document.ts';

/** A place in a file: the node, and the rule and key it belongs to. */
export type Cursor = {
  readonly source: Source;
  readonly node: Node | null;
  readonly span: Span;
  readonly rule?: string | undefined;
  readonly key?: string | undefined;
};

export function cursorAt(
  source: Source,
  node: Node | null,
  within?: Pick<Cursor, 'rule' | 'key' | 'span'>,
): Cursor {
  return {
    source,
    node,
    span: node === null ? (within?.span ?? spanOf(node)) : spanOf(node),
    rule: within?.rule,
    key: within?.key,
  };
}

export function complain(at: Cursor, said: Said, span: Span = at.span): undefined {
  report(at.source, span, { ...said, rule: at.rule, key: at.key });
  return undefined;
}

export type Fields = { readonly [name: string]: Cursor | undefined };

/** A mapping with only the allowed keys. */
export function readMap(at: Cursor, what: string, allowed: readonly string[]): Fields | undefined {
  const entries = readEntries(at, what);
  if (entries === undefined) return undefined;
  const fields: { [name: string]: Cursor } = Object.create(null);
  for (const [name, value, keySpan] of entries) {
    if (allowed.includes(name)) fields[name] = value;
    else unknownKey(value, { name, keySpan, what, allowed });
  }
  return fields;
}

type UnknownKey = {
  readonly name: string;
  readonly keySpan: Span;
  readonly what: string;
  readonly allowed: readonly string[];
};

function unknownKey(at: Cursor, { name, keySpan, what, allowed }: UnknownKey): void {
  const likely = likelySpelling(name, allowed);
  const fix = likely === undefined ? `the keys of ${what} are: ${allowed.join(', ')}` : `write ${likely}`;
  complain(at, { message: `${what} has no key "${name}"`, likely, fix }, keySpan);
}

export type Entry = readonly [name: string, value: Cursor, keySpan: Span];

/** A mapping with any keys. */
export function readEntries(at: Cursor, what: string): readonly Entry[] | undefined {
  if (!isMap(at.node))
    return complain(at, { message: `${what} must be a mapping`, fix: 'write it as "key: value" lines' });
  return at.node.items.map((pair): Entry => {
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    const keySpan = spanOf(pair.key as Node | null);
    const within = { rule: at.rule, key: at.key === undefined ? name : `${at.key}.${name}`, span: keySpan };
    return [name, cursorAt(at.source, pair.value as Node | null, within), keySpan];
  });
}

export function readList(at: Cursor, what: string, limit: number): readonly Cursor[] | undefined {
  if (!isSeq(at.node))
    return complain(at, { message: `${what} must be a list`, fix: 'write it as "- item" lines or [a, b]' });
  const items = at.node.items.map((item) => cursorAt(at.source, item as Node | null, at));
  if (items.length === 0)
    return complain(at, { message: `${what} is empty`, fix: 'leave the key out, or fill the list' });
  if (items.length > limit)
    return complain(at, { message: `${what} has more than ${limit} entries`, fix: 'split it' });
  return items;
}

export function readText(at: Cursor, what: string, chars_max: number): string | undefined {
  const value = isScalar(at.node) ? at.node.value : undefined;
  if (typeof value !== 'string')
    return complain(at, { message: `${what} must be text`, fix: 'put it in quotes' });
  if (value.trim() === '')
    return complain(at, { message: `${what} is empty`, fix: 'fill it in or leave the key out' });
  if (value.length > chars_max)
    return complain(at, { message: `${what} is longer than ${chars_max} characters`, fix: 'shorten it' });
  return value;
}

/** One text or a list of them. */
export function readTexts(
  at: Cursor,
  what: string,
  limits: { readonly entries_max: number; readonly chars_max: number },
): readonly (readonly [string, Cursor])[] | undefined {
  const items = isSeq(at.node) ? readList(at, what, limits.entries_max) : [at];
  if (items === undefined) return undefined;
  const texts = items.map((item) => [readText(item, what, limits.chars_max), item] as const);
  return texts.every((pair): pair is readonly [string, Cursor] => pair[0] !== undefined) ? texts : undefined;
}

export function readWhole(
  at: Cursor,
  what: string,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  const value = isScalar(at.node) ? at.node.value : undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= range.min && value <= range.max)
    return value;
  return complain(at, {
    message: `${what} must be a whole number from ${range.min} to ${range.max}`,
    fix: `for example: ${range.min}`,
  });
}

/** `true`, the only value a switch may have: leaving it out is the other one. */
export function readTrue(at: Cursor, what: string): true | undefined {
  if (isScalar(at.node) && at.node.value === true) return true;
  return complain(at, {
    message: `${what} can only be true`,
    fix: `write "${what}: true" or leave the key out`,
  });
}

export function readChoice<T extends string>(at: Cursor, what: string, choices: readonly T[]): T | undefined {
  const value = isScalar(at.node) ? at.node.value : undefined;
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const likely = typeof value === 'string' ? likelySpelling(value, choices) : undefined;
  return complain(at, {
    message: `${what} must be one of: ${choices.join(', ')}`,
    likely,
    fix: `write ${likely ?? choices[0] ?? ''}`,
  });
}
