/** Who sees how channels do, who may change it, and what a link from one does: nothing, until somebody says so by POST. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { LINK_CODE } from '../testing/parts.ts';
import { createRig, PUBLIC_URL, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

const post = async (path: string, person: string | undefined, body?: object): Promise<Response> =>
  rig.ask(path, {
    method: 'POST',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(person === undefined ? {} : { authorization: `Bearer ${await rig.token(person)}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const get = async (path: string, person: string): Promise<Response> =>
  rig.ask(path, { headers: { authorization: `Bearer ${await rig.token(person)}` } });

describe('channels, for those who oversee them', () => {
  it('are listed, with what could not be shown', async () => {
    const { channels } = await rig.client('mara');
    const [slack] = (await channels.list()).items;
    assert.deepEqual([slack?.kind, slack?.ok, slack?.dead], ['slack', false, 1]);
    assert.equal((await channels.dead()).items[0]?.trouble, 'channel_not_found');
  });

  it('are tested and tried again by operators', async () => {
    const { channels } = await rig.client('mara');
    assert.deepEqual(await channels.test('slack'), { places: ['C01'] });
    await channels.replay('crd_1');
    assert.equal((await post('/api/channels/fax/test', 'mara', {})).status, 404);
    assert.equal((await post('/api/channels/cards/crd_2/replay', 'mara')).status, 404);
  });

  it('are nobody else’s to see or to change', async () => {
    for (const path of ['/api/channels', '/api/channels/dead']) {
      assert.equal((await get(path, 'jon')).status, 403, path);
      assert.equal((await rig.ask(path)).status, 401, path);
    }
    for (const path of ['/api/channels/slack/test', '/api/channels/cards/crd_1/replay'])
      assert.equal((await post(path, 'jon', path.endsWith('test') ? {} : undefined)).status, 403, path);
  });
});

describe('a link from a channel', () => {
  it('is looked at and confirmed by whoever is signed in; others then may have to agree', async () => {
    const { channels } = await rig.client('jon');
    assert.equal((await channels.lookAtLink(LINK_CODE)).account, 'slack:t01/u01');
    assert.equal((await channels.confirmLink(LINK_CODE))?.status, 'pending');
  });

  it('says nothing of a code that is none', async () => {
    const response = await post('/api/account-links/look', 'jon', { code: 'guessed' });
    assert.equal(response.status, 404);
    assert.doesNotMatch(await response.text(), /guessed/);
    assert.equal((await post('/api/account-links/confirm', 'jon', { code: 'guessed' })).status, 404);
  });

  it('A16: is nobody’s by GET, without a session, or from another site', async () => {
    for (const way of ['look', 'confirm']) {
      const path = `/api/account-links/${way}`;
      assert.notEqual((await get(path, 'jon')).status, 200, way);
      assert.equal((await post(path, undefined, { code: LINK_CODE })).status, 401, way);
      const cookie = `countersign=${await rig.token('jon', 'browser')}`;
      const headers = { cookie, 'content-type': 'application/json', origin: PUBLIC_URL };
      const forged = await rig.ask(path, {
        method: 'POST',
        headers,
        body: JSON.stringify({ code: LINK_CODE }),
      });
      assert.equal(forged.status, 403, `${way}: without its CSRF token`);
    }
  });
});
