// A grant through the whole gateway, with a real MCP server behind it: given over HTTP with one approval, used by other calls,
// over a restart, until it is used up; and a log in which every use is accounted for.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { type Client, ProblemError } from '@countersign/sdk';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { OPEN, openYard, type Yard } from './yard.ts';

const TOOL = 'test_simple_text';
const POLICY = `version: 1
rules:
${OPEN}
  - id: granted
    about: writing asks, and may be granted
    on: mcp
    where: { class: [write, destructive] }
    then: require
    approve: [{ by: anyone }]
    grant: { for: 2h, uses: 3 }
`;
const AT_MOST = { timeout: 60_000 };

let yard: Yard;
let bob: Client;
before(async () => {
  yard = await openYard();
  await yard.writePolicy(POLICY);
  await yard.restart();
  bob = await yard.house.signIn('bob');
}, AT_MOST);
after(() => yard.close(), AT_MOST);

const call = async (n: number) => {
  const agent = await yard.connect();
  try {
    return await agent.callTool({ name: TOOL, arguments: { n } });
  } finally {
    await agent.close();
  }
};
const requestOf = async (n: number): Promise<string | undefined> =>
  ((await call(n))._meta?.['countersign/request'] as { readonly id: string } | undefined)?.id;
const approve = async (id: string, grant: { readonly lasts_ms: number; readonly uses: number }) => {
  const { action_digest, rendered_digest } = await bob.requests.show(id);
  return bob.requests.review(id, { decision: 'approved', action_digest, rendered_digest, grant });
};
const ran = (): number => yard.fixture.journal.count({ method: 'tools/call', name: TOOL });

it('is offered, given, used, known after a restart, used up, and verified', AT_MOST, async () => {
  const id = (await requestOf(1)) ?? '';
  const hour = 3_600_000;
  assert.deepEqual((await bob.requests.show(id)).requirement.grant, { lasts_ms: 2 * hour, uses: 3 });
  await assert.rejects(approve(id, { lasts_ms: hour, uses: 4 }), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.match(error.message, /grant\.uses: the policy allows 1 to 3/);
    return true;
  });
  assert.equal((await approve(id, { lasts_ms: hour, uses: 2 })).status, 'approved');
  const { grant } = await bob.requests.show(id);
  assert.deepEqual([grant?.agent, grant?.resource, grant?.uses_left], ['coder', TOOL, 2]);

  assert.equal(await requestOf(2), undefined, 'runs by the grant');
  assert.equal(ran(), 1);
  await yard.restart();
  bob = await yard.house.signIn('bob');
  assert.equal(await requestOf(3), undefined);
  assert.equal(ran(), 2);
  const next = await requestOf(4);
  assert.ok(next, 'used up: people are asked');
  assert.deepEqual((await bob.grants.list({ active: true })).items, []);

  await approve(next, { lasts_ms: hour, uses: 3 });
  const [open] = (await bob.grants.list({ active: true })).items;
  await bob.grants.revoke(open?.id ?? '', 'enough of it');
  assert.ok(await requestOf(5), 'taken back: people are asked');
  assert.equal(ran(), 2);

  await yard.house.gateway.flushLog();
  const { vkey, data_dir } = yard.house.gateway;
  const report = await verifyLog({ source: openLogSource(path.join(data_dir, 'log')), vkey });
  assert.deepEqual([report.ok, report.findings], [true, []]);
});
