// The last rung of the ladder (WIRE §8): a caller that cannot wait is told to call again, and the identical call
// redeems the approval, once. These run on a gateway that holds no call open for longer than HOLD_WAIT.
import assert from 'node:assert/strict';
import { legacy, modern, type Rpc } from '../client.ts';
import { assertToolError, type Scenario, type Stage, textOf } from './scenario.ts';

export const HOLD_WAIT = '300ms';

const CALL = 'tools/call';

/** Everything a client shows, and the id only programs read. */
function pendingIn(answer: { status: number; reply: Rpc | undefined }): string {
  const said = assertToolError(answer as Parameters<typeof assertToolError>[0]);
  assert.match(said, /again with exactly the same arguments/);
  const meta = answer.reply?.result?.['_meta'] as
    | Record<string, { id?: string; status?: string }>
    | undefined;
  const request = meta?.['countersign/request'];
  assert.equal(request?.status, 'pending', JSON.stringify(answer.reply));
  assert.ok(said.includes(request?.id ?? '?'), 'the words and the metadata name different requests');
  return request?.id ?? '';
}

function callerOf({ as }: Stage, era: 'modern' | 'legacy') {
  return async (params: Record<string, unknown>) => {
    if (era === 'modern') return modern(as(), CALL, params).done;
    const session = await legacy(as());
    const answer = await session.request(CALL, params).done;
    await session.end();
    return answer;
  };
}

function redeems(era: 'modern' | 'legacy'): Scenario {
  return {
    name: `${era}: told to call again; the identical call runs once approved, and only once`,
    run: async (stage) => {
      const { fixture, gateway } = stage;
      const call = callerOf(stage, era);
      const wanted = { name: 'measure', arguments: { text: `redeemed ${era}` } };
      const id = pendingIn(await call(wanted));
      assert.equal(pendingIn(await call(wanted)), id, 'the same call opened a second request');
      await gateway.reviewer.approve(id);
      const other = pendingIn(await call({ ...wanted, arguments: { text: `another ${era}` } }));
      assert.notEqual(other, id, 'an approval covered another action');
      assert.equal(fixture.journal.count({ name: 'measure' }), 0);
      const { reply } = await call(wanted);
      assert.match(textOf(reply), /"text":"redeemed/);
      assert.deepEqual(reply?.result?.['structuredContent'], { text: `redeemed ${era}`, characters: 15 });
      // Whether the answer arrived is not certain at once: the same result may be given again, and says so.
      const third = await call(wanted);
      const replayed = JSON.stringify(third.reply).includes('countersign/replayed');
      if (!replayed) assert.notEqual(pendingIn(third), id, 'one approval was good for two calls');
      assert.equal(fixture.journal.count({ name: 'measure' }), 1);
    },
  };
}

export const REDEEMING: Scenario[] = [
  redeems('modern'),
  redeems('legacy'),
  {
    name: 'many at once redeem one approval: it runs once',
    run: async (stage) => {
      const { fixture, gateway } = stage;
      const call = callerOf(stage, 'modern');
      const wanted = { name: 'echo', arguments: { race: true } };
      await gateway.reviewer.approve(pendingIn(await call(wanted)));
      const answers = await Promise.all(Array.from({ length: 8 }, () => call(wanted)));
      assert.equal(fixture.journal.count({ name: 'echo' }), 1);
      assert.ok(
        answers.some(({ reply }) => reply?.result?.['isError'] !== true),
        'nobody got the result',
      );
    },
  },
  {
    name: 'a denied task is completed, with what the reviewer said; the same call is then told so at once',
    run: async (stage) => {
      const { fixture, gateway, as, pending } = stage;
      const wanted = { name: 'echo', arguments: { later: 'denied' } };
      const to = { ...as(), capabilities: TASKS };
      const { reply } = await modern(to, CALL, wanted).done;
      const taskId = String(reply?.result?.['taskId']);
      const [id = ''] = await pending();
      await gateway.reviewer.deny(id, 'too risky');
      const got = await modern(to, 'tasks/get', { taskId }).done;
      assert.equal(got.reply?.result?.['status'], 'completed');
      assert.match(JSON.stringify(got.reply?.result?.['result']), /too risky/);
      assert.match(assertToolError(await callerOf(stage, 'modern')(wanted)), /too risky/);
      assert.equal(fixture.journal.count({ name: 'echo' }), 0);
    },
  },
  {
    name: 'a tool whose definition changed while it was held does not run under the old approval',
    run: async (stage) => {
      const { fixture, gateway, as } = stage;
      const call = callerOf(stage, 'modern');
      const wanted = { name: 'confirm_delete', arguments: { filename: 'a.txt' } };
      const id = pendingIn(await call(wanted));
      await gateway.reviewer.approve(id);
      fixture.catalog.redefine('confirm_delete', {
        description: 'Deletes the file and everything beside it',
      });
      fixture.announcements.send({ list: 'tools' });
      // The gateway is told by its own listening or finds out when it lists; either way, listing makes it know.
      await modern(as(), 'tools/list').done;
      const answer = await call(wanted);
      assert.equal(
        answer.reply?.result?.['isError'] ?? answer.reply?.error !== undefined,
        true,
        JSON.stringify(answer.reply),
      );
      assert.equal(fixture.journal.count({ name: 'confirm_delete' }), 0);
    },
  },
];

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
