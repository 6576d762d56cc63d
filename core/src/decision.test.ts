import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { combine, type Effect, RISKS, type RuleHit, strictness } from './decision.ts';
import type { Confidence } from './evaluation.ts';
import type { Requirement } from './requirement.ts';

const policy = { id: 'policy', version: '1', digest: 'sha256:00' };
const requirement: Requirement = {
  seats: [{ by: 'group:dba', count: 1, proof: 'session' }],
  choices: [],
  exclude: [],
  within_ms: 60_000,
  valid_ms: 60_000,
  uses: 1,
};

function hit(rule: string, then: Effect, more: Partial<RuleHit> = {}): RuleHit {
  const base = {
    rule,
    about: '',
    file: 'a.yaml',
    line: 1,
    then,
    opaque: false,
    dry_run: false,
    values: {},
    obligations: [],
  };
  return { ...base, ...(then === 'require' ? { requirement } : {}), ...more };
}

const confidence = fc.constantFrom<Confidence[]>('exact', 'partial', 'opaque', 'none');
const anyHit = fc
  .record({
    then: fc.constantFrom<Effect[]>('allow', 'require', 'deny'),
    opaque: fc.boolean(),
    dry_run: fc.boolean(),
    erred: fc.boolean(),
    risk: fc.constantFrom(...RISKS),
    masks: fc.boolean(),
    within_ms: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ then, opaque, dry_run, erred, risk, masks, within_ms }) => (rule: string): RuleHit => {
    const obligations =
      masks && then !== 'deny' ? [{ id: `${rule}/mask`, type: 'mask', properties: { kinds: ['pii'] } }] : [];
    const more = then === 'require' ? { requirement: { ...requirement, within_ms } } : {};
    return hit(rule, then, {
      opaque,
      dry_run,
      risk,
      obligations,
      ...(erred ? { error: 'no such fact' } : {}),
      ...more,
    });
  });
const hits = fc.array(anyHit, { maxLength: 8 }).map((list) => list.map((make, at) => make(`rule-${at}`)));
const one = anyHit.map((make) => make('one-more'));

test('P1: deny > require > allow; nothing matched is deny', () => {
  const table: readonly (readonly [string, readonly Effect[], Effect])[] = [
    ['nothing matched', [], 'deny'],
    ['allow', ['allow'], 'allow'],
    ['require', ['require'], 'require'],
    ['require over allow', ['allow', 'require', 'allow'], 'require'],
    ['deny over all', ['allow', 'require', 'deny'], 'deny'],
  ];
  for (const [name, effects, want] of table) {
    const got = combine(
      effects.map((then, at) => hit(`r${at}`, then)),
      'exact',
      policy,
    );
    assert.equal(got.effect, want, name);
  }
  const none = combine([], 'exact', policy);
  assert.ok(none.effect === 'deny' && none.reason === 'nothing_matched');
});

test('P1: order never matters, to any part of the answer', () => {
  const shuffled = hits.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, confidence, ([list, other], how) => {
      assert.deepEqual(combine(other, how, policy), combine(list, how, policy));
    }),
  );
});

test('P1: one more rule that denies or asks never makes the answer laxer', () => {
  fc.assert(
    fc.property(hits, one, confidence, (list, more, how) => {
      fc.pre(more.then !== 'allow');
      const [before, after] = [combine(list, how, policy), combine([...list, more], how, policy)];
      // Nothing matched is the one denial a matching rule may turn into a question.
      if (before.effect === 'deny' && before.reason !== 'rule') return;
      assert.ok(strictness(after.effect) >= strictness(before.effect));
    }),
  );
});

test('P1: one more allow never outranks a rule that denies or asks', () => {
  fc.assert(
    fc.property(hits, one, confidence, (list, more, how) => {
      fc.pre(more.then === 'allow');
      const [before, after] = [combine(list, how, policy), combine([...list, more], how, policy)];
      if (before.effect === 'deny' && before.reason !== 'rule') return;
      assert.equal(after.effect, before.effect);
    }),
  );
});

test('P3: a rule that erred counts if it denies or asks, and does not if it allows', () => {
  fc.assert(
    fc.property(hits, one, confidence, (list, more, how) => {
      const erred = combine([...list, { ...more, error: 'no such fact' }], how, policy);
      const { error: _, ...sound } = more;
      if (more.then !== 'allow') assert.equal(erred.effect, combine([...list, sound], how, policy).effect);
      else assert.equal(erred.effect, combine(list, how, policy).effect);
    }),
  );
});

test('P4: facts that are not exact are allowed only by a rule that says opaque', () => {
  fc.assert(
    fc.property(hits, confidence, (list, how) => {
      const got = combine(list, how, policy);
      if (got.effect !== 'allow' || how === 'exact') return;
      assert.ok(got.explanation.deciding.every((each) => each.opaque));
    }),
  );
  const inexact = combine([hit('a', 'allow')], 'partial', policy);
  assert.ok(inexact.effect === 'deny' && inexact.reason === 'not_exact');
  assert.equal(combine([hit('a', 'allow', { opaque: true })], 'none', policy).effect, 'allow');
});

test('P4: not being exact never loosens anything', () => {
  fc.assert(
    fc.property(hits, confidence, (list, how) => {
      assert.ok(
        strictness(combine(list, how, policy).effect) >= strictness(combine(list, 'exact', policy).effect),
      );
    }),
  );
});

test('P6: a dry-run rule changes nothing but what would have been', () => {
  fc.assert(
    fc.property(hits, one, confidence, (list, more, how) => {
      const with_it = combine([...list, { ...more, dry_run: true }], how, policy);
      const without = combine(list, how, policy);
      assert.deepEqual({ ...with_it, explanation: 0 }, { ...without, explanation: 0 });
      assert.deepEqual(with_it.explanation.deciding, without.explanation.deciding);
      assert.ok(with_it.explanation.would_have.some((each) => each.rule === more.rule));
    }),
  );
});

test('P5: every hit is explained exactly once', () => {
  fc.assert(
    fc.property(hits, confidence, (list, how) => {
      const { deciding, outranked, would_have } = combine(list, how, policy).explanation;
      const told = [...deciding, ...outranked, ...would_have].map((each) => each.rule);
      assert.deepEqual(told.toSorted(), list.map((each) => each.rule).toSorted());
    }),
  );
});

test('P2, P9: requirements stack, the highest risk wins, obligations of outranked rules still bind', () => {
  fc.assert(
    fc.property(hits, (list) => {
      const got = combine(list, 'exact', policy);
      const live = list.filter(
        (each) => !each.dry_run && (each.then !== 'allow' || each.error === undefined),
      );
      const top = Math.max(0, ...live.map((each) => RISKS.indexOf(each.risk ?? 'low')));
      assert.equal(got.risk, RISKS[top]);
      if (got.effect === 'deny') return;
      assert.deepEqual(
        got.obligations.map((each) => each.id),
        live.flatMap((each) => each.obligations.map(({ id }) => id)).toSorted(),
      );
      if (got.effect !== 'require') return;
      const asking = live
        .filter((each) => each.then === 'require')
        .map((each) => each.requirement?.within_ms ?? 0);
      assert.equal(got.requirement.within_ms, Math.min(...asking));
    }),
  );
});

test('a require without a requirement is a broken program, not a quiet allow', () => {
  const { requirement: _, ...broken } = hit('a', 'require');
  assert.throws(() => combine([broken], 'exact', policy), TypeError);
});
