/**
 * What an operator may do to somebody providers made known: make them inactive, at once and alone, because it takes power
 * away; make them active again, which gives it back and is a change others may have to agree to (I13). People of the
 * configuration are changed there. Nobody changes themselves.
 */
import type { Accepted, PeopleAdmin, SetActive } from '../api/ports.ts';
import type { Authority } from '../authority/authority.ts';
import type { World } from '../authority/changes.ts';
import type { RosterChange, RosterChanges } from '../identity/roster/changes.ts';
import type { Agree, Agreement } from './agree.ts';

export type PeopleDeps = {
  readonly people: RosterChanges;
  readonly authority: Pick<Authority, 'current'>;
  readonly agree: Agree;
};

export const createPeopleAdmin = (deps: PeopleDeps): PeopleAdmin => ({
  setActive: (change) => setActive(deps, change),
});

const SELF = 'id: nobody changes themselves; ask another operator';
const CONFIGURED = 'id: this person is in the configuration; set active there';
const UNKNOWN = 'id: nobody has this id';

async function setActive({ people, authority, agree }: PeopleDeps, change: SetActive): Promise<Accepted> {
  const { person, active, by } = change;
  if (person === by) return { kind: 'refused', why: 'not_allowed', message: SELF };
  if (authority.current().directory.person(person) === undefined)
    return { kind: 'refused', why: 'unknown', message: UNKNOWN };
  const agreement = active
    ? await agree({ name: 'countersign.people.activate', by, resource: person, arguments: { person } })
    : undefined;
  if (agreement !== undefined && agreement.kind !== 'agreed') return agreement;
  const found: { there: boolean } = { there: false };
  const applied = await people.change((world) => {
    const held = world.roster.people.get(person);
    found.there = held !== undefined;
    return held === undefined || held.active === active ? undefined : made(world, change, agreement);
  });
  if (!found.there) return { kind: 'refused', why: 'wrong_state', message: CONFIGURED };
  return applied.ok ? { kind: 'done' } : { kind: 'refused', why: 'wrong_state', message: applied.why };
}

function made(
  { roster }: World,
  { person, active, by }: SetActive,
  agreement: Extract<Agreement, { readonly kind: 'agreed' }> | undefined,
): RosterChange | undefined {
  const held = roster.people.get(person);
  if (held === undefined) return undefined;
  return {
    edit: { people: [{ ...held, active }] },
    person,
    by,
    predicate: {
      change: active ? 'person activated' : 'person deactivated',
      person,
      ...(agreement === undefined ? {} : { review: agreement.review }),
    },
    ...(agreement === undefined ? {} : { beside: agreement.beside }),
  };
}
