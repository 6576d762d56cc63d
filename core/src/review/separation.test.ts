/** Separation of duties over random worlds: people, accounts, groups, chains, absences, changes, stages (I3–I5). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Act, actChain, type Principal } from '../evaluation.ts';
import { type Directory, isSeatedBy, type Person } from '../people.ts';
import { mergeSeats, type Requirement, type Seat, stagesOf } from '../requirement.ts';
import { type Delegation, isInForce, type RuleChange } from './duties.ts';
import { type Case, canBeReviewed, eligibility, standingVotes } from './eligibility.ts';
import { quorum, type Vote } from './quorum.ts';

const IDS = ['ann', 'bob', 'cas', 'dee', 'eve', 'fay'] as const;
const GROUPS = ['a', 'b'] as const;
const NOW = 1000;

const directoryOf = (people: readonly Person[], owners: { readonly [agent: string]: string }): Directory => ({
  person: (id) => people.find((each) => each.id === id),
  personOfAccount: (account) => people.find((each) => each.id === account || each.accounts.includes(account)),
  ownerOf: (agent) => (Object.hasOwn(owners, agent) ? owners[agent] : undefined),
  people: () => people,
});

const someone = fc.constantFrom(...IDS);
/** A person’s id, one of their accounts, or an agent. */
const name = fc.oneof(
  someone,
  someone.map((id) => `${id}@example.com`),
  fc.constantFrom('bot', 'helper'),
);

const people: fc.Arbitrary<readonly Person[]> = fc.tuple(
  ...IDS.map((id) =>
    fc.record({
      id: fc.constant(id),
      name: fc.constant(id),
      active: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
      roles: fc
        .integer({ min: 0, max: 5 })
        .map((n): Person['roles'] => (n > 0 ? ['reviewer', 'operator'] : ['operator'])),
      groups: fc.subarray([...GROUPS]),
      accounts: fc.constant([`${id}@example.com`]),
    }),
  ),
);

const delegation: fc.Arbitrary<Delegation> = fc
  .tuple(
    someone,
    someone,
    fc.integer({ min: NOW - 2, max: NOW + 1 }),
    fc.integer({ min: 1, max: 3 }),
    fc.uuid(),
  )
  .map(([from, to, starts_at, lasts, id]) => ({ id, from, to, starts_at, until: starts_at + lasts }));

const change: fc.Arbitrary<readonly [string, readonly RuleChange[]]> = fc.tuple(
  name,
  fc.array(
    fc.record(
      {
        at: fc.integer({ min: 0, max: NOW }),
        tool: fc.constantFrom(
          { upstream: 'files', resource: 'write' },
          { upstream: 'files', resource: 'other' },
        ),
      },
      { requiredKeys: ['at'] },
    ),
    { maxLength: 2 },
  ),
);

const seats = fc
  .array(
    fc.record({
      by: fc.constantFrom<Seat['by'][]>('group:a', 'group:b', 'outside:a', 'person:bob', 'anyone'),
      count: fc.integer({ min: 1, max: 2 }),
      proof: fc.constant('session' as const),
    }),
    { minLength: 1, maxLength: 2 },
  )
  .map(mergeSeats);

const requirement: fc.Arbitrary<Requirement> = fc
  .tuple(
    fc.array(seats, { minLength: 1, maxLength: 2 }),
    fc.subarray<Seat['by']>(['group:b', 'person:cas'], { maxLength: 1 }),
  )
  .map(([[first = [], ...next], exclude]) => ({
    seats: first,
    choices: [],
    ...(next.length === 0 ? {} : { next: next.map((list) => ({ seats: list, choices: [] })) }),
    exclude,
    within_ms: 1,
    valid_ms: 1,
    uses: 1,
  }));

const act: fc.Arbitrary<Act> = fc.tuple(name, fc.option(name, { nil: undefined })).map(([sub, inner]) => {
  const link = { iss: 'i', sub_profile: 'ai_agent' as const };
  return inner === undefined ? { ...link, sub } : { ...link, sub, act: { ...link, sub: inner } };
});

