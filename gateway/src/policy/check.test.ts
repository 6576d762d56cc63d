import assert from 'node:assert/strict';
import { test } from 'node:test';
import { likelySpelling } from '../config/spelling.ts';
import { checkFiles, checkPolicy } from './check.ts';
import { formatPolicyErrors } from './problems/format.ts';
import { formatPolicyReport } from './problems/report.ts';
import { bindings } from './testing/vectors.ts';

const policy = {
  path: 'policy.yaml',
  text: `version: 1
rules:
  - { id: reads, on: mcp, where: { class: read }, then: allow }
  - { id: large, on: mcp, when: mcp.args.amount > 5, then: deny }
  - { id: typo, on: mcp, where: { class: raed }, then: deny, enforce: dry-run }
`,
};
const tests = (text: string) => ({ path: 'policy.test.yaml', text });

test('P8: tests run, and rules no test ever matches are listed', () => {
  const report = checkFiles(
    [
      policy,
      tests(`defaults: { on: mcp, class: read, facts: { args: { amount: 1 } } }
tests:
  - { name: small, want: { effect: allow, rules: [reads] } }
  - { name: the default facts are merged into, evaluation: { facts: { args: { note: x } } }, want: { effect: allow, outranked: [] } }
`),
    ],
    { bindings },
  );
  assert.equal(formatPolicyErrors(report.problems), '');
  assert.deepEqual(
    report.tests.map(({ name, line, ok }) => [name, line, ok]),
    [
      ['small', 3, true],
      ['the default facts are merged into', 4, true],
    ],
  );
  assert.deepEqual(report.never_matching, [
    { rule: 'large', file: 'policy.yaml', line: 4 },
    { rule: 'typo', file: 'policy.yaml', line: 5 },
  ]);
});

test('P8: a rule that only ever errs in tests is not one that matches', () => {
  const report = checkFiles(
    [
      policy,
      tests(
        'tests:\n  - { name: t, evaluation: { on: mcp, class: write }, want: { effect: deny, rules: [large] } }\n',
      ),
    ],
    { bindings },
  );
  assert.equal(formatPolicyErrors(report.problems), '');
  assert.deepEqual(
    report.never_matching.map(({ rule }) => rule),
    ['reads', 'large', 'typo'],
  );
});

test('P8: every part of an answer can be wanted, and each that differs is told', () => {
  // The rule that matches denies, for the reason `rule`, and asks nothing of anybody.
  const wanted = {
    effect: 'allow',
    reason: 'not_exact',
    rules: '[x]',
    outranked: '[y]',
    would_have: '[z]',
    risk: 'high',
    approve: '[{ by: anyone }]',
    exclude: '[anyone]',
    within: '5m',
    valid: '5m',
    uses: '2',
    with: '{ mask: [pii] }',
  };
  const want = `{ ${Object.entries(wanted)
    .map(([part, value]) => `${part}: ${value}`)
    .join(', ')} }`;
  const report = checkFiles(
    [
      policy,
      tests(
        `tests:\n  - { name: t, evaluation: { on: mcp, class: read, facts: { args: { amount: 9 } } }, want: ${want} }\n`,
      ),
    ],
    { bindings },
  );
  const [problem] = report.problems;
  for (const part of Object.keys(wanted)) {
    assert.match(problem?.message ?? '', new RegExp(`wanted ${part} `), part);
  }
  assert.equal(report.tests[0]?.ok, false);
});

