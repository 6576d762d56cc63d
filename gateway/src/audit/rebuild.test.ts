import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openSqliteStore } from '../store/sqlite/sqlite.ts';
import { StoreUnavailable } from '../store/store.ts';
import { openAudit } from './open.ts';
import { type LostLog, withLostLog } from './rebuild.ts';
import { ORIGIN, openRig, plain, type Rig } from './testing/rig.ts';
import { folderSource } from './verify/source.ts';
import { verifyLog } from './verify/verify.ts';

/** A gateway that stopped after signing 1, then 300 entries, and what an auditor kept of it. */
async function stopped(t: TestContext) {
  const rig = await openRig(t);
  const kept: string[] = [];
  for (const [from, to] of [
    [0, 1],
    [1, 300],
  ] as const) {
    await rig.record(...Array.from({ length: to - from }, (_, n) => plain(from + n)));
    await rig.audit.flush();
    kept.push(await readFile(join(rig.log, 'checkpoint'), 'utf8'));
  }
  const { vkey } = rig.audit.keys.log;
  await close(rig);
  return { rig, kept, vkey };
}

async function close({ audit, store }: Rig): Promise<void> {
  await audit.close();
  await store.close();
}

/** As a gateway does, and closes it again. */
async function start({ folder }: Rig): Promise<void> {
  const store = await openSqliteStore({ path: join(folder, 'store.db') });
  try {
    const log = { error: () => undefined };
    await (await openAudit({ store, data_dir: folder, origin: ORIGIN, now: Date.now, log })).close();
  } finally {
    await store.close();
  }
}

const lostIn = <T>({ folder }: Rig, work: (lost: LostLog) => Promise<T>): Promise<T> =>
  withLostLog({ data_dir: folder, origin: ORIGIN }, async (lost) => {
    assert.ok(lost !== undefined, 'something is lost');
    return work(lost);
  });

const losses: readonly (readonly [string, (log: string) => Promise<void>])[] = [
  ['its folder', (log) => rm(log, { recursive: true })],
  ['its checkpoint', (log) => rm(join(log, 'checkpoint'))],
  ['a readable checkpoint', (log) => writeFile(join(log, 'checkpoint'), 'nonsense')],
  [
    'its checkpoint for another note of its key',
    async (log) => writeFile(join(log, 'checkpoint'), await readFile(join(log, 'entry-keys'))),
  ],
  [
    'its checkpoint for a link to one',
    async (log) => {
      await rename(join(log, 'checkpoint'), join(log, 'elsewhere'));
      await symlink('elsewhere', join(log, 'checkpoint'));
    },
  ],
  [
    'its own checkpoint for another log’s',
    (log) => writeFile(join(log, 'checkpoint'), 'other.example/log\n9\nAAAA\n\n— other.example/log AAAA\n'),
  ],
];

describe('a store that signed a log', () => {
  for (const [what, lose] of losses)
    it(`is not gone on from when the log lost ${what}: it may be a backup that was put back (A24)`, async (t) => {
      const { rig } = await stopped(t);
      await lose(rig.log);
      await assert.rejects(
        start(rig),
        /log\/checkpoint is missing, or is none of this log’s, though this store signed one \(300 entries\).*countersign log rebuild/,
      );
      await assert.rejects(start(rig), /is missing/, 'and not at the second try either');
    });

  it('is gone on from when somebody else signed its checkpoint, too: it is the same one', async (t) => {
    const { rig, kept } = await stopped(t);
    const cosigned = `${kept.at(-1)}— witness.example/w AAAAAAAAAAAA\n`;
    await writeFile(join(rig.log, 'checkpoint'), cosigned);
    await start(rig);
  });

  it('is gone on from after a crash between its first signature and its publication', async (t) => {
    const rig = await openRig(t);
    await rig.record(plain(1));
    await rig.audit.flush();
    await close(rig);
    await rm(join(rig.log, 'checkpoint'));
    await start(rig);
    const note = await readFile(join(rig.log, 'checkpoint'), 'utf8');
    assert.match(note, /^test\.example\/log\n1\n/);
  });
});

