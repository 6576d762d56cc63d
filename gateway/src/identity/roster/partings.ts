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
  const ends = new Map<string, ReadonlySet<string>>();
  /** Everyone a name means, and the name itself as people spell it. */
  const endOf = (name: string): ReadonlySet<string> => {
    const known = ends.get(name);
    if (known !== undefined) return known;
    const ids = namedBy(name, { ...directory, person: nobody, ownerOf: nobody, people: () => [] }, 0);
    const found = new Set([...ids, loosely(name)]);
    if (ends.size < NAMES_KEPT_MAX) ends.set(name, found);
    return found;
  };
  return (name, since) => {
    const live = parted.filter(({ at }) => at >= since);
    if (live.length === 0) return [];
    const found = new Set(endOf(name));
    for (let before = 0; before < found.size; ) {
      before = found.size;
      for (const { person, account } of live) {
        const both = new Set([...endOf(person), ...endOf(account)]);
        if (!both.isDisjointFrom(found)) for (const each of both) found.add(each);
      }
    }
    return [...found];
  };
}

const nobody = (): undefined => undefined;
/** Few are asked about, again and again. */
const NAMES_KEPT_MAX = 4_096;
