// Cancelling, in each revision's own way, while the call runs and while it is held (WIRE §8).
import assert from 'node:assert/strict';
import { legacy, modern } from '../client.ts';
import { type Scenario, textOf } from './scenario.ts';

const SLEEP = { name: 'slow_compute', arguments: { seconds: 60, label: 'cancelled' } };
const RUNNING = { method: 'tools/call', name: 'slow_compute', state: 'running' } as const;
const CANCELLED = { ...RUNNING, state: 'cancelled' } as const;
const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

export const CANCELLING: Scenario[] = [
  {
    name: 'modern: closing the stream of a running call cancels it upstream',
    run: async ({ fixture, as }) => {
      const call = modern(as(), 'tools/call', SLEEP);
      call.done.catch(() => undefined);
      await fixture.journal.until(RUNNING);
      call.hangUp();
      await fixture.journal.until(CANCELLED);
    },
  },
  {
    name: 'legacy: closing the stream does not cancel, notifications/cancelled does',
    run: async ({ fixture, as }) => {
      const session = await legacy(as());
      const call = session.request('tools/call', SLEEP);
      call.done.catch(() => undefined);
      await fixture.journal.until(RUNNING);
      call.hangUp();
      await session.request('tools/list').done;
      assert.equal(fixture.journal.count(RUNNING), 1, 'a lost connection cancelled the call');
      await session.notify('notifications/cancelled', { requestId: call.id });
      await fixture.journal.until(CANCELLED);
      await session.end();
    },
  },
  {
    name: 'legacy: DELETE cancels what the session runs upstream',
    run: async ({ fixture, as }) => {
      const session = await legacy(as());
      session.request('tools/call', SLEEP).done.catch(() => undefined);
      await fixture.journal.until(RUNNING);
      await session.end();
      await fixture.journal.until(CANCELLED);
    },
  },
  {
    name: 'modern: a held call whose stream was closed runs only when it is called again',
    run: async ({ fixture, gateway, as, pending }) => {
      const wanted = { name: 'echo', arguments: { held: 'then left' } };
      const left = modern(as(), 'tools/call', wanted);
      left.done.catch(() => undefined);
      const [id = ''] = await pending();
      left.hangUp();
      await gateway.reviewer.approve(id);
      await modern(as(), 'tools/call', { name: 'greet', arguments: { name: 'x' } }).done;
      assert.equal(fixture.journal.count({ name: 'echo' }), 0, 'it ran with nobody waiting');
      const again = await modern(as(), 'tools/call', wanted).done;
      assert.equal(textOf(again.reply), '{"held":"then left"}');
      assert.equal(fixture.journal.count({ name: 'echo' }), 1);
    },
  },
  {
    name: 'modern: tasks/cancel of a held call withdraws it; nothing runs',
    run: async ({ fixture, gateway, as, pending }) => {
      const to = { ...as(), capabilities: TASKS };
      const made = await modern(to, 'tools/call', { name: 'echo', arguments: { task: 'withdrawn' } }).done;
      const taskId = String(made.reply?.result?.['taskId']);
      assert.equal(made.reply?.result?.['resultType'], 'task', JSON.stringify(made.reply));
      await pending();
      await modern(to, 'tasks/cancel', { taskId }).done;
      const got = await modern(to, 'tasks/get', { taskId }).done;
      assert.equal(got.reply?.result?.['status'], 'cancelled');
      assert.deepEqual(await gateway.reviewer.pending(), []);
      assert.equal(fixture.journal.count({ name: 'echo' }), 0);
    },
  },
];
