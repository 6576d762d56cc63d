/** Counts of a real store: in steps, over a restart, with another at it, and by the hour. */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { AuditFact } from '../audit.ts';
import { BEGAN, fact, openRig } from '../testing/rig.ts';
import { countRuleHits, HOUR_MS, readRuleHits, readRulesSeen } from './rule-hits.ts';

const of = (
  kind: AuditFact['kind'],
  rules: readonly string[],
  over: { readonly at?: number; readonly request_id?: string } = {},
): AuditFact => {
  const { at = BEGAN, request_id } = over;
  const predicate = kind === 'execution' ? { phase: 'started', execution_id: 'x' } : {};
  const terms = { rules, ...(request_id === undefined ? {} : { request_id }) };
  return fact(kind, { occurred_at: at, predicate, terms });
};

const hour = (at: number): number => Math.floor(at / HOUR_MS);
const counts = async (t: TestContext, facts: readonly AuditFact[], since = 0) => {
  const rig = await openRig(t);
  await rig.record(...facts);
  await countRuleHits(rig.store, 100);
  const hits = await readRuleHits(rig.store, hour(since));
  return Object.fromEntries(
    hits.map(({ rule, allowed, asked, reviewed, refused }) => [rule, { allowed, asked, reviewed, refused }]),
  );
};

it('tells what ran, what asked, what ran after a review and what was refused, once each', async (t) => {
  const found = await counts(t, [
    of('execution', ['reads']),
    of('execution', ['reads']),
    of('evaluation', ['writes'], { request_id: 'req_1' }),
    of('access-request', ['writes'], { request_id: 'req_1' }),
    of('execution', ['writes'], { request_id: 'req_1' }),
    of('evaluation', ['no']),
    of('evaluation', ['writes'], { request_id: 'req_1' }), // asked again, refused
    of('execution', []), // how a run ended
    of('review', ['writes'], { request_id: 'req_1' }),
  ]);
  assert.deepEqual(found, {
    reads: { allowed: 2, asked: 0, reviewed: 0, refused: 0 },
    writes: { allowed: 0, asked: 1, reviewed: 1, refused: 1 },
    no: { allowed: 0, asked: 0, reviewed: 0, refused: 1 },
  });
});

it('counts every rule that decided together, and a rule once an entry', async (t) => {
  const found = await counts(t, [of('execution', ['a', 'b']), of('execution', ['b'])]);
  assert.deepEqual([found['a']?.allowed, found['b']?.allowed], [1, 2]);
});

it('looks back by whole hours; when a rule was last seen is over all time', async (t) => {
  const rig = await openRig(t);
  const old = BEGAN - 50 * HOUR_MS;
  await rig.record(of('execution', ['old'], { at: old }), of('execution', ['new'], { at: BEGAN }));
  await countRuleHits(rig.store, 100);
  const rules = (await readRuleHits(rig.store, hour(BEGAN))).map(({ rule }) => rule);
  assert.deepEqual(rules, ['new']);
  const seen = await readRulesSeen(rig.store);
  assert.deepEqual(seen.get('old'), { first_at: old, last_at: old });
});

it('goes on where it was, counts nothing twice, and says when it is not done', async (t) => {
  let rig = await openRig(t);
  await rig.record(...Array.from({ length: 5 }, () => of('execution', ['reads'])));
  assert.deepEqual(await countRuleHits(rig.store, 0), { size: 0, complete: false });
  await Promise.all([countRuleHits(rig.store, 9), countRuleHits(rig.store, 9)]);
  rig = await rig.restart();
  await rig.record(of('execution', ['reads']));
  assert.equal((await countRuleHits(rig.store, 9)).complete, true);
  await countRuleHits(rig.store, 9);
  assert.equal((await readRuleHits(rig.store, 0))[0]?.allowed, 6);
});
