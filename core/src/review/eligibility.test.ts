import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Principal } from '../evaluation.ts';
import { type Directory, isSeatedBy, type Person } from '../people.ts';
import {
  mergeSeats,
  PROOFS,
  proofMeets,
  type Requirement,
  type Seat,
  stackRequirements,
} from '../requirement.ts';
import { NO_DUTIES } from './duties.ts';
import { type Case, canBeReviewed, eligibility } from './eligibility.ts';
import { quorum, type Vote } from './quorum.ts';

const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  name: id,
  active: true,
  roles: ['reviewer'],
  groups: [],
  accounts: [],
  ...more,
});

const directoryOf = (
  people: readonly Person[],
  owners: { readonly [agent: string]: string } = {},
): Directory => ({
  person: (id) => people.find((each) => each.id === id),
  personOfAccount: (account) => people.find((each) => each.id === account || each.accounts.includes(account)),
  ownerOf: (agent) => owners[agent],
  people: () => people,
});

const seat = (by: Seat['by'], count = 1, proof: Seat['proof'] = 'session'): Seat => ({ by, count, proof });
const asks = (seats: readonly Seat[], more: Partial<Requirement> = {}): Requirement => ({
  seats,
  choices: [],
  exclude: [],
  within_ms: 1,
  valid_ms: 1,
  uses: 1,
  ...more,
});
const caseOf = (given: Pick<Case, 'principal' | 'requirement' | 'directory'>): Case => ({
  ...given,
  duties: NO_DUTIES,
  reviews: [],
  opened_at: 0,
  now: 0,
  upstream: 'files',
  resource: 'write',
});
const yes = (who: Person, proof: Vote['proof'] = 'session'): Vote => ({ person: who, proof });

const agentOf = (more: Partial<Principal> = {}): Principal => ({
  tenant: 't',
  agent: 'bot',
  owner: null,
  team: null,
  subject: { type: 'agent', id: 'bot' },
  ...more,
});

test('I4, A13: nobody reviews an action they are responsible for, whatever their role or account', () => {
  const ann = person('ann', {
    accounts: ['ann@example.com', 'slack:U1'],
    roles: ['reviewer', 'operator', 'auditor'],
  });
  const people = [ann, person('bob')];
  const act = (sub: string) => ({ iss: 'i', sub, sub_profile: 'ai_agent' as const });
  const table: readonly (readonly [string, Principal, { readonly [agent: string]: string }, string])[] = [
    ['the requester', agentOf({ subject: { type: 'identity', id: 'ann' } }), {}, 'requester'],
    [
      'the requester by another account',
      agentOf({ subject: { type: 'identity', id: 'slack:U1' } }),
      {},
      'requester',
    ],
    [
      'a person whose account is an agent id',
      agentOf({ subject: { type: 'agent', id: 'ann@example.com' } }),
      {},
      'requester',
    ],
    ['the owner in the credential', agentOf({ owner: 'ann' }), {}, 'owner'],
    ['the owner by an account', agentOf({ owner: 'ann@example.com' }), {}, 'owner'],
    ['the owner in the directory', agentOf(), { bot: 'ann' }, 'owner'],
    [
      'the owner of an agent along the chain',
      agentOf({ act: { ...act('bot'), act: act('inner') } }),
      { inner: 'ann' },
      'act_chain',
    ],
    ['a person in the chain', agentOf({ act: act('slack:U1') }), {}, 'act_chain'],
  ];
  for (const [name, principal, owners, why] of table) {
    const theCase = caseOf({
      principal,
      requirement: asks([seat('anyone')]),
      directory: directoryOf(people, owners),
    });
    assert.deepEqual(eligibility(ann, theCase), { eligible: false, why }, name);
    assert.deepEqual(eligibility(person('bob'), theCase), { eligible: true }, name);
  }
});

test('who else may not review, and in which order they are told', () => {
  const requirement = asks([seat('group:dba')], { exclude: ['group:interns'] });
  const table: readonly (readonly [string, Partial<Person>, string | undefined])[] = [
    ['fits', { groups: ['dba'] }, undefined],
    ['inactive', { groups: ['dba'], active: false }, 'inactive'],
    ['an operator is not a reviewer', { groups: ['dba'], roles: ['operator'] }, 'not_a_reviewer'],
    ['excluded', { groups: ['dba', 'interns'] }, 'excluded'],
    ['another group', { groups: ['sales'] }, 'no_seat'],
    ['a group whose name begins alike', { groups: ['dba2'] }, 'no_seat'],
  ];
  for (const [name, more, why] of table) {
    const got = eligibility(
      person('zoe', more),
      caseOf({ principal: agentOf(), requirement, directory: directoryOf([]) }),
    );
    assert.deepEqual(got, why === undefined ? { eligible: true } : { eligible: false, why }, name);
  }
});

test('A14, P9: a person fills one seat, however many groups or votes they have', () => {
  const ann = person('ann', { groups: ['dba', 'security'] });
  const bob = person('bob', { groups: ['security'] });
  const two = asks([seat('group:dba'), seat('group:security')]);
  assert.deepEqual(quorum(two, [yes(ann)]), { met: false, filled: 1, needed: 2 });
  assert.deepEqual(quorum(two, [yes(ann), yes(ann)]), { met: false, filled: 1, needed: 2 });
  assert.deepEqual(quorum(two, [yes(bob), yes(ann)]), { met: true, filled: 2, needed: 2 });
  assert.deepEqual(quorum(asks([seat('group:security', 2)]), [yes(ann), yes(bob)]), {
    met: true,
    filled: 2,
    needed: 2,
  });
});

