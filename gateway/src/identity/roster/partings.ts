/**
 * Who was one human under an account that has been unlinked since. Being taken apart frees nobody from what they asked
 * for, own or answered by then: for that they stay one, however often accounts were linked and unlinked (I4, A13). It
 * never says who somebody is, and lets nobody do anything.
 */
import { type Directory, namedBy } from '@countersign/core';
import { loosely } from '../../config/sign-in.ts';
import type { Parting } from './roster.ts';

type Named = Pick<Directory, 'personOfAccount' | 'mayAlsoBe'>;

/** Undefined where nobody was ever taken apart: then nothing is asked. */
export function partedOf(parted: readonly Parting[], directory: Named): Directory['onceAlso'] {
  if (parted.length === 0) return undefined;
  const byTime = parted.toSorted((a, b) => a.at - b.at);
  const endOf = remembered((name: string) => everyName(name, directory));
  /** By how many of them came too early to matter. */
  const humans = remembered((past: number) => humansOf(byTime.slice(past), endOf));
  return (name, since) => {
    const found = new Set<string>();
    const at = humans(firstAt(byTime, since));
    if (at.size > 0) for (const end of endOf(name)) for (const each of at.get(end) ?? []) found.add(each);
    return [...found];
  };
}

/** Everyone a name means, and the name itself as people spell it. */
function everyName(name: string, directory: Named): readonly string[] {
  const known = { ...directory, person: nobody, ownerOf: nobody, people: () => [] };
  return [...new Set([...namedBy(name, known, 0), loosely(name)])];
}

const nobody = (): undefined => undefined;

/** Each name with every other that was the same human, however many accounts lie between them. */
function humansOf(
  live: readonly Parting[],
  endOf: (name: string) => readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { person, account } of live) {
    const ends = [...endOf(person), ...endOf(account)];
    const one = new Set(ends.flatMap((end) => [end, ...(found.get(end) ?? [])]));
    for (const each of one) found.set(each, one);
  }
  return found;
}

/** The first that is not over by then; they come in the order of their times. */
function firstAt(byTime: readonly Parting[], since: number): number {
  let [low, high] = [0, byTime.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((byTime[middle]?.at ?? 0) < since) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Few are asked about, again and again. */
const KEPT_MAX = 4_096;

function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  const kept = new Map<K, V>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, made);
    return made;
  };
}
