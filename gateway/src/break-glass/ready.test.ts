import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openKeyHouse } from '../../testing/passkeys.ts';
import { createRig, policyOf, type Rig } from '../../testing/rig.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { policyOf as loadedOf } from '../policy/testing/vectors.ts';
import { countOpen } from './gauge.ts';
import { createNotices } from './notices.ts';
import { tellUnready, unready } from './ready.ts';

const asks = (id: string, by: string): string =>
  `  - { id: ${id}, on: mcp, then: require, approve: [{ by: anyone }]${by === '' ? '' : `, break_glass: { by: ${by} }`} }`;
const { rules } = loadedOf(
  [
    asks('of-dba', '"group:dba"'),
    asks('of-dan', '"person:dan"'),
    asks('of-both', '["group:dba", "group:security"]'),
    asks('of-the-auditor', '"person:eve"'),
    asks('of-a-team', 'own_team'),
    asks('of-nobody', ''),
  ].join('\n'),
  { proofs: ['session', 'recent', 'passkey'] },
);

let rig: Rig;
beforeEach(async () => {
  rig = await createRig(policyOf({}));
});
afterEach(() => rig.close());

describe('rules whose glass nobody could break', () => {
  it('are those that name nobody with a confirmed passkey who reviews', async () => {
    const now = () => unready(rules, rig.authority.current());
    assert.deepEqual(now(), ['of-dba', 'of-dan', 'of-both', 'of-the-auditor', 'of-a-team']);
    const house = openKeyHouse(rig);
    await house.enrol('bob');
    assert.deepEqual(now(), ['of-dba', 'of-dan', 'of-both', 'of-the-auditor', 'of-a-team'], 'not confirmed');
    await house.give('bob');
    assert.deepEqual(now(), ['of-dan', 'of-both', 'of-the-auditor']);
    const { key } = await house.give('carol');
    assert.deepEqual(now(), ['of-dan', 'of-the-auditor']);
    await house.passkeys.revoke(key.id, house.person('carol'));
    assert.deepEqual(now(), ['of-dan', 'of-both', 'of-the-auditor']);
  });

  it('are said at the start, and counted as of now', async () => {
    const said: object[] = [];
    const metrics = createMetrics();
    const log = { ...rig.deps.log, warn: (fields: object) => said.push(fields) };
    const snapshot = () => rig.authority.current();
    tellUnready({ rules: () => rules.slice(0, 2), snapshot, metrics, log });
    assert.deepEqual(said, [{ rules: ['of-dba', 'of-dan'] }]);
    assert.match(metrics.render(), /countersign_break_glass_rules_unready 2/);
    await openKeyHouse(rig).give('dan');
    assert.match(metrics.render(), /countersign_break_glass_rules_unready 1/);
  });
});

describe('telling', () => {
  it('goes on when somebody who listens fails, and a store that does not answer takes no number away', async () => {
    const failed: unknown[] = [];
    const notices = createNotices((error) => failed.push(error));
    const heard: string[] = [];
    notices.listen(() => {
      throw new Error('no line to the chat');
    });
    const stop = notices.listen(({ id }) => heard.push(id));
    const metrics = createMetrics();
    const store = { ...rig.store, read: () => Promise.reject(new Error('away')) };
    countOpen({ store, metrics, notices });
    const notice = { id: 'brk_1', request_id: 'req_1', what: 'broken', by: 'bob', at: 1 } as const;
    notices.notify(notice);
    stop();
    notices.notify({ ...notice, id: 'brk_2' });
    assert.deepEqual([heard, failed.length], [['brk_1'], 2]);
    assert.match(metrics.render(), /countersign_break_glass_open 0/);
  });
});
