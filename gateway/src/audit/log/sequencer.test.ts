import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseCheckpoint, parseNote } from '@countersign/core';
import { openRig, plain, type Rig } from '../testing/rig.ts';
import { folderSource } from '../verify/source.ts';
import { verifyLog } from '../verify/verify.ts';
import { lastCheckpoint } from './checkpoints.ts';

const many = (count: number, from = 0) => Array.from({ length: count }, (_, n) => plain(from + n));

async function commitAtOnce({ store, audit }: Rig, count: number, from = 0): Promise<void> {
  const entries = many(count, from).map((fact) => audit.sealer.seal(fact));
  await Promise.all(entries.map((entry) => store.commit({ name: 'test', steps: [], entries: [entry] })));
}

const checkpointOf = async (rig: Rig) => {
  const note = await readFile(join(rig.log, 'checkpoint'), 'utf8');
  return { note, ...parseCheckpoint(parseNote(note).text) };
};

async function verifies(rig: Rig, size: number): Promise<void> {
  const report = await verifyLog({ source: folderSource(rig.log), vkey: rig.audit.keys.log.vkey });
  assert.deepEqual(report.findings, []);
  assert.equal(report.size, size);
  assert.equal(report.established.length, 4);
}

describe('sequencer', () => {
  it('publishes a log that verifies at every size around a tile’s edge', async (t) => {
    const rig = await openRig(t);
    let size = 0;
    for (const more of [1, 1, 253, 1, 1, 255, 1, 1500]) {
      await commitAtOnce(rig, more, size);
      size += more;
      await rig.audit.flush();
      assert.equal((await checkpointOf(rig)).size, size);
      await verifies(rig, size);
    }
  });

  it('publishes by itself within a second or so of a commit', async (t) => {
    const rig = await openRig(t);
    await rig.record(plain(1));
    const until = performance.now() + 10_000;
    while ((await stat(join(rig.log, 'checkpoint')).catch(() => undefined)) === undefined) {
      assert.ok(performance.now() < until, 'no checkpoint after ten seconds');
      await new Promise(setImmediate);
    }
    await verifies(rig, 1);
  });

  it('says nothing of a log without entries', async (t) => {
    const rig = await openRig(t);
    await rig.audit.flush();
    await assert.rejects(stat(join(rig.log, 'checkpoint')));
    assert.deepEqual(await rig.audit.ready(), { ready: true });
  });

  const losses: readonly (readonly [string, (log: string) => Promise<void>])[] = [
    ['all tiles', (log) => rm(join(log, 'tile'), { recursive: true })],
    ['the first envelopes', (log) => rm(join(log, 'envelopes/000'))],
    ['the first tile', (log) => rm(join(log, 'tile/0/000'))],
    ['the end of the last tile', (log) => writeFile(join(log, 'tile/0/001.p/44'), new Uint8Array(32))],
    ['the end of the last bundle', (log) => writeFile(join(log, 'tile/entries/001.p/44'), new Uint8Array(7))],
    ['a torn line of the last envelopes', (log) => writeFile(join(log, 'envelopes/001'), '{"payload":"tor')],
  ];
  for (const [what, lose] of losses) {
    it(`makes the files again from the store after losing ${what}`, async (t) => {
      let rig = await openRig(t);
      await commitAtOnce(rig, 300);
      await rig.audit.flush();
      const before = await checkpointOf(rig);
      rig = await rig.restart(() => lose(rig.log));
      assert.equal((await checkpointOf(rig)).note, before.note);
      await verifies(rig, 300);
      await commitAtOnce(rig, 30, 300);
      await rig.audit.flush();
      await verifies(rig, 330);
    });
  }

  it('signs no second tree while the first is not published', async (t) => {
    const rig = await openRig(t);
    await rig.record(plain(1));
    // A folder where the file belongs: what is signed cannot be published.
    await mkdir(join(rig.log, 'checkpoint'));
    await rig.audit.flush();
    await rig.record(plain(2));
    await rig.audit.flush();
    assert.equal((await lastCheckpoint(rig.store))?.size, 1);
    await rmdir(join(rig.log, 'checkpoint'));
    await rig.audit.flush();
    await verifies(rig, 2);
  });

  it('writes again what is taken away while it runs, whether an entry comes or not', async (t) => {
    const rig = await openRig(t);
    await rig.record(plain(1));
    await rig.audit.flush();
    const { note } = await checkpointOf(rig);
    await rm(rig.log, { recursive: true });
    await rig.audit.flush();
    assert.equal((await checkpointOf(rig)).note, note);
    await verifies(rig, 1);
  });

  it('keeps full tiles and drops the unfinished ones they replaced', async (t) => {
    const rig = await openRig(t);
    for (const n of [0, 100, 200]) {
      await commitAtOnce(rig, 100, n);
      await rig.audit.flush();
    }
    assert.deepEqual((await readdir(join(rig.log, 'tile/0'))).sort(), ['000', '001.p']);
    assert.deepEqual((await readdir(join(rig.log, 'tile/entries'))).sort(), ['000', '001.p']);
    await verifies(rig, 300);
  });

  it('does not sign while the clock is behind the last checkpoint, and says so (A20, A24)', async (t) => {
    const rig = await openRig(t);
    await rig.record(plain(1));
    await rig.audit.flush();
    rig.time.now -= 1;
    await rig.record(plain(2));
    await rig.audit.flush();
    assert.equal((await checkpointOf(rig)).size, 1);
    assert.deepEqual(await rig.audit.ready(), {
      ready: false,
      why: ['audit log: the clock is behind the last checkpoint'],
    });
    assert.equal(rig.troubles.length, 1);
    rig.time.now += 1;
    await rig.audit.flush();
    assert.equal((await checkpointOf(rig)).size, 2);
    assert.deepEqual(await rig.audit.ready(), { ready: true });
  });

  it('never signs a second root for a size, nor a smaller tree: it stops (A24)', async (t) => {
    for (const [sql, why] of [
      ["UPDATE entries SET leaf = '{}' WHERE leaf_index = 3", /an entry was changed/],
      ['DELETE FROM entries WHERE leaf_index >= 5', /cut or replaced/],
      ['DELETE FROM entries WHERE leaf_index = 3', /gap/],
    ] as const) {
      let rig = await openRig(t);
      await commitAtOnce(rig, 10);
      await rig.audit.flush();
      const { note } = await checkpointOf(rig);
      await rig.store.commit({
        name: 'tamper',
        steps: [{ name: 'tamper', sql, params: [], rows: 1 }].map((step) => ({
          ...step,
          rows: 'any' as const,
        })),
        entries: [],
      });
      rig = await rig.restart(() => rm(join(rig.log, 'tile'), { recursive: true }));
      await commitAtOnce(rig, 3, 10);
      await rig.audit.flush();
      const ready = await rig.audit.ready();
      assert.ok(!ready.ready && why.test(ready.why[0] ?? ''), JSON.stringify(ready));
      assert.equal((await checkpointOf(rig)).note, note);
      assert.equal((await lastCheckpoint(rig.store))?.note, note);
    }
  });

  it('publishes what was signed but not published before a crash', async (t) => {
    let rig = await openRig(t);
    await rig.record(plain(1));
    await rig.audit.flush();
    const kept = join(rig.folder, 'kept');
    await cp(rig.log, kept, { recursive: true });
    await rig.record(plain(2));
    await rig.audit.flush();
    const { note } = await checkpointOf(rig);
    // As a crash between the signature and the publication leaves it: older files, newer store.
    rig = await rig.restart(async () => {
      await rm(rig.log, { recursive: true });
      await cp(kept, rig.log, { recursive: true });
    });
    assert.equal((await checkpointOf(rig)).note, note);
    await verifies(rig, 2);
  });
});
