// What an agent did through the whole gateway, looked up over HTTP: found by words of its arguments, told step by step, there
// after a restart, and gone where it was erased; and a log that still verifies.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { openYard, type Yard } from './yard.ts';

const TOOL = 'test_simple_text';
const AT_MOST = { timeout: 60_000 };

let yard: Yard;
let bob: Client;
before(async () => {
  yard = await openYard();
  bob = await yard.house.signIn('bob');
}, AT_MOST);
after(() => yard.close(), AT_MOST);

const found = async (q: string): Promise<readonly string[]> =>
  (await bob.calls.list({ q })).items.map(({ outcome }) => outcome);

it('is held, approved, run, found, followed, and forgotten', AT_MOST, async () => {
  const agent = await yard.connect();
  const call = () => agent.callTool({ name: TOOL, arguments: { table: 'public.customers' } });
  const held = (await call())._meta?.['countersign/request'] as { readonly id: string };
  assert.deepEqual(await found('public.cust'), ['waiting']);
  const [coder] = (await bob.agents.list()).items;
  assert.ok(
    coder?.credentials.some(({ last_used_at }) => last_used_at !== undefined),
    'it has come in',
  );
  const { action_digest, rendered_digest } = await bob.requests.show(held.id);
  await bob.requests.review(held.id, { decision: 'approved', action_digest, rendered_digest });
  await call();
  await agent.close();

  const { items } = await bob.calls.list({ q: 'customers', agent: 'coder' });
  const [one] = items;
  assert.deepEqual([items.length, one?.outcome, one?.permitted_by], [1, 'succeeded', 'approval']);
  assert.deepEqual(
    one?.reviews.map(({ reviewer }) => reviewer),
    ['bob'],
  );
  const detail = await bob.calls.show(one?.id ?? '');
  assert.equal(detail.asked.kind, 'kept');
  assert.equal(detail.answer.kind, 'kept');
  assert.equal(detail.entries.at(-1)?.kind, 'execution');

  const trail = await bob.trails.show(one?.trail ?? '');
  assert.equal(trail.bound_by, 'session');
  assert.deepEqual(
    trail.steps.map(({ step, resource }) => [step, resource]),
    [[1, TOOL]],
  );
  // The client opened its session before it had one: that stands beside it.
  const opened = await bob.calls.list({ action: 'session.open', agent: 'coder' });
  assert.ok(opened.items.length >= 1);

  await yard.restart();
  bob = await yard.house.signIn('bob');
  assert.deepEqual(await found('customers'), ['succeeded']);

  const alice = await yard.house.signIn('alice');
  await alice.requests.erase(held.id, 'they asked us to');
  assert.deepEqual(await found('customers'), []);
  assert.equal((await bob.calls.show(one?.id ?? '')).asked.kind, 'erased');
  assert.equal((await bob.calls.list({ resource: TOOL })).items[0]?.outcome, 'succeeded');

  await yard.house.gateway.flushLog();
  const { data_dir, vkey } = yard.house.gateway;
  const report = await verifyLog({ source: openLogSource(path.join(data_dir, 'log')), vkey });
  assert.deepEqual([report.ok, report.findings], [true, []]);
});
