import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { type HistoryRig, openHistoryRig } from '../../testing/history.ts';
import { evaluationOf, held, permitted, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import { sweep } from '../requests/ending/expire.ts';
import type { History } from './history.ts';

const POLICY = policyOf({
  read: { then: 'allow' },
  write: { then: 'require' },
  twice: { then: 'require', requirement: { ...SEAT, uses: 2 } },
});
const TOKEN = ['gh', 'p_', 'a1B2'.repeat(9)].join('');
const PAGE = { limit: 50 };

let house: HistoryRig;
let rig: Rig;
beforeEach(async () => {
  house = await openHistoryRig(POLICY);
  ({ rig } = house);
});
afterEach(() => house.close());

const end = async (args: JsonObject, tool = 'write', status: 'succeeded' | 'failed' = 'succeeded') => {
  const permit = permitted(await rig.call(tool, args));
  await permit.finish({ status, result: { body: JSON.stringify({ result: { text: `done ${TOKEN}` } }) } });
  permit.delivered();
  // Commits keep their order: that one is done when this one is.
  await rig.store.commit({ name: 'after', steps: [], entries: [] });
};
const list = async (filter: Parameters<History['calls']>[0] = {}) =>
  (await house.history.calls(filter, PAGE)).items;
const outcomes = async (): Promise<readonly string[]> =>
  (await list()).map(({ decision, outcome }) => `${decision} ${outcome}`);

describe('calls', () => {
  it('says what became of each, one item a call', async () => {
    await end({ a: 1 }, 'read');
    await rig.call('nothing');
    const waits = held(await rig.call('write', { n: 1 })).id;
    const denied = held(await rig.call('write', { n: 2 })).id;
    await rig.answer(denied, 'bob', { decision: 'denied' });
    await rig.call('write', { n: 2 });
    assert.deepEqual(await outcomes(), [
      'held denied',
      'held waiting',
      'denied refused',
      'allowed succeeded',
    ]);
    const [no, waiting, refused, ran] = await list();
    assert.equal(no?.asked_again, 1);
    assert.deepEqual(
      no?.reviews.map(({ reviewer, decision }) => [reviewer, decision]),
      [['bob', 'denied']],
    );
    assert.equal(waiting?.request_id, waits);
    assert.equal(refused?.reason, 'policy_denied');
    assert.equal(ran?.permitted_by, 'policy');
    assert.equal(ran?.class, 'write');

    await rig.answer(waits, 'bob');
    assert.equal((await list())[1]?.outcome, 'approved');
    await end({ n: 1 }, 'write', 'failed');
    const [, after] = await list();
    assert.deepEqual([after?.outcome, after?.permitted_by], ['failed', 'approval']);
    assert.equal((await list()).length, 4);
  });

  it('counts a second run on one approval as a call of its own', async () => {
    const id = held(await rig.call('twice', {})).id;
    await rig.answer(id, 'bob');
    await end({}, 'twice');
    await end({}, 'twice');
    const [second, first] = await list();
    assert.deepEqual([first?.decision, first?.request_id, first?.outcome], ['held', id, 'succeeded']);
    assert.deepEqual([second?.decision, second?.granted_by, second?.outcome], ['allowed', id, 'succeeded']);
  });

  it('tells what expired, was withdrawn, or was approved and never used', async () => {
    const [expires, cancelled, unused] = [
      held(await rig.call('write', { n: 1 })).id,
      held(await rig.call('write', { n: 2 })).id,
      held(await rig.call('write', { n: 3 })).id,
    ];
    await rig.requests.cancel(cancelled, 'alice');
    await rig.answer(unused, 'bob');
    rig.time.now += 3_600_000;
    await sweep(rig.deps);
    assert.deepEqual(await outcomes(), ['held unused', 'held cancelled', 'held expired']);
    assert.equal((await list({ outcome: 'expired' }))[0]?.request_id, expires);
  });

  it('is the same again when the log is followed from the start, and once only', async () => {
    await end({ a: 1 }, 'read');
    held(await rig.call('write', { n: 1 }));
    const [calls, trails] = [await list(), (await house.history.trails({}, PAGE)).items];
    await rig.store.commit({
      name: 'forget',
      steps: [
        { name: 'v', sql: "UPDATE meta SET value = '0' WHERE name = 'calls_version'", params: [], rows: 1 },
      ],
      entries: [],
    });
    await house.stop();
    await house.start();
    assert.deepEqual(await list(), calls);
    assert.deepEqual((await house.history.trails({}, PAGE)).items, trails);
    assert.equal(calls.length, 2);
  });

  it('says how far it has followed the log', async () => {
    await rig.call('nothing');
    const { followed } = await house.history.calls({}, PAGE);
    assert.deepEqual(followed, { until: rig.time.now, behind: 0 });
  });

  it('pages through all of them once, whatever the filter', async () => {
    for (let n = 0; n < 7; n += 1) await end({ n }, 'read');
    for (const filter of [{}, { agent: 'coder' }, { q: 'read' }]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await house.history.calls(filter, {
          limit: 3,
          ...(cursor === undefined ? {} : { cursor }),
        });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor;
      } while (cursor !== undefined);
      assert.equal(seen.length, 7);
      assert.equal(new Set(seen).size, 7);
    }
    await assert.rejects(house.history.calls({}, { limit: 3, cursor: 'x' }), /cursor/);
  });
});

