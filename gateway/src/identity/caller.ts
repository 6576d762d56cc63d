/** When two callers are one: the same agent, for the same person, by the same chain (I3). */
import type { Principal } from '@countersign/core';

/** What one of them opened or asked for is the other's. */
export const sameCaller = (one: Principal, other: Principal): boolean =>
  one.agent === other.agent &&
  one.subject.type === other.subject.type &&
  one.subject.id === other.subject.id &&
  JSON.stringify(one.act) === JSON.stringify(other.act);

/** A name only they have. An agent acting for itself goes by its own. */
export const callerName = ({ agent, subject, act }: Principal): string =>
  act === undefined ? agent : JSON.stringify([agent, subject.id, act]);