describe('rebuilding a lost log', () => {
  it('writes it anew, says so in an entry, and continues what an auditor kept', async (t) => {
    const { rig, kept, vkey } = await stopped(t);
    await rm(rig.log, { recursive: true });
    const count = await lostIn(rig, async (lost) => {
      assert.deepEqual([lost.entries, lost.last.size], [300, 300]);
      const held = await lost.heldTo(kept[0] ?? '');
      assert.ok(held.kind === 'same' && held.size === 1);
      return lost.rebuild(held);
    });
    assert.equal(count, 301);
    await start(rig);
    for (const older of kept) {
      const report = await verifyLog({ source: folderSource(rig.log), vkey, older });
      assert.deepEqual([report.findings, report.size], [[], 301]);
      assert.deepEqual(
        report.rebuilt.map(({ index, signed, held_to }) => [index, signed, held_to]),
        [[300, 300, 1]],
      );
    }
  });

  it('writes every file anew, whatever stands in those that are left', async (t) => {
    const { rig, vkey } = await stopped(t);
    for (const file of ['tile/0/000', 'tile/entries/000', 'envelopes/000'])
      await writeFile(join(rig.log, file), 'nonsense');
    await rm(join(rig.log, 'checkpoint'));
    assert.equal(await lostIn(rig, (lost) => lost.rebuild()), 301);
    const report = await verifyLog({ source: folderSource(rig.log), vkey });
    assert.deepEqual([report.findings, report.size], [[], 301]);
  });

  it('is for the user whose store it is: what another one wrote, the gateway could not write again', async (t) => {
    const { rig } = await stopped(t);
    await rm(rig.log, { recursive: true });
    await rm(join(rig.folder, 'store.db.lock'));
    const before = await readdir(rig.folder, { recursive: true });
    const me = process.getuid?.() ?? 0;
    const { getuid } = process;
    t.after(() => {
      if (getuid !== undefined) process.getuid = getuid;
    });
    process.getuid = () => me + 1;
    await assert.rejects(
      withLostLog({ data_dir: rig.folder, origin: ORIGIN }, async () => undefined),
      new RegExp(
        `store\\.db belongs to another user \\(uid ${me}\\).*: sudo -u '#${me}' countersign log rebuild$`,
      ),
    );
    assert.deepEqual(await readdir(rig.folder, { recursive: true }), before, 'no file is made');
  });

  it('says in words what it could not write, and what then', async (t) => {
    const { rig } = await stopped(t);
    await rm(rig.log, { recursive: true });
    await lostIn(rig, async (lost) => {
      await mkdir(join(rig.log, 'checkpoint'), { recursive: true });
      await assert.rejects(
        lost.rebuild(),
        /the log was not written whole: [^{]*checkpoint[^{]*; put that right, then run it again$/,
      );
    });
  });

  it('tells an older copy, another history and what is none of its checkpoints', async (t) => {
    const { rig, kept } = await stopped(t);
    const store = join(rig.folder, 'store.db');
    await cp(store, join(rig.folder, 'backup.db'));
    let more = await openRig(t);
    await close(more);
    // The same keys, another past.
    await rm(more.log, { recursive: true });
    await cp(join(rig.folder, 'keys'), join(more.folder, 'keys'), { recursive: true });
    more = await more.restart();
    await more.record(plain(7));
    await more.audit.flush();
    const forked = await readFile(join(more.log, 'checkpoint'), 'utf8');
    await more.record(...Array.from({ length: 400 }, (_, n) => plain(n)));
    await more.audit.flush();
    const newer = await readFile(join(more.log, 'checkpoint'), 'utf8');
    const entry_keys = await readFile(join(rig.log, 'entry-keys'), 'utf8');
    await rm(rig.log, { recursive: true });
    const [whole = ''] = kept.slice(-1);
    await lostIn(rig, async (lost) => {
      assert.deepEqual(await lost.heldTo(whole), { kind: 'same', size: 300 });
      assert.deepEqual(await lost.heldTo(forked), { kind: 'forked', size: 1 });
      assert.deepEqual(await lost.heldTo(newer), { kind: 'newer', size: 401 });
      for (const text of [
        '',
        'nonsense',
        entry_keys,
        whole.replace('\n300\n', '\n299\n'),
        'other.example/log\n9\nAAAA\n',
      ])
        assert.deepEqual(await lost.heldTo(text), { kind: 'not-of-this-log' }, text);
    });
    await assert.rejects(start(rig), /is missing/, 'asking changed nothing');
  });

  it('publishes nothing when the entry that says so cannot be stored', async (t) => {
    const { rig } = await stopped(t);
    await rm(rig.log, { recursive: true });
    const full: typeof openSqliteStore = async (options) => {
      const store = await openSqliteStore(options);
      return {
        ...store,
        commit: () => Promise.reject(new StoreUnavailable('the disk is full', 'no')),
      };
    };
    const at = { data_dir: rig.folder, origin: ORIGIN, open_store: full };
    await assert.rejects(
      withLostLog(at, async (lost) => lost?.rebuild()),
      /the disk is full/,
    );
    await assert.rejects(start(rig), /is missing/);
    assert.equal(await lostIn(rig, (lost) => lost.rebuild()), 301, 'tried again, with room');
    await start(rig);
  });

  it('does nothing where nothing is lost, or where the store is not the one that published', async (t) => {
    const { rig, kept } = await stopped(t);
    const at = { data_dir: rig.folder, origin: ORIGIN };
    assert.equal(await withLostLog(at, async (lost) => lost), undefined);
    const older = await openRig(t);
    await close(older);
    await cp(join(rig.folder, 'keys'), join(older.folder, 'keys'), { recursive: true });
    await writeFile(join(older.log, 'checkpoint'), kept[0] ?? '');
    await assert.rejects(
      withLostLog({ data_dir: older.folder, origin: ORIGIN }, async () => undefined),
      /this store did not sign log\/checkpoint \(1 entries\)/,
    );
    await rm(join(rig.folder, 'store.db'));
    await assert.rejects(
      withLostLog(at, async () => undefined),
      /store\.db: there is no such store; put it back first/,
    );
  });

  it('refuses a store that a gateway has open', async (t) => {
    const rig = await openRig(t);
    await assert.rejects(
      withLostLog({ data_dir: rig.folder, origin: ORIGIN }, async () => undefined),
      /another gateway has this store open; stop it/,
    );
  });
});
