/** The disk's own speed, to compare with: one row committed and fsynced by bare node:sqlite, nobody in between. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { median } from '../goals.ts';

/** About what a permit stores. */
const ROW = 'x'.repeat(3_000);

export type Disk = {
  /** Median milliseconds of a durable commit, now. */
  commit(count: number): number;
  close(): void;
};

/** A new file whose commits return when they are on stable storage, and a statement that adds a row. */
export function openDurable(file: string): { readonly db: DatabaseSync; readonly insert: StatementSync } {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec('CREATE TABLE bare (n INTEGER PRIMARY KEY, row TEXT)');
  return { db, insert: db.prepare('INSERT INTO bare (row) VALUES (?1)') };
}

export function openDisk(): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-disk-'));
  const { db, insert } = openDurable(join(folder, 'bare.db'));
  return {
    commit: (count) =>
      median(
        Array.from({ length: count }, () => {
          const began = performance.now();
          insert.run(ROW);
          return performance.now() - began;
        }),
      ),
    close() {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