describe('searching calls', () => {
  beforeEach(async () => {
    await end({ sql: 'SELECT * FROM public.users', note: `use ${TOKEN}`, password: 'hunter2' }, 'read');
    rig.time.now += 1_000;
    const id = held(await rig.call('write', { path: '/srv/data/Report-7.txt' })).id;
    await rig.answer(id, 'carol');
    rig.time.now += 1_000;
    await rig.call('nothing', { secret: 1 });
  });
  const cases: readonly [Parameters<History['calls']>[0], readonly string[]][] = [
    [{ q: 'public.users' }, ['read']],
    [{ q: 'users public ' }, ['read']],
    [{ q: 'user' }, ['read']],
    [{ q: 'user ' }, []],
    [{ q: 'report-7' }, ['write']],
    [{ q: '/srv/data' }, ['write']],
    [{ q: 'coder' }, ['nothing', 'write', 'read']],
    [{ q: 'users', decision: 'held' }, []],
    [{ agent: 'coder', resource: 'write' }, ['write']],
    [{ agent: 'other' }, []],
    [{ owner: 'alice' }, ['nothing', 'write', 'read']],
    [{ reviewer: 'carol' }, ['write']],
    [{ reviewer: 'bob' }, []],
    [{ rule: 'rule-read' }, ['read']],
    [{ upstream: 'files', env: 'dev', class: 'write' }, ['nothing', 'write', 'read']],
    [{ decision: 'denied' }, ['nothing']],
    [{ outcome: 'approved' }, ['write']],
    [{ from: 1_800_000_001_000 }, ['nothing', 'write']],
    [{ from: 1_800_000_001_000, to: 1_800_000_002_000 }, ['write']],
    [{ to: 1_800_000_001_000, agent: 'coder' }, ['read']],
    [{ q: 'NEAR("' }, []],
  ];
  it('by name, time and word', async () => {
    for (const [filter, want] of cases)
      assert.deepEqual(
        (await list(filter)).map(({ resource }) => resource),
        want,
        JSON.stringify(filter),
      );
  });

  it('never by a secret, and no secret is in what is found (I7)', async () => {
    for (const q of [TOKEN, 'hunter2', TOKEN.slice(0, 12)]) assert.deepEqual(await list({ q }), []);
    const [found] = await list({ resource: 'read' });
    const detail = await house.history.call(found?.id ?? '', 'bob');
    assert.equal(detail?.asked.kind, 'kept');
    assert.doesNotMatch(JSON.stringify([found, detail]), new RegExp(`${TOKEN}|hunter2`));
    const rows = await rig.store.read({ sql: 'SELECT words FROM search_history', params: [] });
    assert.doesNotMatch(JSON.stringify(rows), /a1b2a1b2|hunter2/i);
  });
});

