// A draft tried on what agents really asked of a whole gateway: what it would change, and what nobody can tell.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, type PolicySimulation, ProblemError } from '@countersign/sdk';
import type { Client as AgentClient } from '@modelcontextprotocol/client';
import { until } from '../../gateway/testing/until.ts';
import { ASKS, openYard, type Yard } from '../gateway/yard.ts';

const RULES = `${ASKS}  - { id: no-errors, about: never, on: mcp, where: { resource: test_error_handling }, then: deny }
`;

let yard: Yard;
let alice: Client;
let bob: Client;
let agent: AgentClient;
before(async () => {
  yard = await openYard();
  [alice, bob] = [await yard.house.signIn('alice'), await yard.house.signIn('bob')];
  await yard.writePolicy(RULES);
  await until('it is in force', async () => (await alice.policy.show()).rules.length === 4);
  agent = await yard.connect();
  await agent.callTool({ name: 'test_image_content', arguments: {} }); // read: allowed
  await agent.callTool({ name: 'test_image_content', arguments: {} });
  await agent.callTool({ name: 'test_simple_text', arguments: {} }); // asks
  await agent.callTool({ name: 'test_simple_text', arguments: {} }); // joins
  await agent.callTool({ name: 'test_error_handling', arguments: {} }); // denied
});
after(async () => {
  await agent.close();
  await yard.close();
});

const simulate = (text: string, more: object = {}): Promise<PolicySimulation> =>
  alice.policy.simulate({ files: [{ path: 'policy.yaml', text }], ...more });
const told = ({ changes }: PolicySimulation) =>
  changes.map(({ resource, from, to, direction, count }) => [
    resource,
    from.effect,
    to.effect,
    direction,
    count,
  ]);

