import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from './limits.ts';
import { loadPolicy } from './load.ts';
import type { PolicyProblem } from './problems/problem.ts';
import type { LoadOptions } from './rules/options.ts';
import { evaluationOf } from './testing/evaluations.ts';
import { bindings, policyOf } from './testing/vectors.ts';

const file = (rules: string, path = 'policy.yaml') => ({ path, text: `version: 1\nrules:\n${rules}\n` });
const allow = (id: string) => `  - { id: ${id}, on: mcp, then: allow }`;

function problemsOf(
  files: Parameters<typeof loadPolicy>[0],
  options: Partial<LoadOptions> = {},
): readonly PolicyProblem[] {
  const loaded = loadPolicy(files, { bindings, ...options });
  return loaded.ok ? [] : loaded.problems;
}

test('layers: the strictest of all files wins, in whatever order they are given', () => {
  const files = [
    file(allow('a'), 'a.yaml'),
    file('  - { id: b, on: mcp, where: { env: prod }, then: deny }', 'team/b.yaml'),
  ];
  for (const order of [files, files.toReversed()]) {
    const loaded = loadPolicy(order, { bindings });
    assert.ok(loaded.ok);
    assert.equal(loaded.policy.decide(evaluationOf({ env: 'prod' })).effect, 'deny');
    assert.equal(loaded.policy.decide(evaluationOf({ env: 'dev' })).effect, 'allow');
    assert.match(loaded.policy.ref.digest, /^sha256:[0-9a-f]{64}$/);
  }
  const digests = [files, files.toReversed()]
    .map((order) => loadPolicy(order, { bindings }))
    .map((each) => each.ok && each.policy.ref.digest);
  assert.equal(digests[0], digests[1]);
});

test('one fault in one file of many and there is no policy; ids are unique across files', () => {
  const [problem, ...more] = problemsOf([file(allow('a'), 'a.yaml'), file(allow('a'), 'z/b.yaml')]);
  assert.equal(more.length, 0);
  assert.deepEqual(
    [problem?.file, problem?.line, problem?.message, problem?.fix],
    ['z/b.yaml', 3, 'another rule is already called a', 'rename one; the other is at a.yaml:3'],
  );
});

test('defaults are the documented ones', () => {
  const [rule] = policyOf('  - { id: r, on: mcp, then: require, approve: [{ by: anyone }] }').rules;
  assert.deepEqual(rule?.requirement, {
    seats: [{ by: 'anyone', count: 1, proof: 'session' }],
    choices: [],
    exclude: [],
    within_ms: 3_600_000,
    valid_ms: 600_000,
    uses: 1,
  });
  assert.deepEqual(
    [rule?.risk, rule?.opaque, rule?.dry_run, rule?.ask_reason, rule?.about],
    [undefined, false, false, false, ''],
  );
});

test('proofs an installation can take are accepted, others are refused with the reason', () => {
  const rule = '  - { id: r, on: mcp, then: require, approve: [{ by: anyone, proof: passkey }] }';
  assert.equal(problemsOf([file(rule)])[0]?.message, 'proof: passkey cannot be given in this installation');
  assert.deepEqual(problemsOf([file(rule)], { proofs: ['session', 'recent', 'passkey'] }), []);
});

