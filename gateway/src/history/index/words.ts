/**
 * Text as words to be found by: letters and digits in one case, everything else between them gone. What is written
 * without spaces (Han, kana, Hangul) is one word a character, so that a part of it is found too. Pure, and bounded.
 */
import { createHash } from 'node:crypto';
import { isJsonArray, isJsonObject, type Json } from '@countersign/core';
import type { Wanted } from '../../store/search.ts';

const WORD_CHARACTERS_MAX = 64;
/** Of one call; further words are not found. */
const WORDS_MAX = 600;
/** Of one call; later text is not read. */
const TEXT_CHARACTERS_MAX = 32 * 1024;
/** Of one search, in all: stretches of as many each would keep everybody who reads waiting for seconds (I15). */
const WANTED_MAX = 16;

const PARTS = /[\p{L}\p{N}\p{M}]+/gu;
const ALONE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

export function wordsOf(text: string): readonly string[] {
  const spaced = text.normalize('NFKC').toLowerCase().replaceAll(ALONE, ' $& ');
  return [...spaced.matchAll(PARTS)].map(([word]) => word.slice(0, WORD_CHARACTERS_MAX).toWellFormed());
}

/** Every string, number and name in a value, in order. */
function* textsIn(value: Json): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (isJsonArray(value)) for (const item of value) yield* textsIn(item);
  else if (isJsonObject(value))
    for (const [name, item] of Object.entries(value)) {
      yield name;
      yield* textsIn(item);
    }
}

/** The words of names and values, apart by spaces, as a search table takes them. */
export function document(values: Iterable<Json>): string {
  const words: string[] = [];
  let characters = 0;
  for (const value of values)
    for (const text of textsIn(value)) {
      words.push(...wordsOf(text.slice(0, TEXT_CHARACTERS_MAX - characters)));
      characters += text.length;
      if (characters >= TEXT_CHARACTERS_MAX || words.length >= WORDS_MAX)
        return words.slice(0, WORDS_MAX).join(' ');
    }
  return words.join(' ');
}

/**
 * What calls are filtered by and does not change: it stands among the words a call is found by. What changes would be dear
 * there, and is looked up in columns (`calls/driver.ts`).
 */
export const TERMS = [
  'agent',
  'subject',
  'owner',
  'team',
  'upstream',
  'env',
  'action',
  'resource',
  'class',
  'risk',
  'decision',
  'trail',
  'rule',
] as const;
export type Term = (typeof TERMS)[number];

/** One word for a name of a kind, whatever the name: no other name makes it, and no text does by accident. */
export const termOf = (kind: Term, name: string): string =>
  `x${createHash('sha256').update(`${kind}:${name}`).digest('hex').slice(0, 24)}`;

type Named = { readonly [kind in Exclude<Term, 'rule'>]?: string | null } & {
  readonly rules: readonly string[];
};

export function termsOf({ rules, ...named }: Named): string {
  const one = TERMS.flatMap((kind) => {
    const name = kind === 'rule' ? undefined : named[kind];
    return name === undefined || name === null ? [] : [termOf(kind, name)];
  });
  return [...one, ...rules.map((rule) => termOf('rule', rule))].join(' ');
}

/** What somebody typed: each stretch without spaces as its words, next to each other; the last may go on. Empty: nothing in it can be searched. */
export function wantedOf(text: string): readonly Wanted[] {
  const parts = text.trim().split(/\s+/u).map(wordsOf);
  let left = WANTED_MAX;
  const wanted: Wanted[] = parts
    .map((all) => {
      const words = all.slice(0, left);
      left -= words.length;
      return { column: 'words', words };
    })
    .filter(({ words }) => words.length > 0);
  const last = wanted.at(-1);
  return last === undefined || /\s$/u.test(text)
    ? wanted
    : [...wanted.slice(0, -1), { ...last, begins: true }];
}
