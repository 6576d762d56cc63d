/**
 * One human under several names, told from what must never say who somebody is: an e-mail address, an issuer spelled
 * otherwise. Who is found so is barred with whom they may be (I4, A13); nobody signs in, owns or acts by it.
 */
import type { Person } from '@countersign/core';
import { loosely } from '../../config/sign-in.ts';
import type { Roster } from './roster.ts';

/** Names whose answer is kept: few are asked about, again and again. */
const TOLD_MAX = 4_096;

/** By name: ids of everyone it may mean. Made when it is first asked, once a directory. */
export function doublesOf(
  people: ReadonlyMap<string, Person>,
  roster: Roster,
): (name: string) => readonly string[] {
  let made: ReadonlyMap<string, readonly Person[]> | undefined;
  const namesOf = ({ id, accounts }: Person): readonly string[] => {
    const email = roster.people.get(id)?.email ?? undefined;
    return [id, ...accounts, ...(email === undefined ? [] : [email])].map(loosely);
  };
  const byName = (): ReadonlyMap<string, readonly Person[]> => {
    if (made !== undefined) return made;
    const found = new Map<string, Person[]>();
    for (const person of people.values()) {
      for (const name of new Set(namesOf(person))) {
        const held = found.get(name);
        if (held === undefined) found.set(name, [person]);
        else held.push(person);
      }
    }
    made = found;
    return found;
  };
  const find = (name: string): readonly string[] => {
    const all = byName();
    const first = all.get(loosely(name)) ?? [];
    // Whoever it names, and whoever shares another name with them.
    const found = first.flatMap((person) => [
      person,
      ...namesOf(person).flatMap((each) => all.get(each) ?? []),
    ]);
    return [...new Set(found.map(({ id }) => id))];
  };
  const told = new Map<string, readonly string[]>();
  return (name) => {
    const known = told.get(name);
    if (known !== undefined) return known;
    const found = find(name);
    if (told.size >= TOLD_MAX) told.clear();
    told.set(name, found);
    return found;
  };
}
