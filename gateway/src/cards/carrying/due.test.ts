/** What is carried next: what is urgent first, and nothing that is shown waits behind what is only looked at again. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createRig, held, KEY_HASH, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import { configSchema } from '../../config/config.ts';
import { stillStand } from '../attention/fold.ts';
import { insertCard } from '../rows.ts';
import { keepVersion } from '../versions.ts';
import { dueCards } from './due.ts';

it('what others stand for is looked at last, the one that waits longest first (A19)', async () => {
  const rig = await createRig(policyOf({ write: { then: 'require', requirement: SEAT } }));
  try {
    const { id: request_id } = held(await rig.call('write', { n: 1 }));
    const card = (id: string, turn: number, place = 'desk') =>
      insertCard(
        {
          id,
          request_id,
          channel: 'paper',
          place,
          because: 'reminded',
          turn,
          due_at: 10 - turn,
          likeness: 'x',
        },
        0,
      );
    const fold = (id: string, next_at: number) => ({
      name: 'fold',
      sql: 'UPDATE cards SET folded = 1, next_at = $2 WHERE id = $1',
      params: [id, next_at],
      rows: 1,
    });
    const steps = [
      ...['crd_1', 'crd_2', 'crd_3', 'crd_4'].map((id, turn) => card(id, turn)),
      card('crd_5', 5, 'hall'),
      fold('crd_1', 9),
      fold('crd_2', 8),
      fold('crd_5', 7),
    ];
    await rig.store.commit({ name: 'cards', steps, entries: [] });
    const due = async (now: number) =>
      (await dueCards(rig.store, { channel: 'paper', now })).map(({ id, place }) => `${id} ${place}`);
    assert.deepEqual(await due(20), ['crd_3 desk', 'crd_4 desk', 'crd_5 hall', 'crd_2 desk', 'crd_1 desk']);
    assert.deepEqual(await due(7), ['crd_4 desk', 'crd_5 hall'], 'of what is due by then');
    assert.deepEqual(await due(6), []);
  } finally {
    await rig.close();
  }
});

const MINUTE = 60_000;
const rule = (risk: 'low' | 'critical', minutes: number) =>
  ({ then: 'require', risk, requirement: { ...SEAT, within_ms: minutes * MINUTE } }) as const;
const FLOODED = policyOf({
  flood: rule('low', 50),
  late: rule('low', 100),
  soon: rule('low', 4),
  grave: rule('critical', 55),
});
const CONFIG = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['operator', 'reviewer'] },
    bob: { name: 'Bob', roles: ['reviewer'] },
  },
  agents: { coder: { owner: 'alice', keys: [KEY_HASH('a')], pending_max: 100 } },
});

it('what is urgent is never behind what can wait: glass, then time left, then risk (A19)', async () => {
  const rig = await createRig(FLOODED, { config: CONFIG });
  try {
    const tools = ['flood', 'flood', 'late', 'flood', 'grave', 'soon', 'flood'];
    const names = new Map<string, string>();
    const put = (request_id: string, id: string) =>
      insertCard(
        {
          id,
          request_id,
          channel: 'mail',
          place: 'dba',
          because: 'asked',
          turn: 0,
          due_at: 0,
          likeness: 'x',
        },
        0,
      );
    for (const [n, tool] of tools.entries()) {
      const { id } = held(await rig.call(tool, { n }));
      names.set(`crd_${n}`, `${tool}${n}`);
      await rig.store.commit({ name: 'cards', steps: [put(id, `crd_${n}`)], entries: [] });
    }
    const glass = held(await rig.call('late', { glass: true })).id;
    names.set('crd_8', 'glass');
    const steps = [
      put(glass, 'crd_8'),
      {
        name: 'over',
        sql: "UPDATE requests SET status = 'approved', resolved_at = 1, resolution = '{}' WHERE id = $1",
        params: [glass],
        rows: 1,
      },
      {
        name: 'glass',
        sql: `INSERT INTO broken_glass (id, request_id, approval_id, person, terms, reason_payload_id, credential_id, document, client_data, authenticator_data, signature, broken_at, epoch, status)
              VALUES ('g', $1, 'a', 'bob', '{}', 'p', 'c', '', '', '', '', 1, 1, 'open')`,
        params: [glass],
        rows: 1,
      },
    ];
    await rig.store.commit({ name: 'cards', steps, entries: [] });
    const due = async (now: number) =>
      (await dueCards(rig.store, { channel: 'mail', now })).map(({ id }) => names.get(id));
    const now = rig.time.now;
    assert.deepEqual(await due(now), [
      'glass',
      'soon5',
      'grave4',
      'flood0',
      'flood1',
      'flood3',
      'flood6',
      'late2',
    ]);
    assert.deepEqual(
      (await due(now + 46 * MINUTE)).filter((each) => each !== 'soon5'),
      ['glass', 'flood0', 'flood1', 'flood3', 'flood6', 'grave4', 'late2'],
      'what ends within minutes, whatever its risk',
    );
  } finally {
    await rig.close();
  }
});

/** One request of its own, and a card of it at the desk. */
async function one(rig: Rig): Promise<string> {
  const { id: request_id } = held(await rig.call('write', { n: 1 }));
  const at = {
    channel: 'paper',
    place: 'desk',
    because: 'asked',
    turn: 0,
    due_at: 0,
    likeness: 'x',
  } as const;
  await rig.store.commit({
    name: 'cards',
    steps: [insertCard({ id: 'crd_1', request_id, ...at }, 0)],
    entries: [],
  });
  return request_id;
}

it('what was drawn before its request was erased is not shown after it: it is drawn anew', async () => {
  const rig = await createRig(policyOf({ write: { then: 'require', requirement: SEAT } }));
  try {
    const id = await one(rig);
    const keep = (version: number, rendered_digest: string) =>
      keepVersion(
        rig.store,
        { card_id: 'crd_1', version, action_digest: 'a', rendered_digest, offers: 'none' },
        { now: 1 },
      );
    assert.equal(await keep(1, 'of its words'), 'kept');
    await rig.answer(id, 'bob', { decision: 'denied' });
    assert.equal((await rig.requests.erase(id, 'dan', 'asked to')).kind, 'erased');
    assert.equal(await keep(2, 'of its words'), 'taken');
    assert.equal(await keep(3, ''), 'kept');
  } finally {
    await rig.close();
  }
});

it('a card is kept back only while what stands for it still waits (A19)', async () => {
  const rig = await createRig(policyOf({ write: { then: 'require', requirement: SEAT } }));
  try {
    const id = await one(rig);
    const where = {
      id: 'crd_2',
      channel: 'paper',
      place: 'desk',
      because: 'asked',
      likeness: 'x',
    } as const;
    const stands = async (least: number) =>
      (await rig.store.commit({ name: 'stands', steps: [stillStand(where, least)], entries: [] })).ok;
    assert.equal(await stands(1), false, 'nothing was posted there yet');
    await keepVersion(
      rig.store,
      { card_id: 'crd_1', version: 1, action_digest: 'a', rendered_digest: 'r', offers: 'none' },
      { now: 1, begins: true },
    );
    assert.deepEqual([await stands(1), await stands(2)], [true, false]);
    await rig.answer(id, 'bob', { decision: 'denied' });
    assert.equal(await stands(1), false, 'it was resolved meanwhile');
  } finally {
    await rig.close();
  }
});
