/** What the thread may ask of a real store: bounded pages, newest first, each entry once; what was erased said to be. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createRig, evaluationOf, held, permitted, policyOf, type Rig } from '../../../testing/rig.ts';
import { PAGE_ROWS, type Place, type RecordedEntry, reply } from './questions.ts';

const NEWEST: Place = { occurred_at: Number.MAX_SAFE_INTEGER, leaf_index: Number.MAX_SAFE_INTEGER };
let rig: Rig;
before(async () => {
  rig = await createRig(
    policyOf({ read: { then: 'allow' }, write: { then: 'require' }, no: { then: 'deny' } }),
  );
});
after(() => rig.close());

describe('what is on record', () => {
  it('is told page by page, each evaluation once, the ends of runs left out', async () => {
    const calls = 2 * PAGE_ROWS + 7;
    for (let at = 0; at < calls; at += 1) {
      rig.time.now += at % 3 === 0 ? 1 : 0; // many of one moment
      await permitted(await rig.call('read', { at })).finish({ status: 'succeeded' });
    }
    await rig.call('no');
    const seen: RecordedEntry[] = [];
    let before = NEWEST;
    for (;;) {
      const page = await reply(rig.store, { kind: 'page', since: 0, before });
      assert.ok(page.kind === 'page' && page.entries.length <= PAGE_ROWS);
      seen.push(...page.entries);
      const last = page.entries.at(-1);
      if (last === undefined) break;
      before = { occurred_at: last.occurred_at, leaf_index: last.leaf_index };
    }
    assert.equal(seen.length, calls + 1);
    assert.equal(new Set(seen.map(({ leaf_index }) => leaf_index)).size, seen.length);
    const order = seen.map(({ occurred_at, leaf_index }) => [occurred_at, leaf_index] as const);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => b[0] - a[0] || b[1] - a[1]),
    );
    const since = await reply(rig.store, { kind: 'page', since: rig.time.now + 1, before: NEWEST });
    assert.deepEqual(since, { kind: 'page', entries: [] });
  });

  it('has the actions that were kept, long ones too, and says which were erased or are too large', async () => {
    const id = async (args: { readonly [name: string]: string }): Promise<string> => {
      const { id: request } = held(
        await rig.enforce(rig.principal, evaluationOf(rig.principal, 'write', args)),
      );
      const [row] = await rig.store.read({
        sql: 'SELECT evaluation_id FROM requests WHERE id = $1',
        params: [request],
      });
      return String(row?.['evaluation_id']);
    };
    const [short, long, huge] = [
      await id({ a: 'x' }),
      await id({ a: 'x'.repeat(50_000) }),
      await id({ a: 'x'.repeat(1_100_000) }),
    ];
    const kindsOf = async (ids: readonly string[]) => {
      const answer = await reply(rig.store, { kind: 'actions', ids });
      assert.ok(answer.kind === 'actions');
      return ids.map((each) => answer.bodies.get(each)?.kind);
    };
    assert.deepEqual(await kindsOf([short, long, huge, 'eval_none']), [
      'kept',
      'kept',
      'too_large',
      undefined,
    ]);
    await rig.store.commit({
      name: 'test',
      steps: [
        {
          name: 'erase',
          sql: 'UPDATE payloads SET body = NULL, salt = NULL, erased_at = 1 WHERE id = $1',
          params: [short],
          rows: 1,
        },
      ],
      entries: [],
    });
    assert.deepEqual(await kindsOf([short]), ['erased']);
  });

  it('has the requests, who approved them, and nobody for one let through in an emergency', async () => {
    const answer = async () => {
      const found = await reply(rig.store, {
        kind: 'asked',
        since: 0,
        before: { opened_at: Number.MAX_SAFE_INTEGER, id: '~' },
      });
      assert.ok(found.kind === 'asked');
      return found.requests;
    };
    rig.time.now += 1000;
    held(await rig.call('write', { a: 'y' }, 'other'));
    const [newest] = await answer();
    assert.ok(newest);
    assert.deepEqual([newest.rules, newest.status, newest.reviewers], [['rule-write'], 'pending', []]);
    await rig.answer(newest.id, 'bob');
    const approved = (await answer()).find(({ id }) => id === newest.id);
    assert.deepEqual([approved?.status, approved?.reviewers], ['approved', ['bob']]);
    await rig.store.commit({
      name: 'test',
      steps: [
        {
          name: 'break',
          sql: `INSERT INTO broken_glass (id, request_id, approval_id, person, terms, reason_payload_id, credential_id, document, client_data,
                  authenticator_data, signature, broken_at, epoch, status) VALUES ('g', $1, 'a', 'bob', '{}', 'p', 'c', 'd', 'c', 'a', 's', 1, 1, 'open')`,
          params: [newest.id],
          rows: 1,
        },
      ],
      entries: [],
    });
    const broken = (await answer()).find(({ id }) => id === newest.id);
    assert.deepEqual(broken?.reviewers, []);
  });
});
