import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCOPE_KEYS, type Scope } from '@countersign/core';
import fc from 'fast-check';
import { LIMITS } from './limits.ts';
import { patternFits, type Rule } from './rules/rule.ts';
import { ScopeIndex } from './scope-index.ts';
import { evaluationOf } from './testing/evaluations.ts';
import { policyOf } from './testing/vectors.ts';

const ask = 'then: require, approve: [{ by: anyone }]';

test('P5: an explanation carries rule, about, place, and the fact values the rule used', () => {
  const policy = policyOf(`  - id: large
    about: Payments over 1,000
    on: mcp
    where: { upstream: payments, resource: [pay, refund] }
    when: mcp.args.amount > 1000 && mcp.tool == "pay" && has(mcp.args.to)
    then: require
    approve: [{ by: anyone }]
  - { id: all, on: mcp, then: allow }`);
  const got = policy.decide(
    evaluationOf({
      upstream: 'payments',
      resource: 'pay',
      facts: { tool: 'pay', args: { amount: 5000, to: 'x', iban: 'DE00' } },
    }),
  );
  assert.equal(got.effect, 'require');
  const [hit, ...more] = got.explanation.deciding;
  assert.equal(more.length, 0);
  assert.deepEqual(
    { rule: hit?.rule, about: hit?.about, file: hit?.file, line: hit?.line },
    { rule: 'large', about: 'Payments over 1,000', file: 'policy.yaml', line: 3 },
  );
  assert.deepEqual(hit?.values, {
    upstream: 'payments',
    resource: 'pay',
    'mcp.args.amount': 5000,
    'mcp.tool': 'pay',
    'mcp.args.to': 'x',
  });
  assert.deepEqual(
    got.explanation.outranked.map((each) => [each.rule, each.line]),
    [['all', 10]],
  );
  assert.deepEqual(got.explanation.policy, policy.ref);
});

test('P5: values are the facts themselves, in loops and behind computed indexes too', () => {
  const policy = policyOf(
    `  - { id: r, on: mcp, when: 'mcp.args.ids.exists(id, string(id) == mcp.args.wanted) || mcp.args.list[mcp.arg_bytes] == "x"', ${ask} }`,
  );
  const ids = ['a', 'b'];
  const got = policy.decide(
    evaluationOf({ facts: { arg_bytes: 0, args: { ids, wanted: 'b', list: ['y'] } } }),
  );
  const values = got.explanation.deciding[0]?.values;
  assert.equal(values?.['mcp.args.ids'], ids);
  assert.deepEqual(Object.keys(values ?? {}).sort(), [
    'mcp.arg_bytes',
    'mcp.args.ids',
    'mcp.args.list',
    'mcp.args.wanted',
  ]);
});

test('P3, I7: what went wrong is said in words of the policy, never with a value', () => {
  const table: readonly (readonly [string, string])[] = [
    ['mcp.args.amount > 5', 'there is no such fact: mcp.args.amount'],
    ['mcp.args.secret > 5', 'the values have types that cannot be compared or combined: mcp.args.secret > 5'],
    ['number(mcp.args.secret) > 5', 'a value could not be used: number(mcp.args.secret)'],
    ['number(mcp.args.list) > 5', 'the function does not take values of these types: number(mcp.args.list)'],
    ['bool(mcp.args.secret)', 'a value could not be used: bool(mcp.args.secret)'],
    ['mcp.args.secret', 'the condition is neither true nor false'],
    ['mcp.args.secret.all(each, each == "x")', 'a loop needs a list'],
    ['mcp.args.list[7] == "x"', 'the list is shorter than that: mcp.args.list[7]'],
    ['mcp.args[mcp.args.secret] == "x"', 'there is no such fact: mcp.args[mcp.args.secret]'],
  ];
  for (const [when, error] of table) {
    const policy = policyOf(`  - { id: r, on: mcp, when: '${when}', then: deny }`);
    const got = policy.decide(evaluationOf({ facts: { args: { secret: 'hunter2', list: [] } } }));
    const [hit] = got.explanation.deciding;
    assert.equal(hit?.error, error, when);
    assert.ok(!String(hit?.error).includes('hunter2'), when);
  }
});

test('I15: loops over a caller’s lists end in an error, soon', () => {
  const list = Array.from({ length: 20_000 }, (_, at) => `item ${at}`);
  for (const when of [
    'mcp.args.a.all(x, mcp.args.b.exists(y, x == y + "!"))',
    'mcp.args.a.exists(x, string(x) in mcp.args.b && false)',
    'mcp.args.a.filter(x, mcp.args.b.map(y, y + x).size() == 0).size() == 0',
    'mcp.args.a.map(x, mcp.args.text.split(",").size()).size() == 0',
  ]) {
    const policy = policyOf(`  - { id: r, on: mcp, when: '${when}', then: deny }`);
    const got = policy.decide(
      evaluationOf({ facts: { args: { a: list, b: list, text: ','.repeat(1_000_000) } } }),
    );
    assert.match(got.explanation.deciding[0]?.error ?? '', /too long/, when);
  }
});

