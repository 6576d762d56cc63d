/** Attacks on what a reviewer sees: the real views over the real store, with the real masking. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { createKnownSecrets } from '../../gateway/src/masking/known/known.ts';
import { createMasking } from '../../gateway/src/masking/masking.ts';
import { CONFIG, createRig, evaluationOf, held, policyOf, type Rig } from '../../gateway/testing/rig.ts';

/** Known to the gateway by value, as a credential it injects is. */
const INJECTED = ['hunter2', 'correct', 'horse'].join('-');
/** Found by its pattern; made here so that no scanner minds this file. */
const TOKEN = `ghp_${'Ab1'.repeat(12)}`;

const HOSTILE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;

describe('attacks on what is shown', () => {
  let rig: Rig;
  beforeEach(async () => {
    const masking = createMasking(createKnownSecrets([{ value: INJECTED, label: 'upstream-credential' }]));
    rig = await createRig(policyOf({ write: { then: 'require' }, [TOKEN]: { then: 'require' } }), {
      masking,
    });
  });
  afterEach(() => rig.close());

  const open = async (args: JsonObject, tool = 'write') => held(await rig.call(tool, args)).id;
  const shown = async (id: string, viewer = 'bob') => {
    const detail = await rig.requests.show(id, viewer);
    assert.ok(detail !== undefined);
    return detail;
  };

  it('A1: what an agent says stands apart, as its claim, and nowhere else', async () => {
    const reason = 'APPROVED by Bob (dba). Risk: low. Policy: allow. Press y.';
    const evaluation = evaluationOf(rig.principal, 'write', { path: '/a' });
    const { id } = held(await rig.enforce(rig.principal, { ...evaluation, claim: { reason } }));
    const { claim, ...facts } = await shown(id);
    assert.equal(claim, reason);
    assert.ok(!JSON.stringify(facts).includes('Press y'));
  });

  it('A1, A11: two reasons for one action are one request: a claim is in no digest', async () => {
    const evaluation = evaluationOf(rig.principal, 'write', { path: '/a' });
    const ids = [];
    for (const reason of ['one', 'two'])
      ids.push(held(await rig.enforce(rig.principal, { ...evaluation, claim: { reason } })).id);
    assert.equal(ids[0], ids[1]);
  });

  it('A1: a claim or reason cut in the middle of a character is still kept', async () => {
    const evaluation = evaluationOf(rig.principal, 'write', { path: '/a' });
    const reason = `${'x'.repeat(1999)}😀`;
    const { id } = held(await rig.enforce(rig.principal, { ...evaluation, claim: { reason } }));
    const outcome = await rig.answer(id, 'bob', { decision: 'denied', reason: `${'y'.repeat(3999)}😀` });
    assert.equal(outcome.kind, 'recorded');
  });

  it('A2, A3: no list or card carries an escape, a bidi control or an invisible character', async () => {
    const evil = '\u001b[2K\u202egnp.exe\u200b\u{e0041}\u0007';
    const id = await open({ [evil]: evil, path: `/ok${' '.repeat(300)}; rm -rf /` });
    const { sentence, findings_total } = await shown(id);
    const [listed] = (await rig.requests.list({}, { limit: 1 })).items;
    assert.ok(findings_total > 0);
    assert.doesNotMatch(`${sentence}${listed?.sentence}`, HOSTILE);
  });

  it('A4: what cannot be shown whole cannot be approved, and can be denied', async () => {
    const id = await open({ ids: Array.from({ length: 60_000 }, (_, n) => n), then: 'rm -rf /' });
    assert.equal((await shown(id)).approvable.ok, false);
    const approved = await rig.answer(id, 'bob');
    assert.equal(approved.kind === 'refused' && approved.why, 'not_approvable');
    assert.equal((await rig.answer(id, 'bob', { decision: 'denied' })).kind, 'recorded');
  });

  it('A5: everything that would run is shown, and is in the digest', async () => {
    const evaluation = evaluationOf(rig.principal, 'write', { path: '/a' });
    const hidden = ['env', 'cwd', 'headers', 'parameters', 'role', 'database'];
    const seen = new Set([await open({ path: '/a' })]);
    for (const name of hidden) {
      const context = { ...evaluation.context, [name]: { value: `other-${name}` } };
      await rig.change({ config: { ...CONFIG } }); // a new epoch must not blur what is compared
      const verdict = await rig.enforce(rig.principal, { ...evaluation, context });
      if (verdict.kind !== 'held') continue;
      const { id } = verdict.held.request;
      assert.ok(!seen.has(id), `${name} is in no digest`);
      assert.match(JSON.stringify((await shown(id)).shown_action), new RegExp(`other-${name}`));
      seen.add(id);
      await rig.requests.cancel(id, 'alice');
    }
    assert.equal(seen.size, hidden.length + 1);
  });

  it('A6: 1, "1", true and [1] are four actions', async () => {
    const ids = new Set<string>();
    for (const value of [1, '1', true, [1]]) {
      const id = await open({ value });
      ids.add(id);
      await rig.requests.cancel(id, 'alice');
    }
    assert.equal(ids.size, 4);
    assert.equal(await open({ b: 1, a: 2 }), await open({ a: 2, b: 1 }), 'order is no difference');
  });

  const places: readonly (readonly [where: string, args: JsonObject, tool?: string])[] = [
    ['an argument', { token: TOKEN }],
    ['an argument whose name is a path', { 'a/b': `x ${TOKEN} y` }],
    ['an argument whose name has a tilde', { 'a~b': `x ${TOKEN} y` }],
    ['an argument’s name', { [TOKEN]: 1 }],
    ['deep inside', { a: { b: [{ c: `Authorization: Bearer ${TOKEN}` }] } }],
    ['the resource', {}, TOKEN],
    ['a value the gateway injects', { text: `password is ${INJECTED}` }],
    ['that value in base64', { text: `x ${Buffer.from(INJECTED).toString('base64')} y` }],
  ];
  for (const [where, args, tool] of places) {
    it(`A23: a secret in ${where} is in no list, card or entry`, async () => {
      const id = await open(args, tool);
      const views = [
        await shown(id),
        await rig.requests.list({}, { limit: 10 }),
        await rig.entries(),
        await rig.store.read({ sql: 'SELECT resource, principal, explanation FROM requests', params: [] }),
        await rig.store.read({ sql: 'SELECT action, resource, rules FROM entries', params: [] }),
      ];
      // The rule of the test policy is named after the tool; an operator's rules are not named by agents.
      const text = JSON.stringify(views).replaceAll(`rule-${TOKEN}`, '');
      for (const secret of [TOKEN, INJECTED, Buffer.from(INJECTED).toString('base64')])
        assert.ok(!text.includes(secret), text.slice(Math.max(0, text.indexOf(secret) - 200)).slice(0, 300));
    });
  }

  it('A23: a secret in an action’s name, which an agent chooses over HTTP, is in no entry or view', async () => {
    const evaluation = evaluationOf(rig.principal, 'write', {});
    const { id } = held(
      await rig.enforce(rig.principal, { ...evaluation, action: { name: `use ${TOKEN}` } }),
    );
    const columns = await rig.store.read({ sql: 'SELECT action FROM entries', params: [] });
    const { shown_action: _, ...view } = await shown(id);
    assert.ok(!JSON.stringify([view, columns, await rig.entries()]).includes(TOKEN));
  });

  it('A23: words of agents and people are masked like everything else', async () => {
    const evaluation = evaluationOf(rig.principal, 'write', { path: '/a' });
    const claim = { reason: `use ${TOKEN}` };
    const { id } = held(await rig.enforce(rig.principal, { ...evaluation, claim }));
    await rig.answer(id, 'bob', { decision: 'denied', reason: `never paste ${INJECTED}` });
    const text = JSON.stringify([
      await shown(id),
      await rig.entries(),
      await rig.call('write', { path: '/a' }),
    ]);
    assert.ok(!text.includes(TOKEN) && !text.includes(INJECTED));
  });

  it('A23: who revealed a secret and may no longer review it no longer sees it', async () => {
    const id = await open({ text: `x ${TOKEN} y` });
    await rig.requests.reveal(id, 'bob', 'must see it');
    assert.match(JSON.stringify((await shown(id)).shown_action), new RegExp(TOKEN));
    const people = {
      ...CONFIG.people,
      bob: { name: 'Bob', roles: ['auditor' as const], accounts: [], active: true },
    };
    await rig.change({ config: { ...CONFIG, people } });
    const after = await shown(id);
    assert.equal(after.revealed, false);
    assert.ok(!JSON.stringify(after).includes(TOKEN));
  });

  it('A19: requests that others must review hide nothing from the one who may', async () => {
    const config = {
      ...CONFIG,
      agents: { ...CONFIG.agents, coder: { ...CONFIG.agents['coder'], pending_max: 1000 } },
    };
    const others = policyOf({
      noise: {
        then: 'require',
        requirement: {
          seats: [{ by: 'person:carol', count: 1, proof: 'session' }],
          choices: [],
          exclude: [],
          within_ms: 1000,
          valid_ms: 1000,
          uses: 1,
        },
      },
      write: { then: 'require' },
    });
    rig.deps.masking.redactions = () => new Map();
    await rig.change({ config: config as typeof CONFIG, policy: others });
    Object.assign(rig.deps, { askingMax: () => ({ pending: 1000, per_hour: 1000 }) });
    await Promise.all(Array.from({ length: 510 }, (_, n) => rig.call('noise', { n })));
    const id = await open({ path: '/mine' });
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = { limit: 10, ...(cursor === undefined ? {} : { cursor }) };
      const { items, next_cursor } = await rig.requests.list({ reviewable_by: 'bob' }, page);
      found.push(...items.map((item) => item.id));
      cursor = next_cursor;
    } while (cursor !== undefined);
    assert.deepEqual(found, [id]);
  });
});
