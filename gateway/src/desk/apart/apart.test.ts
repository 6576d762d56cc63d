/** Drafts on a thread of their own: the same answer as here, cut off when they take too long, in turns, few at a time. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { LoadOptions } from '../../policy/rules/options.ts';
import { mcpBinding } from '../../protocols/mcp/binding.ts';
import { checkDraft } from '../check.ts';
import { type ApartOptions, createApart } from './apart.ts';
import { sentWorld } from './world.ts';

const SCHEMA = { type: 'object', properties: { amount: { type: 'number' } } };
const OPTIONS: LoadOptions = {
  bindings: [mcpBinding],
  known: { groups: ['dba'], upstreams: ['bank'] },
  toolArguments: (upstream, tool) => (upstream === 'bank' && tool === 'pay' ? SCHEMA : undefined),
};
const PINS = new Map([['bank\npay', { pin: 'sha256:0', class: 'write' as const, definition: {} }]]);
const WORLD = sentWorld(OPTIONS, PINS);

function start(options: Partial<ApartOptions> = {}) {
  const troubles: string[] = [];
  const apart = createApart({
    world: () => WORLD,
    reply: async () => assert.fail('checking asks for nothing'),
    onTrouble: (why) => troubles.push(why),
    ...options,
  });
  after(() => apart.close());
  return { apart, troubles };
}

const policy = (rule: string) => [{ path: 'a.yaml', text: `version: 1\nrules:\n  - ${rule}\n` }];
const GOOD = policy(
  '{ id: a, on: mcp, where: { upstream: bank, resource: pay }, when: mcp.args.amount > 5, then: deny }',
);
const BAD = policy(
  '{ id: a, on: mcp, where: { upstream: bank, resource: pay }, when: mcp.args.amuont > 5, then: deny }',
);
/** Asks for a page of the log, which a store that hangs never gives. */
const ENDLESS = {
  kind: 'simulate',
  draft: GOOD,
  inForce: GOOD,
  version: '1',
  operators: undefined,
  since: 0,
  until: 1,
  evaluations_max: 1,
  time_ms_max: 1,
} as const;
const hanging = { reply: () => new Promise<never>(() => undefined) };

describe('a draft on the desk’s thread', () => {
  it('is told what it would be told here, typed by the tools there are', async () => {
    const { apart, troubles } = start();
    for (const draft of [GOOD, BAD, [], [{ path: '../a.yaml', text: '' }]])
      assert.deepEqual(await apart.do({ kind: 'check', draft }, 'ann'), {
        kind: 'done',
        result: checkDraft(draft, OPTIONS),
      });
    const answer = await apart.do({ kind: 'check', draft: BAD }, 'ann');
    assert.match(JSON.stringify(answer), /mcp has no field|no field \\"amuont\\"|amount/);
    assert.deepEqual(troubles, []);
  });

  it('is checked against the world as it is now, not as it was', async () => {
    let world = WORLD;
    const { apart } = start({ world: () => world });
    const asks = policy('{ id: a, on: mcp, then: require, approve: [{ by: "group:new" }] }');
    const before = await apart.do({ kind: 'check', draft: asks }, 'ann');
    assert.ok(before.kind === 'done' && !before.result.ok);
    world = sentWorld({ ...OPTIONS, known: { groups: ['new'] } }, PINS);
    const now = await apart.do({ kind: 'check', draft: asks }, 'ann');
    assert.ok(now.kind === 'done' && now.result.ok);
  });

  it('A21: that takes too long is cut off; the next is answered by a new thread', async () => {
    const { apart } = start({ ...hanging, job_ms_max: 300 });
    const [slow, next] = await Promise.all([
      apart.do(ENDLESS, 'ann'),
      start().apart.do({ kind: 'check', draft: GOOD }, 'bob'),
    ]);
    assert.deepEqual(slow, { kind: 'too_long' });
    assert.equal(next.kind, 'done');
  });

  it('A21: waits its turn, and no one person takes every place', async () => {
    const { apart } = start({ wait_ms_max: 60_000 });
    const asked = Array.from({ length: 6 }, () => apart.do({ kind: 'check', draft: GOOD }, 'ann'));
    const other = apart.do({ kind: 'check', draft: GOOD }, 'bob');
    const kinds = (await Promise.all(asked)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['done', 'done', 'done', 'done', 'busy', 'busy']);
    assert.equal((await other).kind, 'done');
  });

  it('A21: that waits too long is told so, and its place is free again', async () => {
    const { apart } = start({ ...hanging, wait_ms_max: 0, job_ms_max: 5_000 });
    const slow = apart.do(ENDLESS, 'ann');
    const late = await Promise.all(
      ['ann', 'bob', 'bob'].map((person) => apart.do({ kind: 'check', draft: GOOD }, person)),
    );
    assert.deepEqual(
      late.map(({ kind }) => kind),
      ['busy', 'busy', 'busy'],
    );
    assert.equal((await slow).kind, 'too_long');
    assert.equal((await apart.do({ kind: 'check', draft: GOOD }, 'ann')).kind, 'done');
  });

  it('is answered after the thread has gone for want of work, and not after closing', async () => {
    const { apart, troubles } = start({ idle_ms: 0 });
    const ask = () => apart.do({ kind: 'check', draft: GOOD }, 'ann');
    for (let time = 0; time < 4; time += 1) {
      assert.equal((await ask()).kind, 'done');
      // The timer of the idle thread is due in the next turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assert.deepEqual(troubles, []);
    const running = ask();
    await apart.close();
    assert.equal((await running).kind, 'busy');
    assert.equal((await ask()).kind, 'busy');
  });

  it('that breaks the program is a trouble of ours, said once, and the next is answered', async () => {
    const { apart, troubles } = start();
    const broken = await apart.do({ kind: 'check', draft: null as unknown as [] }, 'ann');
    assert.equal(broken.kind, 'failed');
    assert.equal(troubles.length, 1);
    assert.equal((await apart.do({ kind: 'check', draft: GOOD }, 'ann')).kind, 'done');
  });
});