test('I11: no way of reading annotations gets into an allow rule; other effects may read them', () => {
  const ways = [
    'mcp.annotations.readOnlyHint',
    'mcp.annotations["readOnlyHint"]',
    'mcp["annotations"].readOnlyHint',
    'mcp["annotations"]["readOnlyHint"]',
    'mcp.?annotations.?readOnlyHint.orValue(false)',
    'mcp.annotations.?readOnlyHint.orValue(false)',
    'has(mcp.annotations.readOnlyHint)',
    'has(mcp.annotations)',
    '"readOnlyHint" in mcp.annotations',
    'size(mcp.annotations) > 0',
    'mcp.pinned.readOnlyHint && mcp.annotations.readOnlyHint',
    'true || mcp.annotations.readOnlyHint',
    'mcp.args.list.all(each, mcp.annotations.readOnlyHint)',
    '[mcp.annotations.readOnlyHint].all(each, each)',
    'string(mcp.annotations.readOnlyHint) == "true"',
    '(mcp.tool == "a" ? mcp.annotations.readOnlyHint : false)',
    '!mcp.annotations.destructiveHint',
    'mcp.annotations.all(each, each != "x")',
  ];
  for (const when of ways) {
    const rule = (then: string) => file(`  - { id: r, on: mcp, when: '${when}', then: ${then} }`);
    const refused = problemsOf([rule('allow')]).some(
      ({ message }) => message === 'an allow rule cannot rest on what a tool says of itself',
    );
    assert.ok(refused, when);
    assert.ok(!problemsOf([rule('deny')]).some(({ message }) => message.startsWith('an allow rule')), when);
  }
  assert.deepEqual(
    problemsOf([file('  - { id: r, on: mcp, when: mcp.pinned.readOnlyHint, then: allow }')]),
    [],
  );
});

test('arguments are typed for every tool a rule pins, and only there', () => {
  const options: Partial<LoadOptions> = {
    toolArguments: (upstream, tool) => {
      if (upstream !== 'pay') return undefined;
      return {
        type: 'object',
        properties: tool === 'refund' ? { amount: { type: 'number' } } : { sum: { type: 'number' } },
      };
    },
  };
  const table: readonly (readonly [string, string, number])[] = [
    ['the tool has it', '{ upstream: pay, resource: refund }', 0],
    ['the other tool does not', '{ upstream: pay, resource: charge }', 1],
    ['one of two does not', '{ upstream: pay, resource: [refund, charge] }', 1],
    ['the tool is not pinned', '{ upstream: pay }', 0],
    ['the tool is a pattern', '{ upstream: pay, resource: "ref*" }', 0],
    ['the upstream is not pinned', '{ resource: refund }', 0],
    ['the upstream has no schema', '{ upstream: other, resource: charge }', 0],
  ];
  for (const [name, where, count] of table) {
    const problems = problemsOf(
      [file(`  - { id: r, on: mcp, where: ${where}, when: mcp.args.amount > 1, then: deny }`)],
      options,
    );
    assert.equal(problems.length, count, name);
  }
});

test('a tool’s schema is read as far as it binds: what it leaves open is checked when the rule runs', () => {
  const load = (schema: object, when: string): number =>
    problemsOf(
      [file(`  - { id: r, on: mcp, where: { upstream: u, resource: t }, when: '${when}', then: deny }`)],
      {
        toolArguments: () => schema as ReturnType<NonNullable<LoadOptions['toolArguments']>>,
      },
    ).length;
  const text = { type: 'string' };
  const table: readonly (readonly [string, object, string, number])[] = [
    ['closed', { type: 'object', properties: { a: text } }, 'mcp.args.b == "x"', 1],
    ['open', { type: 'object', properties: { a: text }, additionalProperties: {} }, 'mcp.args.b == "x"', 0],
    [
      'patterns',
      { type: 'object', properties: { a: text }, patternProperties: { '^b': text } },
      'mcp.args.b == "x"',
      0,
    ],
    ['no arguments', { type: 'object', properties: {} }, 'mcp.args.b == "x"', 1],
    ['any', {}, 'mcp.args.b.c == "x"', 0],
    ['alternatives', { anyOf: [{ type: 'object', properties: { a: text } }] }, 'mcp.args.b == "x"', 0],
    [
      'reference',
      { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'number' } } },
      'mcp.args.a == "x"',
      1,
    ],
    ['circle', { type: 'object', properties: { a: { $ref: '#' } } }, 'mcp.args.a.a.a.a == "x"', 1],
    [
      'remote reference',
      { type: 'object', properties: { a: { $ref: 'https://x.test/a' } } },
      'mcp.args.a == "x"',
      0,
    ],
    [
      'list',
      { type: 'object', properties: { a: { type: 'array', items: text } } },
      'mcp.args.a.exists(each, each == 5)',
      1,
    ],
    [
      'list of objects',
      {
        type: 'object',
        properties: { a: { type: 'array', items: { type: 'object', properties: { b: text } } } },
      },
      'mcp.args.a.exists(each, each.c == "x")',
      1,
    ],
    ['name of the prototype', { type: 'object', properties: {} }, 'mcp.args.constructor == "x"', 1],
    [
      'odd names',
      { type: 'object', properties: { 'dry-run': { type: 'boolean' } } },
      'mcp.args["dry-run"]',
      0,
    ],
  ];
  for (const [name, schema, when, count] of table) assert.equal(load(schema, when), count, name);
});

