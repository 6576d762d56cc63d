import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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

it('a link among them is none of them: who may write there reads and changes nothing else by it', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'countersign-files-'));
  t.after(() => rm(place, { recursive: true, force: true }));
  const secret = join(place, 'log.pem');
  const folder = join(place, 'log');
  await writeFile(secret, 'the key');
  await mkdir(join(folder, 'tile', '0'), { recursive: true });
  await mkdir(join(folder, 'envelopes'));
  const files = openLogFiles(folder);
  for (const name of ['checkpoint', 'tile/0/001', 'envelopes/001']) {
    await symlink(secret, join(folder, name));
    assert.equal(await files.read(name), undefined, name);
  }
  await files.publish('checkpoint', 'a checkpoint');
  assert.equal(String(await files.read('checkpoint')), 'a checkpoint');

  await files.writeEnvelopes(0, 0, ['{}']);
  await rm(join(folder, 'envelopes', '000'));
  await symlink(secret, join(folder, 'envelopes', '000'));
  await assert.rejects(files.writeEnvelopes(0, 1, ['{}']), /ELOOP/);
  assert.equal(await readFile(secret, 'utf8'), 'the key');
});

it('a folder or a pipe in the place of a file is said to be one, and never waited for', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'countersign-files-'));
  t.after(() => rm(place, { recursive: true, force: true }));
  await mkdir(join(place, 'checkpoint'));
  execFileSync('mkfifo', [join(place, 'entry-keys')]);
  for (const name of ['checkpoint', 'entry-keys'])
    await assert.rejects(openLogFiles(place).read(name), new RegExp(`${name}: is no file: move it away$`));
});
