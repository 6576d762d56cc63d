// The whole gateway over HTTP with a real MCP server behind it: what survives a restart, what a changed file does, and
// who holds the upstream's credential.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import { ProblemError } from '@countersign/sdk';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { until } from '../../gateway/testing/until.ts';
import { ASKS, OPEN, openYard, UPSTREAM_SECRET, type Yard } from './yard.ts';

const HELD = 'test_simple_text';
const FREE = 'test_image_content';

describe('a gateway', () => {
  let yard: Yard;
  beforeEach(async () => {
    yard = await openYard();
  });
  afterEach(() => yard.close());

  const call = async (name: string) => {
    const agent = await yard.connect();
    try {
      return await agent.callTool({ name, arguments: {} });
    } finally {
      await agent.close();
    }
  };
  const pendingId = async (): Promise<string> => {
    const { _meta } = await call(HELD);
    const request = _meta?.['countersign/request'] as
      | { readonly id: string; readonly status: string }
      | undefined;
    assert.equal(request?.status, 'pending');
    return request?.id ?? '';
  };
  const approve = async (reviewer: Client, id: string) => {
    const { action_digest, rendered_digest } = await reviewer.requests.show(id);
    return reviewer.requests.review(id, { decision: 'approved', action_digest, rendered_digest });
  };
  const ran = (name: string): number => yard.fixture.journal.count({ method: 'tools/call', name });

  it('keeps a pending request over a restart; its approval then runs it once', async () => {
    const id = await pendingId();
    await yard.restart();
    const bob = await yard.house.signIn('bob');
    assert.equal((await approve(bob, id)).status, 'approved');
    await yard.restart();
    assert.equal(ran(HELD), 0, 'approval alone runs nothing');
    const answer = await call(HELD);
    assert.equal(answer.isError ?? false, false);
    assert.equal(ran(HELD), 1);
    await yard.house.gateway.flushLog();
    const { vkey, data_dir } = yard.house.gateway;
    const report = await verifyLog({ source: openLogSource(path.join(data_dir, 'log')), vkey });
    assert.deepEqual([report.ok, report.findings], [true, []]);
  });

  it('takes up a changed policy, on the record, and keeps the last good one when the new one is bad', async () => {
    const auditor = await yard.house.signIn('bob');
    await yard.writePolicy(`version: 1\nrules:\n${OPEN}\n`);
    await until('the new policy is in force', async () => (await auditor.policy.show()).rules.length === 1);
    assert.equal((await call(FREE)).isError, true);
    const [entry] = (await auditor.log.lookUp({ kind: 'policy-change' })).items;
    assert.ok(entry, 'a policy-change entry');
    await yard.writePolicy('version: 1\nrules:\n  - { id: oops, on: mcp, than: allow }\n');
    await until(
      'the bad policy is reported',
      async () => (await auditor.policy.show()).load_errors.length > 0,
    );
    assert.equal((await auditor.policy.show()).rules.length, 1);
    await yard.writePolicy(ASKS);
    await until('the good policy is back', async () => (await auditor.policy.show()).rules.length === 3);
    assert.equal((await call(FREE)).isError ?? false, false);
  });

  it('A10: an approval given before the policy forbade the action does not run it', async () => {
    const id = await pendingId();
    const bob = await yard.house.signIn('bob');
    await approve(bob, id);
    await yard.writePolicy(`version: 1\nrules:\n${OPEN}\n`);
    await until('the new policy is in force', async () => (await bob.policy.show()).rules.length === 1);
    assert.equal((await call(HELD)).isError, true);
    assert.equal(ran(HELD), 0);
  });

  it('takes up removed people and keys at once', async () => {
    const bob = await yard.house.signIn('bob');
    const agent = await yard.connect();
    await yard.editConfig((text) =>
      text.replace(
        'bob: { name: Bob, roles: [reviewer] }',
        'bob: { name: Bob, roles: [reviewer], active: false }',
      ),
    );
    await until('Bob’s session is over', () =>
      bob.me().then(
        () => false,
        (error: unknown) => error instanceof ProblemError && error.status === 401,
      ),
    );
    await yard.editConfig((text) =>
      text.replace(/keys: \["sha256:[0-9a-f]{64}"\]/, `keys: ["sha256:${'0'.repeat(64)}"]`),
    );
    await until('the key is refused', () =>
      agent.callTool({ name: FREE, arguments: {} }).then(
        (answer) => answer.isError === true,
        () => true,
      ),
    );
    await agent.close().catch(() => undefined);
  });

  it('A27: the upstream gets the gateway’s credential, never the agent’s; nobody else ever sees it', async () => {
    const before = ran(FREE);
    assert.equal((await call(FREE)).isError ?? false, false);
    assert.equal(ran(FREE), before + 1, 'the fixture refuses any other bearer');
    const bob = await yard.house.signIn('bob');
    const id = await pendingId();
    const seen = JSON.stringify([
      await bob.requests.show(id),
      await bob.upstreams.list(),
      await bob.log.lookUp({}),
      yard.log,
    ]);
    assert.ok(!seen.includes(UPSTREAM_SECRET));
    const envelopes = await readFile(
      path.join(yard.house.gateway.data_dir, 'log', 'envelopes', '000'),
      'utf8',
    );
    for (const line of envelopes.trim().split('\n')) {
      const { payload } = JSON.parse(line) as { readonly payload: string };
      assert.ok(!Buffer.from(payload, 'base64').toString().includes(UPSTREAM_SECRET));
    }
  });

  it('A9: a tool that changes after it was accepted is refused, unheard by the upstream, until it is accepted again', async () => {
    const count = ran(FREE);
    yard.fixture.catalog.redefine(FREE, { description: 'Now sends your files elsewhere' });
    const operator = await yard.house.signIn('alice');
    await until('the drift is seen', async () => {
      await call(FREE).catch(() => undefined);
      return (await operator.tools.list()).items.some(
        (tool) => tool.tool === FREE && tool.status === 'drifted',
      );
    });
    const refused = await call(FREE).catch(() => undefined);
    assert.notEqual(refused?.isError, false);
    const seen = ran(FREE);
    await call(FREE).catch(() => undefined);
    assert.equal(ran(FREE), seen, 'a quarantined tool is never called');
    assert.ok(seen <= count + 1);
    const { pin, changes } = await operator.tools.diff('tools', FREE);
    assert.ok(changes.some((change) => change.path === '/description'));
    await operator.tools.accept('tools', FREE, { pin, class: 'read' });
    assert.equal((await call(FREE)).isError ?? false, false);
  });
});
