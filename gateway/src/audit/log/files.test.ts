import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Store } from '../../store/store.ts';
import { openRig, plain } from '../testing/rig.ts';
import { type LogFiles, openLogFiles } from './files.ts';
import { startSequencer } from './sequencer.ts';

it('the names of all files of a tree are synced, once, before it is signed', async (t) => {
  const rig = await openRig(t);
  for (let n = 0; n < 300; n += 100)
    await rig.record(...Array.from({ length: 100 }, (_, at) => plain(n + at)));
  await rig.audit.close();
  const said: string[] = [];
  const real = openLogFiles(join(rig.folder, 'again'));
  const files: LogFiles = {
    ...real,
    writeTiles: (tiles) => real.writeTiles(tiles).then(() => void (tiles.length > 0 && said.push('written'))),
    writeEnvelopes: (...of) => real.writeEnvelopes(...of).then(() => void said.push('written')),
    syncNames: () => real.syncNames().then(() => void said.push('named')),
  };
  const store: Store = {
    ...rig.store,
    read: async (query) => (query.sql.includes('FROM checkpoints') ? [] : rig.store.read(query)),
    commit: async (command) => {
      if (command.name !== 'checkpoint') return rig.store.commit(command);
      said.push('signed');
      return { ok: true, first_leaf: -1 };
    },
  };
  const sequencer = await startSequencer({ store, files, key: rig.audit.keys.log, now: () => rig.time.now });
  t.after(() => sequencer.close());
  assert.deepEqual(sequencer.status(), { state: 'running', size: 300 });
  assert.deepEqual(
    said.filter((each, at) => each !== said[at - 1]),
    ['written', 'named', 'signed'],
  );
});