test('advice: what loads but is probably not meant is said, and loads', () => {
  const advised = (rule: string) => {
    const text = `version: 1\nrules:\n  - { id: r, on: mcp, ${rule} }\n`;
    const report = checkFiles([{ path: 'a.yaml', text }], {
      bindings,
      proofs: ['session', 'recent', 'passkey'],
      known: {
        groups: ['dba', 'web', 'empty'],
        members: { dba: 1, web: 3, empty: 0 },
        teams: ['web', 'growth'],
      },
    });
    assert.equal(formatPolicyErrors(report.problems), '', rule);
    return report.advice.map(({ message, line, fix }) => {
      assert.ok(line === 3 && fix !== undefined);
      return message;
    });
  };
  const table: readonly (readonly [string, RegExp | undefined])[] = [
    [`when: 'mcp.args.path.startsWith("/srv/data/")', then: allow`, /lead elsewhere: \/srv\/data\/\.\.\/etc/],
    [`when: 'mcp.args.path.startsWith("/srv/data/")', then: deny`, undefined],
    [
      `when: 'mcp.args.url.startsWith("https://a.test")', then: allow`,
      /go elsewhere: https:\/\/a\.test\.evil\.test/,
    ],
    [`when: 'mcp.args.url.startsWith("https://a.test/")', then: allow`, undefined],
    [`when: 'mcp.args.to.endsWith("example.com")', then: allow`, /evilexample\.com/],
    [`when: 'mcp.args.to.endsWith("@example.com")', then: allow`, undefined],
    [`when: 're2(mcp.args.to, "[a-z]+")', then: allow`, /anywhere/],
    [`when: 're2(mcp.args.to, "^[a-z]+$")', then: allow`, undefined],
    ['then: allow', /allows every action/],
    ['where: { class: read }, then: allow', undefined],
    ['then: deny', undefined],
    [
      'then: require, approve: [{ by: "group:dba", count: 2 }]',
      /group:dba has 1 reviewer, and 2 must approve/,
    ],
    ['then: require, approve: [{ by: "group:dba" }]', undefined],
    [
      'then: require, approve: [{ stage: [{ by: "group:web" }] }, { stage: [{ by: "group:dba", count: 2 }] }]',
      /group:dba has 1 reviewer, and 2 must approve/,
    ],
    [
      'then: require, approve: [{ by: other_team }]',
      /agents of team "growth" and no group of that name: nobody can be told to be in it/,
    ],
    ['then: require, approve: [{ by: "group:web" }], exclude: own_team', /team "growth" and no group/],
    [
      'then: require, approve: [{ by: "group:web" }], break_glass: { by: "group:empty" }',
      /break_glass, by: nobody could break it: nobody is in group:empty/,
    ],
    [
      'then: require, approve: [{ by: "group:web" }], break_glass: { by: "group:dba", notify: ["group:empty"] }',
      /break_glass, notify: nobody there is told: nobody is in group:empty/,
    ],
    [
      'then: require, approve: [{ by: "group:web" }], break_glass: { by: "group:dba", review: "group:empty" }',
      /nobody could review it afterwards, so nobody may break it: nobody is in group:empty/,
    ],
    ['then: require, approve: [{ by: "group:web" }], break_glass: { by: "group:dba" }', undefined],
  ];
  for (const [rule, said] of table) {
    const got = advised(rule);
    if (said === undefined) assert.deepEqual(got, [], rule);
    else assert.match(got.join('\n'), said, rule);
  }
});

test('a whole check reads well', () => {
  const text = `version: 1
rules:
  - { id: reads, on: mcp, where: { class: read }, then: allow }
  - { id: paths, on: mcp, when: 'mcp.args.path.startsWith("/srv")', then: allow }
`;
  const asked = 'tests:\n  - { name: t, evaluation: { on: mcp, class: read }, want: { effect: allow } }\n';
  const shown = formatPolicyReport(checkFiles([{ path: 'policy.yaml', text }, tests(asked)], { bindings }), {
    root: 'policy/',
  });
  assert.equal(
    shown,
    `advice: a path can begin with "/srv" and lead elsewhere: /srv/../etc
 --> policy/policy.yaml:4:59 (rule paths, key when)
  |
4 |   - { id: paths, on: mcp, when: 'mcp.args.path.startsWith("/srv")', then: allow }
  |                                                           ^^^^^^
  = fix: write path_inside(…, "/srv")

Rules no test matches (dead, misspelt or untested):
  paths  policy.yaml:4

ok: 2 rules in 1 file, 1 test passed
`,
  );
  const failing = checkFiles([{ path: 'policy.yaml', text }, tests(asked.replace('allow', 'deny'))], {
    bindings,
  });
  assert.match(
    formatPolicyReport(failing),
    /1 problem\n[\s\S]*not loaded: 2 rules in 1 file, 1 of 1 test failed\n$/,
  );
  const broken = checkFiles([{ path: 'policy.yaml', text: 'x' }], { bindings });
  assert.match(formatPolicyReport(broken), /1 problem\n\nnot loaded\n$/);
});

