import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openSqliteStore } from '../store/sqlite/sqlite.ts';
import { openAudit } from './open.ts';
import { ORIGIN, openRig, plain } from './testing/rig.ts';

describe('opening the audit log', () => {
  it('writes down the one line an auditor keeps', async (t) => {
    const rig = await openRig(t);
    assert.equal(await readFile(join(rig.folder, 'log.vkey'), 'utf8'), `${rig.audit.keys.log.vkey}\n`);
  });

  for (const [what, over, want] of [
    ['under another name', { origin: 'other.example/log' }, /set log\.origin back to test\.example\/log/],
    ['with another key', { loseKey: true }, /log\.pem is not the key that signed this log/],
  ] as const) {
    it(`refuses to go on ${what} (A24)`, async (t) => {
      const rig = await openRig(t);
      await rig.record(plain(1));
      await rig.audit.flush();
      await rig.audit.close();
      await rig.store.close();
      if ('loseKey' in over) await rm(join(rig.folder, 'keys', 'log.pem'));
      const store = await openSqliteStore({ path: join(rig.folder, 'store.db') });
      const origin = 'origin' in over ? over.origin : ORIGIN;
      const log = { error: () => undefined };
      await assert.rejects(openAudit({ store, data_dir: rig.folder, origin, now: Date.now, log }), want);
      await store.close();
    });
  }
});
