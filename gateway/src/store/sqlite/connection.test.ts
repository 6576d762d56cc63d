import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { CACHE_KB, openForReading, openForWriting } from './connection.ts';

it('knows how much of the write-ahead log is not in the file, whatever the log once grew to', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-connection-'));
  const path = join(folder, 'store.db');
  const connection = openForWriting(path, 1000);
  t.after(async () => {
    connection.close();
    await rm(folder, { recursive: true, force: true });
  });
  connection.db.exec('CREATE TABLE rows (text TEXT)');
  const insert = connection.db.prepare('INSERT INTO rows VALUES (?1)');
  for (let n = 0; n < 50; n += 1) insert.run('x'.repeat(20_000));
  const grown = (await stat(`${path}-wal`)).size;
  assert.ok(connection.unmoved() > 1_000_000 && connection.unmoved() <= grown);
  connection.checkpoint();
  assert.equal(connection.unmoved(), 0);
  insert.run('one more');
  const left = connection.unmoved();
  assert.ok(left > 0 && left < 50_000, `${left} bytes`);
  assert.equal((await stat(`${path}-wal`)).size, grown, 'the log was not begun anew');
});

it('keeps few pages for itself, whether it writes or reads: they stand beside every call that waits', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-connection-'));
  const path = join(folder, 'store.db');
  const writing = openForWriting(path, 1000);
  const reading = openForReading(path);
  t.after(async () => {
    reading.close();
    writing.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (const db of [writing.db, reading]) {
    const { cache_size } = db.prepare('PRAGMA cache_size').get() ?? {};
    assert.equal(cache_size, -CACHE_KB);
  }
});

it('leaves a damaged store as it is: a backup put back beside another’s write-ahead log is still one', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-connection-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'store.db');
  const again = join(folder, 'again', 'store.db');
  await mkdir(join(folder, 'again'), { mode: 0o700 });
  const live = openForWriting(path, 1000);
  live.db.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)');
  live.checkpoint();
  await cp(path, again);
  const insert = live.db.prepare('INSERT INTO rows (text) VALUES (?1)');
  const grow = (): void => {
    for (let n = 0; n < 100; n += 1) insert.run('x'.repeat(500));
  };
  grow();
  live.scrub();
  // The root of the table now names pages the backup does not have.
  grow();
  await cp(`${path}-wal`, `${again}-wal`);
  live.close();
  const before = await Promise.all([readFile(again), readFile(`${again}-wal`)]);
  for (const attempt of ['first', 'second']) {
    assert.throws(
      () => openForWriting(again, 1000),
      /store\.db: damaged \(.*\); restore it from a backup, without store\.db-wal and store\.db-shm, then run/s,
      attempt,
    );
    assert.deepEqual(await Promise.all([readFile(again), readFile(`${again}-wal`)]), before, attempt);
  }
  await rm(`${again}-wal`);
  await rm(`${again}-shm`);
  const backup = openForWriting(again, 1000);
  assert.deepEqual(backup.db.prepare('SELECT COUNT(*) AS n FROM rows').get()?.['n'], 0);
  backup.close();
});
