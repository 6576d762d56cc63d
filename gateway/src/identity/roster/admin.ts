/**
 * What an operator may do to somebody of the roster: make them inactive, or active again. People of the configuration
 * are changed there. Nobody changes themselves: who was made inactive does not come back by their own hand (I13).
 */
import type { RosterChanges } from './changes.ts';

export type PeopleAdmin = {
  setActive(change: SetActive): Promise<SetActiveOutcome>;
};
export type SetActive = {
  readonly person: string;
  readonly active: boolean;
  readonly by: string;
};
export type SetActiveOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly why: 'unknown' | 'configured' | 'self' | 'not_committed' };

export const createPeopleAdmin = (people: RosterChanges): PeopleAdmin => ({
  async setActive({ person, active, by }) {
    if (person === by) return { kind: 'refused', why: 'self' };
    const found: { why?: 'unknown' | 'configured' } = {};
    const applied = await people.change(({ config, roster }) => {
      const held = roster.people.get(person);
      delete found.why;
      if (held === undefined) {
        found.why = Object.hasOwn(config.people, person) ? 'configured' : 'unknown';
        return undefined;
      }
      if (held.active === active) return undefined;
      return {
        edit: { people: [{ ...held, active }] },
        person,
        by,
        predicate: { change: active ? 'person activated' : 'person deactivated', person },
      };
    });
    if (found.why !== undefined) return { kind: 'refused', why: found.why };
    return applied.ok ? { kind: 'done' } : { kind: 'refused', why: 'not_committed' };
  },
});