describe('one call', () => {
  it('shows what was asked, what came back, and its entries', async () => {
    const id = held(await rig.call('write', { path: '/x' })).id;
    await rig.answer(id, 'bob');
    await end({ path: '/x' });
    const [call] = await list();
    const detail = await house.history.call(call?.id ?? '', 'eve');
    assert.ok(detail?.asked.kind === 'kept' && detail.answer.kind === 'kept');
    assert.deepEqual((detail.asked.shown_action['context'] as JsonObject)['arguments'], { path: '/x' });
    assert.match(JSON.stringify(detail.answer.shown), /done/);
    assert.doesNotMatch(JSON.stringify(detail.answer), new RegExp(TOKEN));
    assert.deepEqual(
      detail.entries.map(({ kind }) => kind),
      ['evaluation', 'access-request', 'review', 'resolution', 'execution', 'execution'],
    );
    assert.equal(await house.history.call('evl_00000000000000000000000000', 'eve'), undefined);
  });

  it('says what was not kept: the arguments of a refusal, the answer of an allowed call', async () => {
    await end({ a: 1 }, 'read');
    await rig.call('nothing', { a: 1 });
    const [refused, ran] = await list();
    const [no, yes] = [
      await house.history.call(refused?.id ?? '', 'eve'),
      await house.history.call(ran?.id ?? '', 'eve'),
    ];
    assert.deepEqual([no?.asked, no?.answer], [{ kind: 'not_kept' }, { kind: 'none' }]);
    assert.deepEqual([yes?.asked.kind, yes?.answer], ['kept', { kind: 'not_kept' }]);
    assert.deepEqual(
      yes?.entries.map(({ kind }) => kind),
      ['execution', 'execution'],
    );
  });
});

describe('erasing a request', () => {
  const WORD = 'hippopotamus';
  const inFiles = (): boolean =>
    readdirSync(rig.dir).some((file) => readFileSync(path.join(rig.dir, file)).includes('ippopotamus'));
  const askAndDeny = async (): Promise<string> => {
    const id = held(await rig.call('write', { animal: WORD })).id;
    await rig.answer(id, 'bob', { decision: 'denied' });
    return id;
  };

  it('takes its words out of the history in the same moment, and off the disk', async () => {
    const id = await askAndDeny();
    for (let n = 0; n < 300; n += 1) await rig.call('nothing', { n });
    assert.equal((await list({ q: WORD })).length, 1);
    assert.ok(inFiles());
    assert.equal((await rig.requests.erase(id, 'dan', 'asked to')).kind, 'erased');
    const rows = await rig.store.read({
      sql: 'SELECT c.sentence AS sentence, c.same AS same, search_history.words AS words FROM calls c JOIN search_history ON search_history.rowid = c.seq WHERE c.request_id = $1',
      params: [id],
    });
    assert.doesNotMatch(JSON.stringify(rows), /hippo/);
    assert.equal(rows[0]?.['same'], '');
    assert.ok(!inFiles());
    assert.deepEqual(await list({ q: WORD }), []);
    const [left] = await list({ resource: 'write' });
    assert.match(left?.sentence ?? '', /\(erased\)/);
    assert.equal((await house.history.call(left?.id ?? '', 'eve'))?.asked.kind, 'erased');
  });

  it('also when the history had not come so far, or is just then reading it', async () => {
    await house.stop();
    const id = await askAndDeny();
    assert.equal((await rig.requests.erase(id, 'dan', 'asked to')).kind, 'erased');
    await house.start();
    assert.equal((await list()).length, 1);
    assert.deepEqual(await list({ q: WORD }), []);
    await house.stop();

    const other = await askAndDeny();
    // Between the follower's look at the text and its commit.
    let erased = false;
    const commit = rig.deps.store.commit;
    const store = {
      ...rig.deps.store,
      commit: async (command: Parameters<typeof commit>[0]) => {
        if (command.name === 'follow-calls' && !erased) {
          erased = true;
          assert.equal((await rig.requests.erase(other, 'dan', 'asked to')).kind, 'erased');
        }
        return commit(command);
      },
    };
    await house.start({ store });
    const calls = await list();
    assert.ok(erased);
    assert.equal(calls.length, 2);
    assert.deepEqual(await list({ q: WORD }), []);
    assert.ok(!inFiles());
  });
});