test('I15: no policy text makes loading throw, hang, or end without a place', () => {
  const scraps = [
    'rules:',
    'version: 1',
    '- id: a',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '!!x',
    '"',
    "'",
    '|',
    '>-',
    ': ',
    ', ',
    '#',
    '\n',
    '  ',
    '\t',
    'when: ',
    'mcp.tool',
    '==',
    '(',
    ')',
    '.all(',
    '---',
    '?',
    '%',
    '\u0000',
    '\ud800',
    '\u202e',
    '<<',
    '- - -',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...scraps), fc.string({ maxLength: 4 })), { maxLength: 60 }),
      (parts) => {
        for (const problem of problemsOf([
          { path: 'a.yaml', text: parts.join('') },
          { path: 'a.test.yaml', text: parts.join(' ') },
        ])) {
          assert.ok(
            problem.line >= 1 && problem.column >= 1 && problem.length >= 1 && problem.fix !== undefined,
          );
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('I15: no condition text makes loading throw, and none that loads makes deciding throw', () => {
  const scraps = [
    'mcp',
    '.args',
    '.tool',
    '.x',
    '.?x',
    '["x"]',
    '[0]',
    ' == ',
    ' in ',
    ' && ',
    ' || ',
    '!',
    '(',
    ')',
    '"a"',
    '1',
    '1.5',
    'true',
    'null',
    '[',
    ']',
    ', ',
    '.all(e, ',
    '.map(e, ',
    'e',
    'has(',
    'size(',
    're2(',
    'string(',
    '.orValue(',
    ' ? ',
    ' : ',
    '-',
    ' + ',
    '{',
    '}',
    '.startsWith(',
    'subject.id',
    'env',
  ];
  const text = fc
    .array(fc.constantFrom(...scraps), { minLength: 1, maxLength: 16 })
    .map((parts) => parts.join(''));
  const asked = evaluationOf({ facts: { tool: 'a', args: { x: [1, 'a', null, { x: 1 }] } } });
  let loaded = 0;
  fc.assert(
    fc.property(text, (when) => {
      const result = loadPolicy([file(`  - { id: r, on: mcp, when: ${JSON.stringify(when)}, then: deny }`)], {
        bindings,
      });
      if (!result.ok) return;
      loaded += 1;
      const got = result.policy.decide(asked);
      assert.equal(got.effect, 'deny');
    }),
    { numRuns: 3_000 },
  );
  assert.ok(loaded > 0);
});

test('I15: bounds are load errors', () => {
  const many = Array.from({ length: LIMITS.rules_max + 1 }, (_, at) => allow(`r${at}`)).join('\n');
  assert.match(problemsOf([file(many)])[0]?.message ?? '', /more than 10000 entries/);
  const bad = Array.from({ length: 500 }, (_, at) => `  - { id: r${at}, on: nowhere, then: allow }`).join(
    '\n',
  );
  assert.equal(problemsOf([file(bad)]).length, LIMITS.problems_max);
  const list = `[${'"a", '.repeat(LIMITS.list_literal_max)}"b"]`;
  assert.match(
    problemsOf([file(`  - { id: r, on: mcp, when: 'mcp.tool in ${list}', then: deny }`)])[0]?.fix ?? '',
    /split/,
  );
});
