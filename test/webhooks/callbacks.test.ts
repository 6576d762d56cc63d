/** Callbacks of access requests: who may be called where, and what they are told (A26, I3). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { held } from '../../gateway/testing/rig.ts';
import { until } from '../../gateway/testing/until.ts';
import { OLD, useStage } from './stage.ts';

const stage = useStage();

describe('callbacks of access requests (ARAP)', () => {
  const allow = (over: object = {}) =>
    stage.configure(
      {},
      {
        coder: {
          to: [stage.there.url.replace(/\?.*/, '')],
          secret: 'env:OLD',
          allow_networks: ['127.0.0.1'],
          ...over,
        },
      },
    );
  const ask = async (n: string) => held(await stage.rig.call('ask', { n })).id;

  it('tell the task’s id and status and where to ask, signed, and nothing that could be taken for an approval', async () => {
    allow();
    const { callbacks } = await stage.start();
    const id = await ask('1');
    assert.equal(
      await callbacks.register('coder', id, { endpoint: stage.there.url, state: 'xyz' }),
      'registered',
    );
    await stage.rig.answer(id, 'bob');
    await until('it is told', () => stage.there.taken.length === 1);
    const { body, type, good_for } = stage.there.taken[0] ?? assert.fail('nothing came');
    assert.equal(type, 'application/json');
    assert.deepEqual(good_for, [OLD]);
    assert.deepEqual(JSON.parse(body), {
      state: 'xyz',
      task: { id, status: 'approved', status_endpoint: `http://localhost:7070/access/v1/requests/${id}` },
    });
    await until('it is forgotten', async () => (await open()) === 0);
  });

  const open = async (): Promise<number> => {
    const [row] = await stage.rig.store.read({
      sql: 'SELECT COUNT(*) AS n FROM webhook_callbacks',
      params: [],
    });
    return Number(row?.['n']);
  };

  it('come for the events that were asked for, of the agent’s own requests that are still open', async () => {
    allow();
    const webhooks = await stage.start();
    const { callbacks } = webhooks;
    const [denied, approved] = [await ask('1'), await ask('2')];
    const endpoint = stage.there.url;
    await callbacks.register('coder', denied, { endpoint, events: ['approved'] });
    await callbacks.register('coder', approved, { endpoint, events: ['approved'] });
    assert.equal(
      await callbacks.register('other', approved, { endpoint }),
      'over',
      'another agent’s request',
    );
    await stage.rig.answer(denied, 'bob', { decision: 'denied', reason: 'no' });
    await stage.rig.answer(approved, 'bob');
    await until('it is told', () => stage.there.taken.length === 1);
    await until('neither is kept', async () => (await open()) === 0);
    assert.equal(
      (JSON.parse(stage.there.taken[0]?.body ?? '') as { task: { id: string } }).task.id,
      approved,
    );
    assert.equal(await callbacks.register('coder', approved, { endpoint }), 'over');
    allow({ open_max: 1 });
    const [one, two] = [await ask('3'), await ask('4')];
    assert.equal(await callbacks.register('coder', one, { endpoint }), 'registered');
    assert.equal(await callbacks.register('coder', one, { endpoint }), 'registered', 'the same again');
    assert.equal(await callbacks.register('coder', two, { endpoint }), 'too_many');
    // What could not be told counts no more once it is dead.
    stage.there.answer = 410;
    await stage.rig.answer(one, 'bob');
    await until('it is dead', async () => ((await webhooks.dead('callback:coder')) ?? []).length === 1);
    assert.equal(await callbacks.register('coder', two, { endpoint }), 'registered');
  });

  it('go only below the places that are configured for the agent', async () => {
    stage.configure(
      {},
      { coder: { to: ['https://app.example.com/in', 'https://other.example.com/'], secret: 'env:OLD' } },
    );
    const { refusal } = (await stage.start()).callbacks;
    for (const good of [
      'https://app.example.com/in',
      'https://app.example.com/in/1?x=2',
      'https://other.example.com/any',
      'https://APP.example.com:443/in/../in/3',
    ])
      assert.equal(refusal('coder', good), undefined, good);
    for (const bad of [
      'https://app.example.com/inside',
      'https://app.example.com/in/../admin',
      'https://app.example.com/in/%2e%2e/admin',
      'https://app.example.com/in/..%2fadmin',
      'https://app.example.com/in/x%5c..',
      'https://app.example.com/in/..;/admin',
      'https://app.example.com/in/.;x/..;x=1/admin',
      'https://app.example.com/in/..%3b/admin',
      'https://app.example.com/in/%252e%252e/admin',
      'https://app.example.com:8443/in',
      'http://app.example.com/in',
      'https://app.example.com.evil.test/in',
      'https://app.example.com@evil.test/in',
      'https://user:pass@app.example.com/in',
      'https://app.example.com/in#x',
      'http://169.254.169.254/in',
      'app.example.com/in',
      '',
    ])
      assert.match(refusal('coder', bad) ?? 'allowed', /^must b/, bad);
    assert.match(refusal('other', 'https://app.example.com/in') ?? '', /channels\.callbacks\.other/);
  });
});