test('a folder that is not there is a report, not an exception', () => {
  const report = checkPolicy('/nonexistent/policy', { bindings });
  assert.match(formatPolicyErrors(report.problems), /cannot be read: ENOENT[\s\S]*fix: /);
});

test('A2, A3: nothing in a policy’s text reaches a terminal raw', () => {
  const nasty = '\u001b[2K\u202e\u200b\u0007\u009b1m\u2028';
  const files = [
    {
      path: `${nasty}.yaml`,
      text: `version: 1\nrules:\n  - { id: "${nasty}", on: "m${nasty}", then: "${nasty}" }\n`,
    },
  ];
  for (const color of [false, true]) {
    const shown = formatPolicyErrors(checkFiles(files, { bindings }).problems, { color }).replaceAll(
      /\u001b\[(?:0|1|2|3[124])m/g,
      '',
    );
    assert.ok(shown.includes('\\u{202e}'));
    assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\u2028]/u);
  }
});

test('carets stand under what they mean, after tabs and escaped characters too', () => {
  const [problem] = checkFiles(
    [{ path: 'a.yaml', text: 'version: 1\nrules:\n  - { id: a, about: "\u200b", on: mpc, then: deny }\n' }],
    { bindings },
  ).problems;
  const lines = formatPolicyErrors(problem === undefined ? [] : [problem]).split('\n');
  const [text, caret] = [lines[3] ?? '', lines[4] ?? ''];
  assert.equal(text.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1), 'mpc');
});

test('the likely spelling is near, and silence is better than a far guess', () => {
  const known = ['readOnlyHint', 'destructiveHint', 'tool', 'args', 'group:dba'];
  const table: readonly (readonly [string, string | undefined])[] = [
    ['readonlyhint', 'readOnlyHint'],
    ['read_only_hint', 'readOnlyHint'],
    ['tol', 'tool'],
    ['agrs', 'args'],
    ['toool', 'tool'],
    ['group:dab', 'group:dba'],
    ['xyz', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ];
  for (const [wrong, likely] of table) assert.equal(likelySpelling(wrong, known), likely, wrong.slice(0, 20));
});

test('a rule that asks for passkeys is named: the files do not say who has one', () => {
  const text = `version: 1
rules:
  - { id: plain, on: mcp, where: { class: write }, then: require, approve: [{ by: anyone }] }
  - { id: signed, on: mcp, where: { class: destructive }, then: require, approve: [{ by: anyone, proof: passkey }] }
`;
  const options = { bindings, proofs: ['session', 'recent', 'passkey'] as const };
  const report = checkFiles([{ path: 'policy.yaml', text }], options);
  assert.deepEqual(report.asks_passkey, ['signed']);
  assert.match(
    formatPolicyReport(report),
    /Rules that ask for a passkey\. .*countersign passkeys list.*\n {2}signed\n/,
  );
  assert.doesNotMatch(formatPolicyReport(checkFiles([policy], options)), /passkey/);
});

test('a rule whose glass may be broken is named, for the same reason; no change of what decides offers it', () => {
  const proofs = ['session', 'recent', 'passkey'] as const;
  const rule = (on: string): string =>
    `version: 1\nrules:\n  - { id: loud, on: ${on}, then: require, approve: [{ by: anyone }], break_glass: { by: "person:ann" } }\n`;
  const options = { bindings: [...bindings, { name: 'countersign', facts: {}, obligations: [] }], proofs };
  const report = checkFiles([{ path: 'policy.yaml', text: rule('mcp') }], options);
  assert.deepEqual(report.breaks_glass, ['loud']);
  assert.match(formatPolicyReport(report), /Rules whose glass may be broken.*\n {2}loud\n/);
  const { problems } = checkFiles([{ path: 'policy.yaml', text: rule('countersign') }], options);
  assert.match(problems[0]?.message ?? '', /what decides is not changed in an emergency/);
});
