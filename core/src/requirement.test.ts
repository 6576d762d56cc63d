import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AskedBy,
  type AskedRequirement,
  type By,
  bindTeam,
  isOfTeams,
  mergeSeats,
  PROOFS,
  proofMeets,
  type Requirement,
  type Seat,
  stackRequirements,
  stagesOf,
} from './requirement.ts';

const by = fc.constantFrom<By[]>('group:dba', 'group:security', 'person:ann', 'anyone');
const plain = { noNullPrototype: true };
const seat: fc.Arbitrary<Seat> = fc.record(
  { by, count: fc.integer({ min: 1, max: 4 }), proof: fc.constantFrom(...PROOFS) },
  plain,
);
const seats = fc.array(seat, { maxLength: 4 });
const named = fc.uniqueArray(by, { maxLength: 3 }).map((list) => list.toSorted());
const requirement: fc.Arbitrary<Requirement> = fc.record(
  {
    seats: seats.map(mergeSeats),
    choices: fc.constant([]),
    exclude: named,
    within_ms: fc.integer({ min: 1, max: 1e9 }),
    valid_ms: fc.integer({ min: 1, max: 1e9 }),
    uses: fc.integer({ min: 1, max: 100 }),
    grant: fc.record(
      { lasts_ms: fc.integer({ min: 1, max: 1e9 }), uses: fc.integer({ min: 1, max: 100 }) },
      plain,
    ),
    break_glass: fc.record({ by: named, notify: named, review: named }, plain),
  },
  { ...plain, requiredKeys: ['seats', 'choices', 'exclude', 'within_ms', 'valid_ms', 'uses'] },
);

test('P2: stacking is commutative, associative and idempotent, so rule order never matters', () => {
  fc.assert(
    fc.property(requirement, requirement, requirement, (a, b, c) => {
      assert.deepEqual(stackRequirements(a, b), stackRequirements(b, a));
      assert.deepEqual(
        stackRequirements(stackRequirements(a, b), c),
        stackRequirements(a, stackRequirements(b, c)),
      );
      assert.deepEqual(stackRequirements(a, a), a);
    }),
  );
});

test('P2, P9: a stack is at least as strict as each of its parts, in every part', () => {
  fc.assert(
    fc.property(requirement, requirement, (a, b) => {
      const both = stackRequirements(a, b);
      for (const one of [a, b]) {
        for (const asked of one.seats) {
          const kept = both.seats.find((each) => each.by === asked.by);
          assert.ok(kept !== undefined && kept.count >= asked.count && proofMeets(kept.proof, asked.proof));
        }
        assert.ok(one.exclude.every((each) => both.exclude.includes(each)));
        assert.ok(
          both.grant === undefined ||
            (one.grant !== undefined &&
              both.grant.lasts_ms <= one.grant.lasts_ms &&
              both.grant.uses <= one.grant.uses),
        );
        // Whoever may break the glass or judge it fits each of the list: a longer one lets fewer; and more are told.
        for (const part of ['by', 'notify', 'review'] as const)
          assert.ok(
            both.break_glass === undefined ||
              one.break_glass?.[part].every((each) => both.break_glass?.[part].includes(each)) === true,
          );
        assert.ok(both.within_ms <= one.within_ms && both.valid_ms <= one.valid_ms && both.uses <= one.uses);
      }
    }),
  );
});

test('P2: a stack asks for nothing no rule asked for', () => {
  fc.assert(
    fc.property(requirement, requirement, (a, b) => {
      const both = stackRequirements(a, b);
      const asked = [...a.seats, ...b.seats];
      for (const kept of both.seats) {
        assert.ok(asked.some((each) => each.by === kept.by && each.count === kept.count));
        assert.ok(asked.some((each) => each.by === kept.by && each.proof === kept.proof));
      }
      assert.ok([a.within_ms, b.within_ms].includes(both.within_ms));
    }),
  );
});

test('P2: choices of every rule are kept, in one order', () => {
  const choice = (rule: string) => ({
    rule,
    anyOf: [[{ by: 'anyone', count: 1, proof: 'session' } as const]],
  });
  const base: Requirement = { seats: [], choices: [], exclude: [], within_ms: 1, valid_ms: 1, uses: 1 };
  const [a, b] = [
    { ...base, choices: [choice('b')] },
    { ...base, choices: [choice('a')] },
  ];
  assert.deepEqual(
    stackRequirements(a, b).choices.map((each) => each.rule),
    ['a', 'b'],
  );
  assert.deepEqual(stackRequirements(b, a), stackRequirements(a, b));
});

test('proofs rank session, recent, passkey', () => {
  const meets = PROOFS.map((given) => PROOFS.map((wanted) => proofMeets(given, wanted)));
  assert.deepEqual(meets, [
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});

const stage = fc.record({ seats: seats.map(mergeSeats), choices: fc.constant([]) }, plain);
const staged: fc.Arbitrary<Requirement> = fc
  .tuple(requirement, fc.array(stage, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([one, next, alone]) => (alone ? one : { ...one, next }));

test('P2: stages stack place by place, in any order of rules, and none is lost', () => {
  fc.assert(
    fc.property(staged, staged, staged, (a, b, c) => {
      const both = stackRequirements(a, b);
      assert.deepEqual(both, stackRequirements(b, a));
      assert.deepEqual(stackRequirements(a, a), a);
      assert.deepEqual(stackRequirements(both, c), stackRequirements(a, stackRequirements(b, c)));
      for (const one of [a, b]) {
        stagesOf(one).forEach((each, at) => {
          const kept = stagesOf(both)[at];
          for (const asked of each.seats)
            assert.ok(kept?.seats.some(({ by, count }) => by === asked.by && count >= asked.count));
        });
      }
    }),
  );
});

test('a rule of teams is bound to the team of whoever asks; without one it seats nobody and bars everyone', () => {
  const seat = (by: AskedBy, count = 1): Seat<AskedBy> => ({ by, count, proof: 'session' });
  const asked: AskedRequirement = {
    seats: [seat('group:web', 2), seat('own_team'), seat('other_team')],
    choices: [{ rule: 'r', anyOf: [[seat('own_team')], [seat('anyone')]] }],
    next: [{ seats: [seat('other_team')], choices: [] }],
    break_glass: { by: ['own_team'], notify: ['person:ann'], review: ['other_team', 'anyone'] },
    exclude: ['own_team', 'person:ann'],
    within_ms: 1,
    valid_ms: 1,
    uses: 1,
  };
  assert.ok(isOfTeams(asked) && !isOfTeams(bindTeam(asked, 'web')));
  const bys = (list: readonly Seat[] | undefined) => list?.map(({ by, count }) => [by, count]);
  const web = bindTeam(asked, 'web');
  assert.deepEqual(bys(web.seats), [
    ['group:web', 2],
    ['outside:web', 1],
  ]);
  assert.deepEqual(web.choices[0]?.anyOf.map(bys), [[['group:web', 1]], [['anyone', 1]]]);
  assert.deepEqual(bys(web.next?.[0]?.seats), [['outside:web', 1]]);
  assert.deepEqual(web.exclude, ['group:web', 'person:ann']);
  assert.deepEqual(web.break_glass, {
    by: ['group:web'],
    notify: ['person:ann'],
    review: ['anyone', 'outside:web'],
  });
  const none = bindTeam(asked, undefined);
  assert.deepEqual(none.break_glass?.by, ['group:']);
  assert.deepEqual(none.exclude, ['anyone', 'person:ann']);
  assert.deepEqual(bys(none.next?.[0]?.seats), [['group:', 1]]);
});
