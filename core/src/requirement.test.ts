import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type By,
  mergeSeats,
  PROOFS,
  proofMeets,
  type Requirement,
  type Seat,
  stackRequirements,
} from './requirement.ts';

const by = fc.constantFrom<By[]>('group:dba', 'group:security', 'person:ann', 'anyone');
const plain = { noNullPrototype: true };
const seat: fc.Arbitrary<Seat> = fc.record(
  { by, count: fc.integer({ min: 1, max: 4 }), proof: fc.constantFrom(...PROOFS) },
  plain,
);
const seats = fc.array(seat, { maxLength: 4 });
const requirement: fc.Arbitrary<Requirement> = fc.record(
  {
    seats: seats.map(mergeSeats),
    choices: fc.constant([]),
    exclude: fc.uniqueArray(by, { maxLength: 3 }).map((list) => list.toSorted()),
    within_ms: fc.integer({ min: 1, max: 1e9 }),
    valid_ms: fc.integer({ min: 1, max: 1e9 }),
    uses: fc.integer({ min: 1, max: 100 }),
  },
  plain,
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
