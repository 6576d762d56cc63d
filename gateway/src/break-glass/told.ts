/** Who is told that glass was broken: operators and the agent's owner always, and whoever the rules name. Never who broke it. */
import { type Directory, isSeatedBy, type Person, type Principal } from '@countersign/core';
import type { StoredGlass } from './stored.ts';

type Broken = Pick<StoredGlass, 'person' | 'terms'>;
type Of = { readonly principal: Principal; readonly directory: Directory };

/** As of today: whoever joins a group is told too, and whoever leaves need not acknowledge. */
export function isTold(who: Person, { person, terms }: Broken, { principal, directory }: Of): boolean {
  if (!who.active || idOf(person, directory) === who.id) return false;
  if (isSeatedBy(who, 'role:operator') || terms.notify.some((by) => isSeatedBy(who, by))) return true;
  return [principal.owner, directory.ownerOf(principal.agent)].some(
    (owner) => owner !== null && owner !== undefined && idOf(owner, directory) === who.id,
  );
}

/** Who they are by now: an account that stands aside is told nothing, the human it is another name of is. */
const idOf = (name: string, directory: Directory): string => directory.personOfAccount(name)?.id ?? name;

export const toldOf = (broken: Broken, of: Of): readonly Person[] =>
  [...of.directory.people()].filter((who) => isTold(who, broken, of));
