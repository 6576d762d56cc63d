/** Who is told that glass was broken: operators and the agent's owner always, and whoever the rules name. Never who broke it. */
import { type Directory, isSeatedBy, type Person, type Principal } from '@countersign/core';
import type { StoredGlass } from './stored.ts';

type Broken = Pick<StoredGlass, 'person' | 'terms'>;
type Of = { readonly principal: Principal; readonly directory: Directory };

/** As of today: whoever joins a group is told too, and whoever leaves need not acknowledge. */
export function isTold(who: Person, { person, terms }: Broken, { principal, directory }: Of): boolean {
  if (!who.active || who.id === person) return false;
  if (isSeatedBy(who, 'role:operator') || terms.notify.some((by) => isSeatedBy(who, by))) return true;
  return [principal.owner, directory.ownerOf(principal.agent)].includes(who.id);
}

export const toldOf = (broken: Broken, of: Of): readonly Person[] =>
  [...of.directory.people()].filter((who) => isTold(who, broken, of));
