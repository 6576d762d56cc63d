import assert from 'node:assert/strict';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openSqliteStore } from '../store/sqlite/sqlite.ts';
import { openAudit } from './open.ts';
import { createSealer } from './sealer.ts';
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

  it('refuses to go on from an older copy of the store (A24)', async (t) => {
    const rig = await openRig(t);
    const at = (file: string): string => join(rig.folder, file);
    const reopened = async (): Promise<unknown> => {
      const store = await openSqliteStore({ path: at('store.db') });
      const log = { error: () => undefined };
      try {
        const audit = await openAudit({ store, data_dir: rig.folder, origin: ORIGIN, now: Date.now, log });
        await audit.close();
        return undefined;
      } catch (error) {
        return error;
      } finally {
        await store.close();
      }
    };
    await rig.record(plain(1));
    await rig.audit.flush();
    await rig.audit.close();
    await rig.store.close();
    await copyFile(at('store.db'), at('older.db'));
    const store = await openSqliteStore({ path: at('store.db') });
    const entry = createSealer({ key: rig.audit.keys.entry.current }).seal(plain(2));
    await store.commit({ name: 'test', steps: [], entries: [entry] });
    await store.close();
    assert.equal(await reopened(), undefined, 'its own newest copy');
    await copyFile(at('store.db'), at('newest.db'));
    await copyFile(at('older.db'), at('store.db'));
    assert.match(
      String(await reopened()),
      /did not sign log\/checkpoint \(2 entries\).*Put the newest copy back/,
    );
    await copyFile(at('newest.db'), at('store.db'));
    assert.equal(await reopened(), undefined, 'put back');
  });
});