describe('a draft tried on what was asked', () => {
  it('that is the policy in force changes nothing, and every evaluation is accounted for', async () => {
    const found = await simulate(RULES);
    assert.deepEqual(found.changes, []);
    assert.equal(found.changed, 0);
    assert.ok(found.replayed >= 5, JSON.stringify(found));
    assert.deepEqual(found.not_replayed, []);
    assert.equal(found.decided_otherwise_then, 0);
    const rule = (id: string) => found.rules.find((each) => each.rule === id)?.decided;
    assert.equal(rule('reads'), 2);
    assert.equal(rule('writes-ask'), 1);
  });

  it('shows every decision it would change, with where to look', async () => {
    const draft = RULES.replace(
      'where: { class: read }, then: allow',
      'where: { class: read }, then: deny',
    ).replace('then: require, approve: [{ by: anyone }]', 'then: allow');
    const found = await simulate(draft);
    assert.deepEqual(told(found), [
      ['test_simple_text', 'require', 'allow', 'looser', 1],
      ['test_image_content', 'allow', 'deny', 'stricter', 2],
    ]);
    const [looser] = found.changes;
    assert.deepEqual([looser?.agent, looser?.upstream, looser?.what], ['coder', 'tools', 'effect']);
    const [example] = looser?.examples ?? [];
    assert.deepEqual(
      [example?.outcome, example?.from_rules, example?.to_rules],
      ['held', ['writes-ask'], ['writes-ask']],
    );
    assert.equal((await bob.requests.show(example?.request_id ?? '')).status, 'pending');
    assert.equal((await bob.log.entry(example?.event_id ?? '')).kind, 'evaluation');
  });

  it('is told what cannot be told: a refused call’s arguments were not kept', async () => {
    const free = RULES.replace(
      'resource: test_error_handling }, then: deny',
      'resource: test_error_handling }, when: mcp.args.x == 1, then: deny',
    );
    const found = await simulate(free);
    assert.deepEqual(
      found.not_replayed.map(({ why, count }) => [why, count]),
      [['not_kept', 1]],
    );
    // Whatever they were: nothing denies it any more, and writing asks.
    const asks = await simulate(ASKS);
    assert.deepEqual(told(asks), [['test_error_handling', 'deny', 'require', 'looser', 1]]);
    assert.equal(asks.replayed_partly, 1);
  });

  it('may ask more of reviewers, or less, or something else', async () => {
    const seat = 'approve: [{ by: anyone }]';
    const cases: readonly (readonly [string, string])[] = [
      ['approve: [{ by: anyone, count: 2 }]', 'stricter'],
      ['approve: [{ by: anyone }], within: 10m', 'stricter'],
      ['approve: [{ by: "person:bob" }]', 'different'],
      ['approve: [{ by: anyone }], uses: 3', 'looser'],
    ];
    for (const [with_, want] of cases) {
      const { changes } = await simulate(RULES.replace(seat, with_));
      assert.deepEqual(
        changes.map(({ what, direction, from }) => [what, direction, from.effect]),
        [['review', want, 'require']],
        with_,
      );
    }
    const renamed = await simulate(RULES.replace('id: writes-ask', 'id: writing'));
    assert.equal(renamed.changed, 0);
  });

  it('says what the erased cannot say, and what was decided otherwise then', async () => {
    const [request] = (await bob.requests.list({ status: 'pending' })).items;
    assert.ok(request);
    const detail = await bob.requests.show(request.id);
    await bob.requests.review(request.id, {
      decision: 'denied',
      reason: 'no',
      action_digest: detail.action_digest,
      rendered_digest: detail.rendered_digest,
    });
    await alice.requests.erase(request.id, 'case 4711');
    const byArguments = RULES.replace(
      'destructive] }, then: require',
      'destructive] }, when: "!has(mcp.args.x)", then: require',
    );
    const found = await simulate(byArguments);
    assert.ok(
      found.not_replayed.some(({ why }) => why === 'erased'),
      JSON.stringify(found.not_replayed),
    );
    await yard.writePolicy(
      RULES.replace('where: { class: read }, then: allow', 'where: { class: read }, then: deny'),
    );
    await until('it is in force', async () =>
      (await alice.policy.show()).rules.some(({ id, then }) => id === 'reads' && then === 'deny'),
    );
    const back = await simulate(RULES);
    assert.equal(back.decided_otherwise_then, 2);
    assert.deepEqual(told(back), [['test_image_content', 'deny', 'allow', 'looser', 2]]);
  });

  it('that does not load is told why, and not tried; one whose tests fail is tried all the same', async () => {
    const bad = await simulate('version: 1\nrules: nonsense\n');
    assert.equal(bad.check.ok, false);
    assert.equal(bad.replayed, 0);
    const files = [
      { path: 'policy.yaml', text: RULES },
      {
        path: 'a.test.yaml',
        text: 'tests:\n  - { name: wrong, evaluation: { on: mcp }, want: { effect: allow } }\n',
      },
    ];
    const failing = await alice.policy.simulate({ files });
    assert.equal(failing.check.ok, false);
    assert.ok(failing.replayed > 0);
  });

  it('stops where it is told to, and says how far it came', async () => {
    const found = await simulate(RULES, { evaluations_max: 2 });
    assert.equal(found.stopped, 'evaluations');
    assert.ok((found.reached ?? 0) > found.since);
    const none = await simulate(RULES, { since: Date.now() });
    assert.deepEqual([none.replayed, none.stopped], [0, undefined]);
  });

  it('comes with nothing narrower to propose yet, and why', async () => {
    const { suggestions, not_suggested, requests } = await alice.policy.suggestions();
    assert.deepEqual(suggestions, []);
    assert.deepEqual(
      not_suggested.map(({ rule, why }) => [rule, why]),
      [['writes-ask', 'not_always']],
    );
    assert.equal(requests, 1);
    await assert.rejects(bob.policy.suggestions(), ProblemError);
  });

  it('is for operators and auditors; nothing of it is recorded', async () => {
    await assert.rejects(
      bob.policy.simulate({ files: [{ path: 'a.yaml', text: RULES }] }),
      (error) => error instanceof ProblemError && error.status === 403,
    );
    const count = async () => (await alice.log.lookUp({ limit: 1 })).items[0]?.leaf_index;
    const before = await count();
    await simulate(ASKS);
    assert.equal(await count(), before);
    assert.equal(yard.log.filter((line) => line.startsWith('error')).length, 0, yard.log.join('\n'));
  });
});
