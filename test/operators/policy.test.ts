// A changed policy where two operators are needed (I13): through files, over a restart, and when the files move on.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ProblemError } from '@countersign/sdk';
import { until } from '../../gateway/testing/until.ts';
import { ASKS, OPEN } from '../gateway/yard.ts';
import { type Operated, openOperated } from './house.ts';

const CLOSED = `version: 1\nrules:\n${OPEN}\n`;
const WIDE = `version: 1\nrules:\n${OPEN}\n  - { id: all, about: everything, on: mcp, where: { class: [read, write, destructive] }, then: allow }\n`;

describe('a policy file that changes where two operators are needed', () => {
  let house: Operated;
  beforeEach(async () => {
    house = await openOperated();
  });
  afterEach(() => house.yard.close());

  const rules = async (): Promise<readonly string[]> =>
    (await (await house.as('bob')).policy.show()).rules.map(({ id }) => id);
  const IN_FORCE = ['sessions', 'reads', 'writes-ask'];
  const changes = async () => (await (await house.as('bob')).log.lookUp({ kind: 'policy-change' })).items;

  it('is not taken up before two of them agreed, then once, on the record and without a further touch', async () => {
    await house.yard.writePolicy(WIDE);
    const { id } = await house.onlyPending();
    const detail = await (await house.as('olga')).requests.show(id);
    const args = (detail.shown_action['context'] as { readonly arguments: Record<string, object> }).arguments;
    assert.deepEqual(Object.keys(args['added'] ?? {}), ['all']);
    assert.deepEqual(Object.keys(args['removed'] ?? {}).sort(), ['reads', 'writes-ask']);
    assert.equal(detail.risk, 'high');
    const { waiting, load_errors } = await (await house.as('bob')).policy.show();
    assert.equal(waiting?.request_id, id);
    assert.match(load_errors.join(), new RegExp(`waits for people to agree: .*${id}`));
    assert.ok(house.yard.log.some((line) => line.startsWith('warn') && line.includes(id)));

    for (const reviewer of ['bob', 'carl'])
      await assert.rejects(house.answer(reviewer, id), ProblemError, 'a reviewer is no operator');
    assert.equal((await house.answer('alice', id)).status, 'pending');
    assert.deepEqual(await rules(), IN_FORCE, 'one operator is not two');
    assert.equal((await house.answer('olga', id)).status, 'approved');
    await until('it is in force', async () => (await rules()).includes('all'));
    const [entry] = await changes();
    const { statement } = await (await house.as('bob')).log.entry(entry?.event_id ?? '');
    const { predicate } = statement as { readonly predicate: { readonly review: object } };
    assert.deepEqual(predicate.review, { request_id: id, reviewers: ['alice', 'olga'] });
    assert.equal((await (await house.as('bob')).policy.show()).waiting, undefined);
    assert.equal((await (await house.as('olga')).requests.show(id)).executions.length, 1);
    await house.verifies();
  });

  it('is not taken up by a restart, nor is one made while the gateway was down', async () => {
    await house.yard.writePolicy(WIDE);
    const { id } = await house.onlyPending();
    await house.yard.restart();
    assert.deepEqual(await rules(), IN_FORCE);
    assert.equal((await house.onlyPending()).id, id, 'and it is not asked twice');
    await house.yard.restart(() => house.yard.writePolicy(CLOSED));
    assert.deepEqual(await rules(), IN_FORCE);
    await until('the other is asked', async () => (await house.onlyPending()).id !== id);
    assert.equal((await (await house.as('alice')).requests.show(id)).status, 'cancelled');
    await house.verifies();
  });

  it('A10: the file moves on between the approval and the taking up: neither is taken up, the approval is ended', async () => {
    await house.yard.writePolicy(WIDE);
    const { id } = await house.onlyPending();
    await house.answer('alice', id);
    // The last answer may come before the gateway has noticed the file, or after: it is refused, or approves what is gone.
    const other = WIDE.replace('id: all', 'id: everything');
    await house.yard.writePolicy(other);
    await house.answer('olga', id).catch(() => undefined);
    await until('the newer file is asked about', async () => {
      const [newest] = await house.pending();
      return newest !== undefined && newest.id !== id;
    });
    assert.deepEqual(await rules(), IN_FORCE);
    const old = await (await house.as('alice')).requests.show(id);
    assert.ok(['cancelled', 'approved'].includes(old.status));
    assert.notEqual(old.approval?.status, 'active');
    assert.equal(old.executions.length, 0, 'what was approved was never made');
    await house.verifies();
  });

  it('put back, is asked about no longer', async () => {
    await house.yard.writePolicy(WIDE);
    const { id } = await house.onlyPending();
    await house.yard.writePolicy(ASKS);
    await until('it is withdrawn', async () => (await house.pending()).length === 0);
    assert.equal((await (await house.as('alice')).requests.show(id)).status, 'cancelled');
    assert.deepEqual((await (await house.as('bob')).policy.show()).load_errors, []);
  });

  it('denied by one operator, is not taken up nor asked again', async () => {
    await house.yard.writePolicy(WIDE);
    const { id } = await house.onlyPending();
    await house.answer('olga', id, 'denied');
    await house.yard.restart();
    assert.deepEqual(await rules(), IN_FORCE);
    assert.equal((await house.pending()).length, 0);
    assert.match((await (await house.as('bob')).policy.show()).load_errors.join(), /denied/);
  });
});