describe('trails', () => {
  const ask = (origin: { session?: string; traceparent?: string } | undefined, tool = 'read') => {
    const principal = rig.principal;
    const evaluation = evaluationOf(principal, tool, {});
    return rig.enforce(principal, origin === undefined ? evaluation : { ...evaluation, origin });
  };
  const traceparent = (trace: string) => `00-${trace.repeat(32)}-00f067aa0ba902b7-01`;

  it('are a session, a trace, or calls without a long pause', async () => {
    await ask({ session: 'a'.repeat(32) });
    await ask({ session: 'b'.repeat(32) });
    await ask({ traceparent: traceparent('1') });
    await ask(undefined);
    rig.time.now += 20 * 60_000;
    await ask({ session: 'a'.repeat(32), traceparent: traceparent('1') }, 'nothing');
    await ask(undefined, 'write');
    await ask({ traceparent: traceparent('1') });
    rig.time.now += 40 * 60_000;
    await ask({ session: 'a'.repeat(32) });
    await ask(undefined);
    const { items } = await house.history.trails({}, PAGE);
    const shown = items.map(({ bound_by, calls, held: h, denied }) => [bound_by, calls, h, denied]);
    assert.deepEqual(shown, [
      ['time', 1, 0, 0],
      ['session', 3, 0, 1],
      ['trace', 2, 0, 0],
      ['time', 2, 1, 0],
      ['session', 1, 0, 0],
    ]);
    assert.deepEqual((await house.history.trails({ agent: 'other' }, PAGE)).items, []);
    assert.equal((await house.history.trails({}, { limit: 2 })).items.length, 2);
    const recent = await house.history.trails({ from: rig.time.now }, PAGE);
    assert.deepEqual(
      recent.items.map(({ id }) => id),
      items.slice(0, 2).map(({ id }) => id),
    );
  });

  it('are shown step by step, with what it takes to compare two', async () => {
    const session = (name: string) => ({ session: name.repeat(32) });
    const call = (origin: { session: string }, tool: string, args: JsonObject) =>
      rig.enforce(rig.principal, { ...evaluationOf(rig.principal, tool, args), origin });
    for (const [at, last] of [
      ['a', { path: '/x' }],
      ['b', { path: '/y' }],
    ] as const) {
      await permitted(await call(session(at), 'read', { n: 1 })).finish({ status: 'succeeded' });
      held(await call(session(at), 'write', last));
    }
    const { items } = await house.history.trails({}, PAGE);
    const [b, a] = await Promise.all(items.map(({ id }) => house.history.trail(id, 'eve', PAGE)));
    assert.deepEqual(
      a?.steps.map(({ step, resource, outcome }) => [step, resource, outcome]),
      [
        [1, 'read', 'succeeded'],
        [2, 'write', 'waiting'],
      ],
    );
    assert.equal(a?.steps[0]?.same, b?.steps[0]?.same);
    assert.equal(a?.steps[1]?.shape, b?.steps[1]?.shape);
    assert.notEqual(a?.steps[1]?.same, b?.steps[1]?.same);
    assert.notEqual(a?.steps[0]?.shape, a?.steps[1]?.shape);
    assert.equal(a?.steps[1]?.asked.kind, 'kept');
    const paged = await house.history.trail(a?.id ?? '', 'eve', { limit: 1 });
    const rest = await house.history.trail(a?.id ?? '', 'eve', {
      limit: 1,
      cursor: paged?.next_cursor ?? '',
    });
    assert.deepEqual([paged?.steps[0]?.step, rest?.steps[0]?.step, rest?.next_cursor], [1, 2, undefined]);
  });
});

describe('what came before a request', () => {
  it('counts earlier calls of the tool, of the shape, and the same, and how they went', async () => {
    const once = async (args: JsonObject, decision: 'approved' | 'denied') => {
      const id = held(await rig.call('write', args)).id;
      await rig.answer(id, 'bob', { decision });
      if (decision === 'approved') await end(args);
      rig.time.now += 120_000;
    };
    await once({ path: '/x' }, 'approved');
    await once({ path: '/y' }, 'denied');
    await once({ path: '/x', force: true }, 'approved');
    await once({ path: '/x' }, 'denied');
    await rig.call('write', { path: '/z' }, 'other');
    const id = held(await rig.call('write', { path: '/x' })).id;
    const before = await house.history.before(id);
    assert.deepEqual(before?.tool.outcomes, { succeeded: 2, denied: 2 });
    assert.deepEqual(before?.shape.outcomes, { succeeded: 1, denied: 2 });
    assert.deepEqual(before?.same.outcomes, { succeeded: 1, denied: 1 });
    assert.deepEqual([before?.tool.counted, before?.tool.more, before?.tool.last.length], [4, false, 4]);
    assert.match(before?.same.last[0]?.sentence ?? '', /\/x/);
    assert.equal(await house.history.before('req_00000000000000000000000000'), undefined);
  });
});
