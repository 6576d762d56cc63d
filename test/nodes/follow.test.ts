/** What one gateway changes, the other one serves: at once where a call meets it, within a second besides, or not at all. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { until } from '../../gateway/testing/until.ts';
import { ASKS, HELD, OPEN } from '../gateway/yard.ts';
import { type Node, openPair, type Pair } from './pair.ts';

const DENIES = `version: 1
rules:
${OPEN}
  - { id: writes-never, about: writing is over, on: mcp, where: { class: [write, destructive] }, then: deny }
`;
const ALLOWS = DENIES.replace('writing is over', 'writing is free').replace('then: deny', 'then: allow');

let pair: Pair;
let a: Node;
let b: Node;
const open = async (edit?: (config: string) => string): Promise<void> => {
  pair = await openPair(edit);
  ({ a, b } = pair);
};
afterEach(() => pair.close());

describe('I8: two gateways on one store', () => {
  beforeEach(() => open());

  const ran = () => pair.fixture.journal.count({ method: 'tools/call', name: HELD });
  const epoch = async (): Promise<number> => {
    const [row] = await pair.store.read({ sql: 'SELECT epoch FROM authority', params: [] });
    return Number(row?.['epoch']);
  };
  const approveOn = async (node: Node, id: string) => {
    const { requests } = await node.as('bob');
    const { action_digest, rendered_digest } = await requests.show(id);
    return requests.review(id, { decision: 'approved', action_digest, rendered_digest });
  };
  const verifies = async () => {
    await a.gateway.flushLog();
    const report = await verifyLog({ source: openLogSource(`${pair.data_dir}/log`), vkey: a.gateway.vkey });
    assert.deepEqual([report.ok, report.findings], [true, []]);
  };

  it('a call held on one, approved on the other, runs once, whichever it is asked again of', async () => {
    const { request = '' } = await a.call(HELD);
    await approveOn(b, request);
    assert.equal(ran(), 0);
    const answers = await Promise.all([b.call(HELD), a.call(HELD)]);
    assert.equal(ran(), 1, JSON.stringify(answers));
    await verifies();
  });

  it('A10: somebody stops the agent there; here the very next call is denied', async () => {
    const { request = '' } = await a.call(HELD);
    await approveOn(b, request);
    await (await b.as('bob')).agents.pause('coder', 'it misbehaves');
    const { text } = await a.call(HELD).catch((error: unknown) => ({ text: String(error) }));
    assert.match(text, /stopped|paused/i);
    assert.equal(ran(), 0);
    await (await a.as('bob')).agents.resume('coder');
    const held = () => b.call(HELD).then(({ request: id }) => id !== undefined);
    await until('held again', () => held().catch(() => false));
    await verifies();
  });

  it('changes of both, one after the other and at once, are all kept by both', async () => {
    const stop = async (node: Node, reason: string) => (await node.as('bob')).agents.pause('coder', reason);
    const go = async (node: Node) => (await node.as('bob')).agents.resume('coder');
    for (let time = 0; time < 3; time += 1) {
      await stop(a, 'once');
      await go(b);
      await stop(b, 'again');
      await go(a);
    }
    const both = await Promise.allSettled([stop(a, 'here'), stop(b, 'there')]);
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const node of [a, b]) await assert.rejects(stop(node, 'twice'), /paused already/);
    await verifies();
  });

  it('the same policy saved to both is taken up once, and served by both', async () => {
    const before = await epoch();
    await Promise.all([a.writePolicy(DENIES), b.writePolicy(DENIES)]);
    for (const node of [a, b])
      await until('it is served', async () => /not allow|denied|policy/i.test((await node.call(HELD)).text));
    assert.equal(await epoch(), before + 1);
    assert.deepEqual([await a.ready(), await b.ready()], ['ready\n', 'ready\n']);
    await verifies();
  });

  it('other files there close this one, which says so and raises nothing, until it has the same', async () => {
    await b.writePolicy(ALLOWS);
    await until('it runs there', async () => (await b.call(HELD)).request === undefined);
    const runs = ran();
    const raised = await epoch();
    await until('closed', async () => (await a.ready()) !== 'ready\n');
    assert.match(
      await a.ready(),
      /^not ready: another gateway .* took up other files \([0-9a-f]{12}\) .*policy folder/,
    );
    assert.equal(await a.metric('countersign_authority_closed'), 'countersign_authority_closed 1');
    assert.equal(await b.ready(), 'ready\n');
    for (let time = 0; time < 3; time += 1) await assert.rejects(a.call(HELD));
    await assert.rejects((await a.as('bob')).agents.pause('coder', 'here'), /took up other files/);
    // A third version, on the closed one, is no change either.
    await a.writePolicy(DENIES);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.deepEqual([ran(), await epoch()], [runs, raised]);
    assert.equal(a.log.filter((line) => /^error closed: /.test(line)).length, 1, 'said once');

    await a.writePolicy(ALLOWS);
    await until('open again', async () => (await a.ready()) === 'ready\n');
    await a.call(HELD);
    assert.deepEqual([ran(), await epoch()], [runs + 1, raised]);
    assert.equal(await a.metric('countersign_authority_closed'), 'countersign_authority_closed 0');
    await verifies();
  });

  it('the same holds of the configuration', async () => {
    const late = (text: string) => text.replace('roles: [reviewer] }', 'roles: [reviewer], active: false }');
    await b.editConfig(late);
    await until('closed', async () => /took up other files .*the configuration/.test(await a.ready()));
    await assert.rejects(a.call(HELD));
    // A file that does not even load is named in the log; the public page names none.
    await a.editConfig((text) => `nonsense: 1\n${text}`);
    await until('said', async () => /cannot be loaded here/.test(await a.ready()));
    assert.doesNotMatch(await a.ready(), /countersign\.yaml|nonsense/);
    assert.ok(a.log.some((line) => /^error closed: .*nonsense/.test(line)));
    await a.editConfig((text) => late(text.replace('nonsense: 1\n', '')));
    await until('open again', async () => (await a.ready()) === 'ready\n');
    assert.ok((await a.call(HELD)).text);
    await verifies();
  });

  it('A9: a tool taken for another kind there is that kind here, at the very next call', async () => {
    const { tools } = await b.as('alice');
    const accept = async (as: 'read' | 'write') => {
      const { pin } =
        (await tools.list()).items.find(({ tool }) => tool === HELD) ?? assert.fail('no such tool');
      await tools.accept('tools', HELD, { pin, class: as });
    };
    assert.notEqual((await a.call(HELD)).request, undefined);
    await accept('read');
    assert.equal((await a.call(HELD)).request, undefined, 'reading is free');
    const runs = ran();
    assert.ok(runs > 0);
    await accept('write');
    await a.call(HELD).catch(() => undefined);
    assert.equal(ran(), runs, 'not even once by what it was');
    await verifies();
  });

  it('a file saved here that does not load keeps nothing from following there', async () => {
    await a.writePolicy('version: 1\nrules: nonsense\n');
    await until('said', () => a.log.some((line) => line.includes('policy not taken up')));
    await (await b.as('bob')).agents.pause('coder', 'there');
    await until('served here', async () => /paused/.test(String(await a.call(HELD).catch(String))));
    assert.equal(await a.ready(), 'ready\n');
    await a.writePolicy(ASKS);
  });
});

it('who sits in for whom there answers here; and no more once it was taken back there', async () => {
  await open(
    (text) =>
      `${text.replace('  bob: {', '  olga: { name: Olga, roles: [reviewer] }\n  bob: {')}groups: { dba: [bob] }\n`,
  );
  const seats = ASKS.replace('by: anyone', 'by: "group:dba"');
  await Promise.all([a.writePolicy(seats), b.writePolicy(seats)]);
  const operator = await a.as('alice');
  const asked = async () =>
    (await operator.policy.show()).rules.some((rule) => rule.asks?.by.includes('group:dba'));
  await until('it is served', asked);
  const { request = '' } = await a.call(HELD);
  const { requests } = await a.as('olga');
  const { action_digest, rendered_digest } = await (await a.as('bob')).requests.show(request);
  const answers = async (): Promise<boolean> => {
    const given = { decision: 'approved', action_digest, rendered_digest } as const;
    return requests.review(request, given).then(
      () => true,
      () => false,
    );
  };
  assert.equal(await answers(), false, 'she has no seat');
  const { delegations } = await b.as('bob');
  const { id } = await delegations.give({ to: 'olga', until: Date.now() + 3_600_000 });
  await until('she has his', answers);
  await delegations.revoke(id);
  await a.call(HELD).catch(() => undefined);
  assert.equal(
    pair.fixture.journal.count({ method: 'tools/call', name: HELD }),
    0,
    'her answer counts no more',
  );
});

it('a call that waits on either goes on soon after it was approved on the other', async () => {
  await open((text) => text.replace('hold_wait: 300ms', 'hold_wait: 60s'));
  for (const [here, there] of [
    [a, b],
    [b, a],
  ] as const) {
    const answers: string[] = [];
    const waiting = here.call(HELD).then(({ text }) => answers.push(text));
    const { requests } = await there.as('bob');
    const pending = async () => (await requests.list({ status: 'pending' })).items[0];
    await until('it is held', async () => (await pending()) !== undefined);
    const id = (await pending())?.id ?? '';
    const { action_digest, rendered_digest } = await requests.show(id);
    await requests.review(id, { decision: 'approved', action_digest, rendered_digest });
    await until('it ran, long before its wait is over', () => answers.length === 1);
    await waiting;
  }
  assert.equal(pair.fixture.journal.count({ method: 'tools/call', name: HELD }), 2);
});

describe('I13: two gateways on one store, where changes take operators', () => {
  it('a policy the store keeps has no files to differ: proposed there, served here', async () => {
    await open((text) => `${text}policy: { source: store }\n`);
    const alice = await b.as('alice');
    const { digest } = await alice.policy.files();
    await alice.policy.propose({ files: [{ path: 'policy.yaml', text: ALLOWS }], base: digest });
    assert.equal((await a.call(HELD)).request, undefined, 'at once, where a call meets it');
    assert.equal(await a.ready(), 'ready\n');
    const here = await a.as('alice');
    assert.equal((await here.policy.files()).digest, (await alice.policy.files()).digest);
    // And back again from here, on what was there.
    const base = (await here.policy.files()).digest;
    await here.policy.propose({ files: [{ path: 'policy.yaml', text: ASKS }], base });
    assert.notEqual((await b.call(HELD)).request, undefined);
  });

  it('a file that waits for people closes nothing; agreed to, it is served by whoever has it', async () => {
    await open();
    const two = (text: string) =>
      text.replace('  bob: {', '  olga: { name: Olga, roles: [operator] }\n  bob: {');
    await Promise.all([a.editConfig(two), b.editConfig(two)]);
    for (const node of [a, b]) {
      const { operators } = await node.as('alice');
      await until('two are needed', async () => (await operators.show()).needed === 2);
    }
    await b.writePolicy(ALLOWS);
    const alice = await b.as('alice');
    const asked = async () =>
      (await alice.requests.list({ status: 'pending', upstream: 'countersign' })).items[0];
    await until('it is asked about', async () => (await asked()) !== undefined);
    // Something else changes meanwhile: both follow, and what waits goes on waiting.
    await (await a.as('bob')).agents.pause('coder', 'once');
    await (await b.as('bob')).agents.resume('coder');
    await until('both serve that', async () => {
      const held = [await a.call(HELD).catch(String), await b.call(HELD).catch(String)];
      return held.every((each) => typeof each !== 'string' && each.request !== undefined);
    });
    const waits = await asked();
    assert.ok(waits !== undefined, 'it still waits');
    for (const [node, person] of [
      [a, 'alice'],
      [b, 'olga'],
    ] as const) {
      const { requests } = await node.as(person);
      const { action_digest, rendered_digest } = await requests.show(waits.id);
      await requests.review(waits.id, { decision: 'approved', action_digest, rendered_digest });
    }
    await until('it runs there', async () => (await b.call(HELD)).request === undefined);
    await until('closed here', async () => /policy folder/.test(await a.ready()));
    await a.writePolicy(ALLOWS);
    await until('open here', async () => (await a.ready()) === 'ready\n');
    assert.equal((await a.call(HELD)).request, undefined);
    assert.equal((await alice.requests.list({ status: 'pending', upstream: 'countersign' })).items.length, 0);
  });
});