const principal: fc.Arbitrary<Principal> = fc
  .tuple(fc.option(someone, { nil: null }), name, fc.option(act, { nil: undefined }))
  .map(([owner, subject, chain]) => ({
    tenant: 't',
    agent: 'bot',
    owner,
    team: null,
    subject: { type: 'identity' as const, id: subject },
    ...(chain === undefined ? {} : { act: chain }),
  }));

const world: fc.Arbitrary<Case> = fc
  .record({
    people,
    owners: fc.dictionary(fc.constantFrom('bot', 'helper'), someone, { noNullPrototype: true }),
    delegations: fc.array(delegation, { maxLength: 4 }),
    changes: fc.array(change, { maxLength: 1 }),
    principal,
    requirement,
    opened_at: fc.integer({ min: 1, max: NOW }),
  })
  .map(({ people: list, owners, delegations, changes, ...rest }) => ({
    ...rest,
    directory: directoryOf(list, owners),
    duties: { delegations, changes: new Map(changes) },
    upstream: 'files',
    resource: 'write',
    reviews: [],
    now: NOW,
  }));

/** Whoever asks to approve, in this order; those who may are counted, one after the other. */
function cast(start: Case, order: readonly string[]): Case {
  let at = start;
  for (const id of order) {
    const person = at.directory.person(id);
    if (person === undefined || !eligibility(person, at).eligible) continue;
    at = { ...at, reviews: [...at.reviews, { reviewer: id, decision: 'approved', proof: 'session' }] };
  }
  return at;
}

const order = fc.array(someone, { minLength: 4, maxLength: 14 });

/** Who is responsible, told once more in other words: every name there is, and the person each of them is. */
function responsible({ principal: asks, directory }: Case): ReadonlySet<string> {
  const agents = [asks.agent, ...actChain(asks.act)];
  const names = [asks.subject.id, asks.owner, ...agents, ...agents.map((agent) => directory.ownerOf(agent))];
  return new Set(
    names.flatMap((each) =>
      each === null || each === undefined ? [] : [directory.personOfAccount(each)?.id ?? each],
    ),
  );
}

/** By the definition: some way to seat each voter once, each in a seat of one person, no person’s seat taken twice. */
function canSit(places: readonly Seat[], votes: readonly Vote[], taken: readonly string[] = []): boolean {
  const [place, ...rest] = places;
  if (place === undefined) return true;
  return votes.some((vote, at) =>
    [vote.person, ...(vote.for ?? [])].some(
      (holder) =>
        !taken.includes(holder.id) &&
        isSeatedBy(holder, place.by) &&
        (!place.by.startsWith('outside:') || holder === vote.person) &&
        canSit(rest, votes.toSpliced(at, 1), [...taken, holder.id]),
    ),
  );
}

const placesOf = (asked: Requirement): readonly Seat[] =>
  stagesOf(asked).flatMap((stage) =>
    stage.seats.flatMap((seat) => Array.from({ length: seat.count }, () => ({ ...seat, count: 1 }))),
  );

function holdsI4(at: Case): void {
  const votes = standingVotes(at);
  const barred = responsible(at);
  for (const { person, for: absent = [] } of votes) {
    for (const each of [person, ...absent]) {
      assert.ok(!barred.has(each.id), `${each.id} is responsible`);
      assert.ok(each.active && each.roles.includes('reviewer'));
      assert.ok(!at.requirement.exclude.some((by) => isSeatedBy(each, by)), `${each.id} is excluded`);
      for (const [by, made] of at.duties.changes) {
        if (at.directory.personOfAccount(by)?.id !== each.id) continue;
        const bearing = made.filter(({ tool }) => tool === undefined || tool.resource === at.resource);
        assert.ok(
          bearing.every((one) => one.at < at.opened_at),
          `${each.id} changed the rules`,
        );
      }
    }
    for (const each of absent) {
      const given = at.duties.delegations.filter(({ from }) => from === each.id);
      assert.ok(!votes.some((vote) => vote.person.id === each.id), `${each.id}’s seat is taken twice`);
      assert.ok(given.some((one) => one.to === person.id && isInForce(one, at.now)));
    }
  }
  assert.equal(new Set(votes.map(({ person }) => person.id)).size, votes.length);
  if (quorum(at.requirement, votes).met) assert.ok(canSit(placesOf(at.requirement), votes));
}

