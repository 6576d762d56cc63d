// Reading the policy and having a draft looked at, over the API of a whole gateway.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, ProblemError } from '@countersign/sdk';
import { ASKS, openYard, type Yard } from '../gateway/yard.ts';

let yard: Yard;
before(async () => {
  yard = await openYard();
  const [operator, reviewer] = [await yard.house.signIn('alice'), await yard.house.signIn('bob')];
  alice = () => operator;
  bob = () => reviewer;
});
after(() => yard.close());
let alice: () => Client;
let bob: () => Client;

describe('the policy as written', () => {
  it('is read by everyone signed in, file by file, with what names it', async () => {
    const { files, source, policy_digest, digest } = await bob().policy.files();
    assert.equal(source, 'files');
    assert.deepEqual(
      files.map(({ path, text }) => [path, text]),
      [['policy.yaml', ASKS]],
    );
    assert.equal(policy_digest, (await bob().policy.show()).digest);
    assert.equal(digest, policy_digest, 'there is no test file');
  });

  it('has words: the groups, upstreams, agents and tools there are', async () => {
    const words = await bob().policy.vocabulary();
    assert.deepEqual(words.names.agents.includes('coder'), true);
    assert.ok(words.names.upstreams.includes('tools'));
    const tool = words.tools.find((each) => each.tool === 'test_simple_text');
    assert.ok(tool, JSON.stringify(words.tools.map((each) => each.tool)));
    assert.deepEqual(
      words.bindings.map(({ name }) => name),
      ['mcp', 'access', 'countersign'],
    );
  });
});

describe('a draft', () => {
  it('is checked as the gateway would load it: the place, the spelling, the fix', async () => {
    const text = ASKS.replace('where: { class: read }', 'where: { upstream: tolls, class: read }');
    const said = await alice().policy.check({ files: [{ path: 'policy.yaml', text }] });
    assert.equal(said.ok, false);
    const [problem] = said.problems;
    assert.deepEqual(
      [problem?.file, problem?.rule, problem?.likely, problem?.fix],
      ['policy.yaml', 'reads', 'tools', 'write tools'],
    );
    const line = text.split('\n')[(problem?.line ?? 0) - 1] ?? '';
    assert.equal(
      line.slice((problem?.column ?? 0) - 1, (problem?.column ?? 0) - 1 + (problem?.length ?? 0)),
      'tolls',
    );
  });

  it('has its tests run, and names the policy it would be', async () => {
    const tests = `tests:
  - { name: reading runs, evaluation: { on: mcp, class: read }, want: { effect: allow, rules: [reads] } }
  - { name: writing runs, evaluation: { on: mcp, class: write }, want: { effect: allow } }
`;
    const files = [
      { path: 'policy.yaml', text: ASKS },
      { path: 'policy.test.yaml', text: tests },
    ];
    const said = await alice().policy.check({ files });
    assert.deepEqual(
      said.tests.map(({ name, ok }) => [name, ok]),
      [
        ['reading runs', true],
        ['writing runs', false],
      ],
    );
    assert.match(said.problems[0]?.message ?? '', /test "writing runs" failed/);
    assert.deepEqual(
      said.never_matching.map(({ rule }) => rule),
      ['sessions'],
    );
    assert.equal(said.digest, (await alice().policy.show()).digest);
  });

  it('is looked at for operators and auditors, and for nobody else', async () => {
    const files = [{ path: 'policy.yaml', text: ASKS }];
    await assert.rejects(bob().policy.check({ files }), (error) => {
      assert.ok(error instanceof ProblemError);
      assert.equal(error.status, 403);
      return true;
    });
  });

  it('changes nothing', async () => {
    const before = await alice().policy.show();
    await alice().policy.check({
      files: [{ path: 'policy.yaml', text: ASKS.replace('reads', 'reading') }],
    });
    assert.deepEqual(await alice().policy.show(), before);
  });
});
