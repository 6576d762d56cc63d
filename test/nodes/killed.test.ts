/** Two gateways, two processes, one store: held on one, decided on the other, killed at any moment; once, whatever happens. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { until } from '../../gateway/testing/until.ts';
import { wordsOf } from '../slack/counterpart/block-kit.ts';
import { buttonsOf, click } from '../slack/counterpart/people.ts';
import { PEOPLE } from '../slack/stage.ts';
import { type Node, type Nodes, openNodes, POLICY } from './processes.ts';

const LEASE_MS = 20_000;

describe('A20, I8: two gateways on one store', { timeout: 120_000 }, () => {
  let nodes: Nodes;
  let a: Node;
  let b: Node;
  beforeEach(async () => {
    nodes = await openNodes();
    ({ a, b } = nodes);
  });
  afterEach(() => nodes.close());

  const held = async (node: Node, args: { readonly [name: string]: string }): Promise<string> => {
    const { request, text } = await node.call(args);
    assert.ok(request !== undefined, text);
    return request;
  };
  const approve = async ({ people: { bob } }: Node, id: string) => {
    const { action_digest, rendered_digest } = await bob.requests.show(id);
    return bob.requests.review(id, { decision: 'approved', action_digest, rendered_digest });
  };
  /** The one card of a request. */
  const cardOf = async (words: string) => {
    const found = () =>
      nodes.slack.workspace.messages.filter(({ blocks }) => wordsOf(blocks).includes(words));
    // Where one was killed while it carried a card, the place waits for its lease: nobody knows whether it still does.
    await until(`a card that says ${words}`, () => found().length > 0, LEASE_MS + 20_000);
    return found();
  };
  const verifies = async () => {
    const source = () => openLogSource(`${nodes.data_dir}/log`);
    const vkey = b.told.vkey;
    await until('the log verifies', async () => (await verifyLog({ source: source(), vkey })).ok);
    assert.deepEqual((await verifyLog({ source: source(), vkey })).findings, []);
  };

  it('held here, approved there, asked again of both: it runs once', async () => {
    const id = await held(a, { path: '/one' });
    await approve(b, id);
    const answers = await Promise.all([a.call({ path: '/one' }), b.call({ path: '/one' })]);
    assert.equal(nodes.upstream.calls.length, 1, JSON.stringify(answers));
    await verifies();
  });

  it('held here, decided in Slack, which speaks to the other; one card, whoever posted it', async () => {
    await held(a, { path: '/slack' });
    const [message, ...more] = await cardOf('/slack');
    assert.ok(message);
    assert.deepEqual(more, []);
    const button = buttonsOf(message.blocks).find(({ action_id }) => action_id === 'approve');
    assert.ok(button);
    await click(nodes.slack, { user: PEOPLE.bob, message, button });
    await until('it may run', async () => /written/.test((await a.call({ path: '/slack' })).text));
    assert.equal(nodes.upstream.calls.length, 1);
    await until('the card says so', async () =>
      /ran|succeeded|finished/i.test(wordsOf((await cardOf('/slack'))[0]?.blocks)),
    );
    assert.equal((await cardOf('/slack')).length, 1);
    await verifies();
  });

  it('stopped there, denied here at the next call; a policy that came there holds here', async () => {
    const id = await held(a, { path: '/stop' });
    await approve(a, id);
    await b.people.bob.agents.pause('coder', 'it misbehaves');
    await assert.rejects(a.call({ path: '/stop' }), /paused/);
    await a.people.bob.agents.resume('coder');
    const never = POLICY.replace('then: require, approve: [{ by: anyone }]', 'then: deny');
    await Promise.all([a.writePolicy(never), b.writePolicy(never)]);
    for (const node of [a, b])
      await until('it is denied', async () => {
        const said = await node.call({ path: '/new' }).catch(String);
        return typeof said !== 'string' && said.isError && said.request === undefined;
      });
    assert.equal(nodes.upstream.calls.length, 0);
    await verifies();
  });

  for (const [which, other] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const)
    it(`kill -9 of ${which}: the other goes on with everything, and it comes back to what was decided meanwhile`, async () => {
      const first = await held(a, { path: '/first' });
      await held(b, { path: '/second' });
      await nodes[which].kill();
      const left = nodes[other];
      await approve(left, first);
      assert.match((await left.call({ path: '/first' })).text, /written/);
      const third = await held(left, { path: '/third' });
      await cardOf('/third');
      await nodes[which].start();
      if (which === 'b') nodes.slack.reachedAt(`${b.told.url}/channels/slack`);
      await approve(nodes[which], third);
      await until('it ran', async () => /written/.test((await left.call({ path: '/third' })).text));
      assert.equal(nodes.upstream.calls.length, 2);
      for (const words of ['/first', '/second', '/third'])
        assert.equal((await cardOf(words)).length, 1, `one card of ${words}, and none lost`);
      await verifies();
    });

  it('both killed while people decide: nothing is lost, nothing runs twice', async () => {
    const id = await held(a, { path: '/both' });
    await approve(b, id);
    await Promise.all([a.kill(), b.kill()]);
    assert.equal(nodes.upstream.calls.length, 0);
    await Promise.all([a.start(), b.start()]);
    await Promise.all([a.call({ path: '/both' }), b.call({ path: '/both' })]);
    assert.equal(nodes.upstream.calls.length, 1);
    await verifies();
  });
});
