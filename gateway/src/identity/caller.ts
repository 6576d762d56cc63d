/** When two callers are one: the same agent, for the same person, by the same chain (I3). */
import { type Act, canonicalize, type Principal } from '@countersign/core';

/** What one of them opened or asked for is the other's. */
export const sameCaller = (one: Principal, other: Principal): boolean =>
  one.agent === other.agent &&
  one.subject.type === other.subject.type &&
  one.subject.id === other.subject.id &&
  written(one.act) === written(other.act);

/** A name only they have. An agent acting for itself goes by its own. */
export const callerName = ({ agent, subject, act }: Principal): string =>
  act === undefined ? agent : JSON.stringify([agent, subject.id, written(act)]);

/** The same of what a token said and of what was stored of it, whatever order its members came in. */
const written = (act: Act | undefined): string => (act === undefined ? '' : canonicalize(act));
