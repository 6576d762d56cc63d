/** Pausing an agent: at once, whatever people approved; who may, who may resume it, and that a restart knows it (I4, I8, I14). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONFIG, createRig, evaluationOf, held, permitted, policyOf, type Rig } from '../../testing/rig.ts';
import { createChanges } from '../authority/changes.ts';
import { loadPaused } from '../authority/paused.ts';
import { configSchema } from '../config/config.ts';
import { EMPTY_ROSTER } from '../identity/roster/roster.ts';
import { sweep } from '../requests/ending/expire.ts';
import { withdrawPaused } from '../requests/ending/withdraw.ts';
import { createPauses, type Pauses } from './pauses.ts';

let rig: Rig;
let pauses: Pauses;
beforeEach(async () => {
  rig = await createRig(
    policyOf({ read: { then: 'allow' }, write: { then: 'require' }, drop: { then: 'require' } }),
  );
  const { deps, authority } = rig;
  const world = { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER };
  pauses = createPauses({ ...deps, changes: createChanges({ ...deps, authority: () => authority, world }) });
});
afterEach(() => rig.close());

const stop = (by = 'bob') => pauses.pause('coder', by, 'it wipes tables');
const refusal = async (tool: string) => {
  const verdict = await rig.call(tool);
  return verdict.kind === 'refused' ? verdict.refusal.reason : verdict.kind;
};
const status = async (id: string) => (await rig.requests.show(id, 'bob'))?.status;

describe('a paused agent', () => {
  it('gets nothing, not even what policy allows outright or people approved; another goes on', async () => {
    const { id } = held(await rig.call('write'));
    await rig.answer(id, 'bob');
    const before = rig.authority.current().epoch;
    assert.deepEqual(await stop(), { kind: 'paused', withdrawn: 0 });
    assert.equal(rig.authority.current().epoch, before + 1);
    for (const tool of ['read', 'write', 'drop', 'unheard'])
      assert.equal(await refusal(tool), 'agent_paused');
    assert.equal((await rig.call('read', {}, 'other')).kind, 'permitted');
    assert.equal((await pauses.resume('coder', 'bob')).kind, 'done');
    permitted(await rig.call('read'));
    permitted(await rig.call('write'));
  });

  it('has what it waits for withdrawn in the name of whoever paused it, and nobody else’s', async () => {
    const [one, two] = [held(await rig.call('write')).id, held(await rig.call('drop')).id];
    const other = held(await rig.call('write', {}, 'other')).id;
    assert.deepEqual(await stop(), { kind: 'paused', withdrawn: 2 });
    assert.deepEqual(await Promise.all([one, two, other].map(status)), ['cancelled', 'cancelled', 'pending']);
    const late = await rig.answer(one, 'carol');
    assert.equal(late.kind === 'refused' && late.why, 'already_resolved');
  });

  it('is stopped where it is only in the chain of who asks', async () => {
    const principal = {
      ...rig.principalOf('other'),
      act: { iss: 'https://ci.example.com', sub: 'coder', sub_profile: 'ai_agent' as const },
    };
    await stop();
    const { act } = principal;
    const evaluation = { ...evaluationOf(principal, 'read', {}), act };
    const verdict = await rig.enforce(principal, evaluation);
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'agent_paused');
  });

  it('is stopped in a chain under the name it has here, whatever its issuer calls it', async () => {
    const iss = 'https://ci.example.com';
    const rules = [
      { match: { repository: 'acme/*' }, agent: 'ci:{sub}', owner: 'alice' },
      { match: { sub: 'nightly' }, agent: 'coder' },
      { match: { sub: 'weekly' }, agent: 'sweeper', owner: 'alice' },
    ];
    const config = {
      ...CONFIG,
      workload_identity: [{ issuer: iss, jwks_file: './keys.json', agents: rules }],
    };
    await rig.change({ config: configSchema.parse(JSON.parse(JSON.stringify(config))) });
    const through = async (sub: string, of = iss) => {
      const act = { iss: of, sub, sub_profile: 'ai_agent' as const };
      const principal = { ...rig.principalOf('other'), act };
      return {
        principal,
        verdict: await rig.enforce(principal, { ...evaluationOf(principal, 'write', { sub, of }), act }),
      };
    };
    const waits = held((await through('run-7')).verdict).id;
    for (const agent of ['coder', 'ci:run-7'])
      assert.equal((await pauses.pause(agent, 'bob', 'no')).kind, 'paused');
    assert.equal(await status(waits), 'cancelled', 'what it waits for is withdrawn, too');
    const reason = async (sub: string, of?: string) => {
      const { verdict } = await through(sub, of);
      return verdict.kind === 'refused' ? verdict.refusal.reason : verdict.kind;
    };
    assert.equal(await reason('nightly'), 'agent_paused');
    assert.equal(await reason('run-7'), 'agent_paused');
    assert.equal(await reason('weekly'), 'held');
    assert.equal(await reason('run-8'), 'held');
    assert.equal(await reason('nightly', 'https://other.example.com'), 'held', 'another issuer’s is another');
  });

  it('stays paused over a restart, and what a crash left waiting is swept', async () => {
    await stop();
    assert.deepEqual(await loadPaused(rig.store), rig.authority.current().paused);
    assert.equal(await sweep(rig.deps), 0);
    const { id } = held(await rig.call('write', {}, 'other'));
    // As if it had been opened by the paused one, just before.
    await rig.store.commit({
      name: 'left',
      steps: [
        {
          name: 'left',
          sql: 'UPDATE requests SET principal = replace(principal, \'"other"\', \'"coder"\') WHERE id = $1',
          params: [id],
          rows: 1,
        },
      ],
      entries: [],
    });
    assert.equal(await sweep(rig.deps), 1);
    assert.equal(await status(id), 'cancelled');
    assert.equal(await withdrawPaused(rig.deps), 0);
  });

  it('is on the record with who and when, the reason only as a commitment', async () => {
    await stop();
    await pauses.resume('coder', 'dan');
    const told = (await rig.entries())
      .map(({ predicate }) => JSON.stringify(predicate))
      .filter((text) => text.includes('"pause"'));
    assert.equal(told.length, 2);
    assert.match(told[0] ?? '', /"agent paused".*"by":"bob"|"by":"bob".*"agent paused"/);
    assert.match(told[1] ?? '', /agent resumed/);
    assert.ok(!told.join().includes('wipes tables'));
    const [row] = await rig.store.read({
      sql: "SELECT body FROM payloads WHERE kind = 'reason'",
      params: [],
    });
    assert.equal(row?.['body'], 'it wipes tables');
  });

  it('may be called so by its owner, reviewers and operators alone, once', async () => {
    for (const who of ['eve', 'mallory', 'zed', 'coder']) {
      const outcome = await stop(who);
      assert.equal(outcome.kind === 'refused' && outcome.why, 'not_allowed', who);
    }
    const nobody = await pauses.pause('codr', 'bob', 'x');
    assert.equal(nobody.kind === 'refused' && nobody.why, 'unknown');
    const both = await Promise.all([stop('carol'), stop('bob')]);
    assert.deepEqual(both.map(({ kind }) => kind).toSorted(), ['paused', 'refused']);
  });

  it('I4: is resumed by whoever paused it, or an operator who does not answer for it', async () => {
    await stop('bob');
    for (const [who, why] of [
      ['carol', /Only bob/],
      ['alice', /You answer for this agent/],
      ['mallory', /not active/],
    ] as const) {
      const outcome = await pauses.resume('coder', who);
      assert.match(outcome.kind === 'refused' ? outcome.message : outcome.kind, why);
    }
    assert.equal((await pauses.resume('coder', 'dan')).kind, 'done');
    const again = await pauses.resume('coder', 'dan');
    assert.equal(again.kind === 'refused' && again.why, 'unknown');
    await stop('alice');
    assert.equal((await pauses.resume('coder', 'alice')).kind, 'done');
  });

  it('I4: whoever answers for it cannot be first so as to resume it: somebody else stops it too', async () => {
    await stop('alice');
    assert.deepEqual(await stop('bob'), { kind: 'paused', withdrawn: 0 });
    assert.deepEqual(await loadPaused(rig.store), rig.authority.current().paused);
    const outcome = await pauses.resume('coder', 'alice');
    assert.match(outcome.kind === 'refused' ? outcome.message : outcome.kind, /You answer for this agent/);
    // Nor is it taken back, or taken from somebody who does not answer for it.
    for (const who of ['alice', 'dan']) {
      const again = await stop(who);
      assert.match(again.kind === 'refused' ? again.message : again.kind, /paused already, by bob/);
    }
    assert.equal(await refusal('read'), 'agent_paused');
    assert.equal((await pauses.resume('coder', 'bob')).kind, 'done');
    permitted(await rig.call('read'));
  });
});
