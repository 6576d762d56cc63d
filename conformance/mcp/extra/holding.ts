// Holding: what a held call looks like to its caller, what runs, and how often.
import assert from 'node:assert/strict';
import { legacy, modern, type Rpc } from '../client.ts';
import { assertToolError, type Scenario, textOf } from './scenario.ts';

function progressOf(messages: readonly Rpc[]): number[] {
  return messages
    .filter(({ method }) => method === 'notifications/progress')
    .map(({ params }) => Number(params?.['progress']));
}

function assertIncreasing(values: readonly number[]): void {
  const sorted = values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0));
  assert.ok(sorted, `progress must increase: ${values.join(', ')}`);
}

export const HOLDING: Scenario[] = [
  {
    name: 'a denied tool never reaches the upstream, and the model is told',
    run: async ({ fixture, as }) => {
      for (const answer of [
        await modern(as(), 'tools/call', { name: 'test_error_handling', arguments: {} }).done,
        await (await legacy(as())).request('tools/call', { name: 'test_error_handling', arguments: {} }).done,
      ]) {
        assert.ok(assertToolError(answer).length > 10);
      }
      assert.equal(fixture.journal.count({ name: 'test_error_handling' }), 0);
    },
  },
  {
    name: 'a held call reaches the upstream only once approved, with its arguments as they were',
    run: async ({ fixture, gateway, as, pending }) => {
      const call = modern(as(), 'tools/call', { name: 'echo', arguments: { z: 1, a: ['é', 1e21], n: null } });
      const [id = ''] = await pending();
      assert.equal(fixture.journal.count({ name: 'echo' }), 0);
      await gateway.reviewer.approve(id);
      const { reply } = await call.done;
      assert.deepEqual(JSON.parse(textOf(reply)), { z: 1, a: ['é', 1e21], n: null });
      assert.equal(fixture.journal.count({ name: 'echo' }), 1);
    },
  },
  {
    name: 'a held call that is denied never reaches the upstream, and the model is told why',
    run: async ({ fixture, gateway, as, pending }) => {
      const call = modern(as(), 'tools/call', { name: 'echo', arguments: { no: 'never' } });
      const [id = ''] = await pending();
      await gateway.reviewer.deny(id, 'not on a Friday');
      const said = assertToolError(await call.done);
      assert.match(said, /not on a Friday/);
      assert.equal(fixture.journal.count({ name: 'echo' }), 0);
    },
  },
  {
    name: 'two identical held calls are one request and run once',
    run: async ({ fixture, gateway, as, pending }) => {
      const wanted = { name: 'echo', arguments: { twice: true } };
      const calls = [modern(as(), 'tools/call', wanted), modern(as(), 'tools/call', wanted)];
      const [id = ''] = await pending();
      await modern(as(), 'tools/list').done;
      assert.equal((await gateway.reviewer.pending()).length, 1);
      await gateway.reviewer.approve(id);
      const answers = await Promise.all(calls.map((call) => call.done));
      assert.equal(fixture.journal.count({ name: 'echo' }), 1);
      assert.ok(
        answers.some(({ reply }) => reply?.result?.['isError'] !== true),
        'neither caller got the result',
      );
    },
  },
  {
    name: 'progress increases across a hold and the run after it, in both revisions',
    run: async ({ gateway, as, pending }) => {
      const params = { name: 'test_tool_with_progress', arguments: {}, _meta: { progressToken: 'p' } };
      const meta = { progressToken: 'p' };
      const starts = [
        async () => modern({ ...as(), meta }, 'tools/call', params),
        async () => (await legacy(as())).request('tools/call', params),
      ];
      for (const start of starts) {
        const call = await start();
        const [id = ''] = await pending();
        // Some clients give up when nothing comes, so something comes at once.
        await call.first(({ method }) => method === 'notifications/progress');
        await gateway.reviewer.approve(id);
        const { messages, reply } = await call.done;
        assert.match(textOf(reply), /progress executed/);
        const values = progressOf(messages);
        assert.ok(values.length >= 3, `the upstream's progress was lost: ${values.join(', ')}`);
        assertIncreasing(values);
      }
    },
  },
  {
    name: 'a held call keeps the headers its arguments are mirrored in',
    run: async ({ fixture, gateway, as, pending }) => {
      const to = { ...as(), headers: { 'mcp-param-region': 'eu-1' } };
      const call = modern(to, 'tools/call', { name: 'test_x_mcp_header', arguments: { region: 'eu-1' } });
      const [id = ''] = await pending();
      await gateway.reviewer.approve(id);
      assert.equal(textOf((await call.done).reply), 'region: eu-1');
      const [record] = fixture.journal.list({ name: 'test_x_mcp_header' });
      assert.equal(record?.headers['mcp-param-region'], 'eu-1');
    },
  },
  {
    name: 'an upstream that dies in its answer: the caller is told, and nothing runs again by itself',
    run: async ({ fixture, gateway, as, pending }) => {
      const wanted = { name: 'echo', arguments: { dies: true } };
      fixture.faults.arm('echo', 'die_in_answer');
      const call = modern(as(), 'tools/call', wanted);
      const [id = ''] = await pending();
      await gateway.reviewer.approve(id);
      const { reply } = await call.done;
      assert.ok(reply?.error || reply?.result?.['isError'] === true, JSON.stringify(reply));
      const again = modern(as(), 'tools/call', wanted);
      await modern(as(), 'tools/list').done;
      assert.equal(fixture.journal.count({ name: 'echo' }), 1, 'an unknown outcome was run again');
      again.done.catch(() => undefined);
      again.hangUp();
    },
  },
];
