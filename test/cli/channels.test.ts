// `countersign channels` at a gateway without any: what it says, and who may ask. With services it is tried in test/slack and test/teams.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { type CliHouse, openCliHouse } from './house.ts';

describe('countersign channels', { timeout: 60_000 }, () => {
  let house: CliHouse;
  before(async () => {
    house = await openCliHouse('alice', 'bob');
  });
  after(() => house?.close());

  it('says that there is none, and that nothing is dead', async () => {
    const list = await house.run('alice', 'channels', 'list');
    assert.equal(list.code, EXIT.ok, list.err);
    assert.match(list.out, /No channel is configured/);
    const dead = await house.run('alice', 'channels', 'dead');
    assert.equal(dead.code, EXIT.ok, dead.err);
    assert.match(dead.out, /Every card is where it should be/);
    assert.deepEqual(await house.json('alice', 'channels', 'list'), {
      items: [],
      set_aside: { count: 0, oldest: [] },
    });
  });

  it('refuses what is not there, and whoever may not', async () => {
    for (const words of [
      ['test', 'slack'],
      ['replay', 'crd_none'],
    ]) {
      const ran = await house.run('alice', 'channels', ...words);
      assert.equal(ran.code, EXIT.refused, ran.out);
      assert.match(ran.err, /no such channel|no card of this id/);
    }
    const bob = await house.run('bob', 'channels', 'list');
    assert.equal(bob.code, EXIT.refused);
    assert.match(bob.err, /operator or auditor/);
  });

  it('says what is missing', async () => {
    assert.equal((await house.run('alice', 'channels', 'replay')).code, EXIT.usage);
    assert.equal((await house.run('alice', 'channels', 'dead', '--limit', '0')).code, EXIT.usage);
  });
});
