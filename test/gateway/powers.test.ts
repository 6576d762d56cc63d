// What an agent may do and a person may review, through the whole gateway: told by the policy in force, before and after
// it changes, over the API and the command line; and what is told ahead is what the call then gets.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import { until } from '../../gateway/testing/until.ts';
import { callHeld, HELD, OPEN, openYard, ranOf, type Yard } from './yard.ts';

const READ = 'test_image_content';
const BY_ARGUMENT = `version: 1
rules:
${OPEN}
  - { id: by-argument, about: only some, on: mcp, when: 'mcp.args.name == "x"', then: allow }
  - { id: ops, about: the rest asks bob, on: mcp, where: { class: [write, destructive] }, then: require, approve: [{ by: "person:bob" }] }
`;

describe('what may be done, told ahead', () => {
  let yard: Yard;
  let alice: Client;
  before(async () => {
    yard = await openYard();
    alice = await yard.house.signIn('alice');
  });
  after(() => yard.close());

  const mayOf = async (tool: string) => {
    const { upstreams, policy } = await alice.agents.policy('coder');
    const found = upstreams[0]?.tools.find((each) => each.tool === tool);
    assert.ok(found, tool);
    return { ...found.may, policy };
  };

  it('says of each tool what then happens', async () => {
    assert.deepEqual([(await mayOf(READ)).effects, (await mayOf(HELD)).effects], [['allow'], ['require']]);
    assert.deepEqual((await mayOf(HELD)).reviewers, { people: ['bob'], left_out: 0, enough: true });
    const agent = await yard.connect();
    await agent.callTool({ name: READ, arguments: {} });
    await agent.close();
    assert.equal(ranOf(yard, READ), 1);
    assert.ok(await callHeld(yard), 'held');
    assert.equal(ranOf(yard), 0);
  });

  it('says it of the policy of this moment, never of one before', async () => {
    const before = await mayOf(READ);
    await yard.writePolicy(BY_ARGUMENT);
    await until(
      'the other policy is in force',
      async () => (await alice.policy.show()).digest !== before.policy.digest,
    );
    const now = await mayOf(READ);
    assert.deepEqual([now.effects, now.depends_on], [['deny', 'allow'], ['mcp.args.name']]);
    assert.deepEqual(
      (await mayOf(HELD)).rules.map(({ rule, certain }) => [rule, certain]),
      [['ops', true]],
    );
    const bob = await alice.reviewers.policy('bob');
    assert.deepEqual(
      bob.rules.map(({ rule, seats, agents }) => [rule, seats[0]?.by, agents.may]),
      [['ops', 'person:bob', ['coder']]],
    );
    assert.deepEqual((await alice.reviewers.policy('alice')).rules, []);
  });

  it('says that a paused agent is refused, whatever the rules say', async () => {
    await alice.agents.pause('coder', 'looking into it');
    assert.equal((await alice.agents.policy('coder')).stopped, 'paused');
    await alice.agents.resume('coder');
    assert.equal((await alice.agents.policy('coder')).stopped, undefined);
  });
});