test('no seats is no quorum', () => {
  assert.equal(quorum(asks([]), [yes(person('ann'))]).met, false);
  assert.equal(quorum(asks([], { choices: [{ rule: 'r', anyOf: [] }] }), [yes(person('ann'))]).met, false);
});

test('P2: an alternative merges with the seats of other rules, as a plain rule would', () => {
  const dba = person('ann', { groups: ['dba'] });
  const requirement = asks([seat('group:dba')], {
    choices: [{ rule: 'r', anyOf: [[seat('group:dba')], [seat('group:security', 2)]] }],
  });
  assert.deepEqual(quorum(requirement, [yes(dba)]), { met: true, filled: 1, needed: 1 });
});

test('I15: many rules with alternatives are weighed in bounded time', () => {
  const choices = Array.from({ length: 40 }, (_, at) => ({
    rule: `r${at}`,
    anyOf: [[seat(`group:a${at}`)], [seat(`group:b${at}`)], [seat('group:all')]],
  }));
  const all = person('ann', { groups: ['all'] });
  assert.deepEqual(quorum(asks([], { choices }), [yes(all)]), { met: true, filled: 1, needed: 1 });
});

const groups = ['a', 'b', 'c'] as const;
const anyone = fc
  .tuple(fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5'), fc.subarray([...groups]), fc.constantFrom(...PROOFS))
  .map(([id, some, proof]) => yes(person(id, { groups: some }), proof));
const votes = fc.uniqueArray(anyone, { maxLength: 5, selector: (vote) => vote.person.id });
const seats = fc
  .array(
    fc
      .tuple(
        fc.constantFrom<Seat['by'][]>('group:a', 'group:b', 'group:c', 'anyone', 'person:p1'),
        fc.integer({ min: 1, max: 2 }),
        fc.constantFrom(...PROOFS),
      )
      .map(([by, count, proof]) => seat(by, count, proof)),
    { maxLength: 3 },
  )
  .map(mergeSeats);
const requirement = fc
  .tuple(seats, fc.array(fc.array(seats, { minLength: 1, maxLength: 2 }), { maxLength: 2 }))
  .map(([fixed, sets]) => asks(fixed, { choices: sets.map((anyOf, at) => ({ rule: `r${at}`, anyOf })) }));

/** The definition, tried out: every way to seat people, one place each. */
function canFill(places: readonly Seat[], free: readonly Vote[]): boolean {
  const [place, ...rest] = places;
  if (place === undefined) return true;
  return free.some(
    (vote, at) =>
      isSeatedBy(vote.person, place.by) &&
      proofMeets(vote.proof, place.proof) &&
      canFill(rest, free.toSpliced(at, 1)),
  );
}
const placesOf = (list: readonly Seat[]): readonly Seat[] =>
  list.flatMap((each) => Array.from({ length: each.count }, () => each));

test('the quorum agrees with trying every way to seat people', () => {
  fc.assert(
    fc.property(seats, votes, (list, cast) => {
      const places = placesOf(list);
      assert.equal(quorum(asks(list), cast).met, places.length > 0 && canFill(places, cast));
    }),
  );
});

test('votes in any order count alike, and one more never unmeets a quorum', () => {
  fc.assert(
    fc.property(requirement, votes, anyone, (asked, cast, more) => {
      fc.pre(!cast.some((vote) => vote.person.id === more.person.id));
      const got = quorum(asked, cast);
      assert.deepEqual(quorum(asked, cast.toReversed()), got);
      assert.deepEqual(quorum(asked, [...cast, ...cast]), got);
      if (got.met) assert.ok(quorum(asked, [...cast, more]).met);
      assert.ok(got.filled <= cast.length && got.met === (got.filled === got.needed && got.needed > 0));
    }),
  );
});

test('of two votes by one person the better proven counts, in either order', () => {
  const ann = person('ann');
  const asked = asks([seat('anyone', 1, 'passkey')]);
  const [weak, strong] = [yes(ann, 'session'), yes(ann, 'passkey')];
  assert.ok(quorum(asked, [weak, strong]).met && quorum(asked, [strong, weak]).met);
});

test('P2: what meets a stack of requirements meets each of them', () => {
  fc.assert(
    fc.property(requirement, requirement, votes, (a, b, cast) => {
      if (!quorum(stackRequirements(a, b), cast).met) return;
      for (const one of [a, b]) {
        const asksNobody =
          one.seats.length === 0 &&
          one.choices.every((choice) => choice.anyOf.some((set) => set.length === 0));
        assert.ok(asksNobody || quorum(one, cast).met);
      }
    }),
  );
});

test('a request nobody could ever approve is known at once', () => {
  const ann = person('ann', { groups: ['dba'] });
  const bob = person('bob', { groups: ['dba'] });
  const need = (count: number) => asks([seat('group:dba', count, 'passkey')]);
  const owned = agentOf({ owner: 'ann' });
  const other = agentOf({ owner: 'cleo' });
  const table: readonly (readonly [string, Principal, Requirement, boolean])[] = [
    ['one of two', other, need(1), true],
    ['both of two', other, need(2), true],
    ['one of two, for an agent nobody owns (I4)', agentOf(), need(1), false],
    ['both of two, one of them the owner', owned, need(2), false],
    ['three of two', other, need(3), false],
    ['a group with nobody in it', other, asks([seat('group:nobody')]), false],
  ];
  for (const [name, principal, asked, want] of table) {
    assert.equal(
      canBeReviewed(caseOf({ principal, requirement: asked, directory: directoryOf([ann, bob]) })),
      want,
      name,
    );
  }
});