test('I15: a loop over one list of every size the budget allows is answered', () => {
  const policy = policyOf(`  - { id: r, on: mcp, when: 'mcp.args.a.exists(x, x == "no")', then: deny }`);
  const a = Array.from({ length: LIMITS.loop_turns_max - 10 }, () => 'yes');
  const got = policy.decide(evaluationOf({ facts: { args: { a } } }));
  assert.ok(got.effect === 'deny' && got.reason === 'nothing_matched');
});

test('I15: re2 does not search texts over its limit, and stays linear under it', () => {
  const policy = policyOf(`  - { id: r, on: mcp, when: 're2(mcp.args.t, "^(a+)+$")', then: deny }`);
  const long = policy.decide(
    evaluationOf({ facts: { args: { t: 'a'.repeat(LIMITS.regex_text_chars_max + 1) } } }),
  );
  assert.equal(long.explanation.deciding[0]?.error, 'a text is too long to search');
  const evil = policy.decide(evaluationOf({ facts: { args: { t: `${'a'.repeat(50_000)}b` } } }));
  assert.equal(evil.explanation.deciding.length, 0);
  const wide = policyOf(`  - { id: r, on: mcp, when: 're2(mcp.args.t, "a.{1,900}b.{1,90}c$")', then: deny }`);
  const costly = wide.decide(evaluationOf({ facts: { args: { t: 'abcde'.repeat(2_000) } } }));
  assert.equal(costly.explanation.deciding[0]?.error, 'a text is too long to search');
});

test('a binding without rules, or facts that are malformed, are a denial and no exception', () => {
  const policy = policyOf(`  - { id: r, on: mcp, when: mcp.arg_bytes > 1, then: allow }`);
  assert.equal(policy.decide(evaluationOf({ on: 'http' })).effect, 'deny');
  const broken = {
    ...evaluationOf(),
    facts: { ...evaluationOf().facts, scope: null },
  } as unknown as ReturnType<typeof evaluationOf>;
  assert.equal(policy.decide(broken).effect, 'deny');
  const nothing = {
    ...evaluationOf(),
    facts: { ...evaluationOf().facts, values: null },
  } as unknown as ReturnType<typeof evaluationOf>;
  assert.equal(policy.decide(nothing).effect, 'deny');
});

test('deciding is pure: asked twice and in between, the answer is the same', () => {
  const policy = policyOf(
    `  - { id: r, on: mcp, when: 'mcp.args.ids.all(x, mcp.args.ids.exists(y, string(x) == y))', then: allow }`,
  );
  const [one, other] = [
    evaluationOf({ facts: { args: { ids: ['a'] } } }),
    evaluationOf({ facts: { args: { ids: 5 } } }),
  ];
  const first = policy.decide(one);
  assert.equal(policy.decide(other).effect, 'deny');
  assert.deepEqual(policy.decide(one), first);
});

test('ask_reason bears on the tools its scope could reach, whoever asks', () => {
  const policy =
    policyOf(`  - { id: a, on: mcp, where: { upstream: files, resource: "write_*", env: prod }, ${ask}, ask_reason: true }
  - { id: b, on: mcp, where: { upstream: mail }, ${ask}, ask_reason: true, enforce: dry-run }
  - { id: c, on: mcp, where: { upstream: db }, ${ask} }`);
  const asks = (upstream: string, resource: string) => policy.asksReason({ upstream, resource });
  assert.deepEqual(
    [asks('files', 'write_file'), asks('files', 'read_file'), asks('mail', 'send'), asks('db', 'query')],
    [true, false, false, false],
  );
  assert.ok(policy.canHold);
  assert.ok(!policyOf('  - { id: a, on: mcp, then: allow }').canHold);
});

const value = fc.constantFrom('a', 'ab', 'abc', 'b', '');
const pattern = fc.record({
  kind: fc.constantFrom('exact' as const, 'prefix' as const, 'suffix' as const),
  text: value,
});
const where = fc.dictionary(
  fc.constantFrom(...SCOPE_KEYS),
  fc.array(pattern, { minLength: 1, maxLength: 3 }),
);
const scope = fc.record(Object.fromEntries(SCOPE_KEYS.map((key) => [key, value]))) as fc.Arbitrary<Scope>;

test('the index finds exactly the rules whose every key fits', () => {
  fc.assert(
    fc.property(
      fc.array(where, { maxLength: 70 }),
      fc.array(scope, { minLength: 1, maxLength: 5 }),
      (wheres, scopes) => {
        const rules = wheres.map((each) => ({ where: each }) as unknown as Rule);
        const index = new ScopeIndex(rules);
        for (const asked of scopes) {
          const found: number[] = [];
          index.candidates(asked, (at) => found.push(at));
          const wanted = rules.flatMap((rule, at) => {
            const fits = SCOPE_KEYS.every(
              (key) => rule.where[key]?.some((one) => patternFits(one, asked[key])) ?? true,
            );
            return fits ? [at] : [];
          });
          assert.deepEqual(found, wanted);
        }
      },
    ),
  );
});

test('I15: what the index remembers of callers’ values is bounded, and forgetting changes no answer', () => {
  const policy = policyOf('  - { id: r, on: mcp, where: { resource: "read_*" }, then: allow }');
  for (let at = 0; at < 5_000; at++) {
    const resource = `${at % 2 === 0 ? 'read' : 'write'}_${at}`;
    assert.equal(policy.decide(evaluationOf({ resource })).effect, at % 2 === 0 ? 'allow' : 'deny');
  }
});
