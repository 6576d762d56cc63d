/**
 * As what a rule asks for somebody, read off their groups: for people to see, never to decide by. The gateway decides of
 * each request.
 */
import type { PolicyRule, Reviewer } from '@countersign/sdk';

export type Asked = { readonly kind: 'asked' | 'excluded'; readonly by: string };
type Who = Pick<Reviewer, 'id' | 'groups'>;

/** Undefined: it asks others, or nobody. Seats of an agent's own team depend on who asks, and are not told here. */
export function askedAs(who: Who, { asks }: Pick<PolicyRule, 'asks'>): Asked | undefined {
  const excluded = asks?.exclude.find((by) => fits(who, by));
  const by = asks?.by.find((each) => fits(who, each));
  if (by === undefined) return undefined;
  return excluded === undefined ? { kind: 'asked', by } : { kind: 'excluded', by: excluded };
}

function fits({ id, groups }: Who, by: string): boolean {
  if (by === 'anyone') return true;
  if (by.startsWith('group:')) return groups.includes(by.slice('group:'.length));
  if (by.startsWith('outside:')) return !groups.includes(by.slice('outside:'.length));
  return by === `person:${id}`;
}
