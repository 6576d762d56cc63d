import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
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