const RUNS = { numRuns: 1_500 };

describe('separation of duties, whoever asks and in whatever order', () => {
  it('I4, A13, A14: what is met is met by distinct people, none of them responsible, in seats no two share', () => {
    let met = 0;
    fc.assert(
      fc.property(world, order, (start, asking) => {
        const at = cast(start, asking);
        holdsI4(at);
        if (quorum(at.requirement, standingVotes(at)).met) met += 1;
      }),
      RUNS,
    );
    assert.ok(met > 100, `only ${met} of the random requests were ever approved: the property says little`);
  });

  it('I8: it holds of the votes that still count, after people, groups, accounts and absences changed', () => {
    fc.assert(
      fc.property(world, world, order, (start, other, asking) => {
        const { reviews } = cast(start, asking);
        const later: Case = { ...other, reviews, requirement: start.requirement, opened_as: start.principal };
        holdsI4(later);
        const before = responsible({ ...later, principal: start.principal });
        for (const { person } of standingVotes(later)) assert.ok(!before.has(person.id));
      }),
      RUNS,
    );
  });

  it('I4, A13: nor of two names that were one human’s when it was asked, whoever has them now', () => {
    let bound = 0;
    const pair = fc.tuple(someone, someone, fc.constantFrom(0, NOW, NOW));
    fc.assert(
      fc.property(world, pair, order, (start, [one, other, until], asking) => {
        const onceAlso = (name: string, since: number): readonly string[] =>
          since <= until &&
          [one, other].some((id) => id === (start.directory.personOfAccount(name)?.id ?? name))
            ? [one, other]
            : [];
        const at = cast({ ...start, directory: { ...start.directory, onceAlso } }, asking);
        holdsI4(at);
        if (until < at.opened_at || one === other) return;
        const voters = standingVotes(at).map(({ person }) => person.id);
        assert.ok(!(voters.includes(one) && voters.includes(other)), 'one human, two votes');
        const barred = responsible(at);
        for (const [name, twin] of [
          [one, other],
          [other, one],
        ] as const)
          if (barred.has(name)) assert.ok(!voters.includes(twin), `${twin} was ${name}, who is responsible`);
        if (voters.includes(one) || voters.includes(other)) bound += 1;
      }),
      RUNS,
    );
    assert.ok(bound > 50, `only ${bound} of the random requests had such a vote: the property says little`);
  });

  it('I5: nobody answers twice, and an answer given stays the first', () => {
    fc.assert(
      fc.property(world, order, (start, asking) => {
        const at = cast(start, asking);
        for (const { reviewer } of at.reviews) {
          const person = at.directory.person(reviewer);
          assert.ok(person);
          assert.equal(eligibility(person, at).eligible, false);
        }
      }),
      RUNS,
    );
  });

  it('every answer taken counts as long as nothing changes, and fills no less than before', () => {
    fc.assert(
      fc.property(world, order, (start, asking) => {
        let at = start;
        for (const id of asking) {
          const next = cast(at, [id]);
          assert.equal(standingVotes(next).length, next.reviews.length);
          const [before, after] = [at, next].map((one) => quorum(one.requirement, standingVotes(one)));
          assert.ok(before && after && after.filled >= before.filled && (!before.met || after.met));
          at = next;
        }
      }),
      RUNS,
    );
  });

  it('a request refused at once could never have been approved, in any order of answers', () => {
    let refused = 0;
    fc.assert(
      fc.property(world, order, (start, asking) => {
        if (start.principal.owner === null || canBeReviewed(start)) return;
        refused += 1;
        const at = cast(start, asking);
        assert.equal(quorum(at.requirement, standingVotes(at)).met, false);
      }),
      RUNS,
    );
    assert.ok(refused > 50);
  });
});
