import type { DatabaseSync } from 'node:sqlite';
import type { Migration } from '../schema/migration.ts';
import { migrationDigest } from '../schema/migrations.ts';
import { toSqlite } from './statements.ts';

const RECORD = `CREATE TABLE IF NOT EXISTS migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)`;

/**
 * Brings the store to this build's version, each migration in a transaction of its own: a crash between two leaves the
 * older of them, complete, and the next start goes on from there.
 * @throws Error when the store is newer than this build, or an applied migration was edited
 */
export function migrate(db: DatabaseSync, migrations: readonly Migration[], now: number): void {
  db.exec(RECORD);
  const newest = migrations.at(-1)?.version ?? 0;
  const applied = db.prepare('SELECT version, name, digest FROM migrations ORDER BY version').all();
  for (const { version, name, digest } of applied) {
    if (Number(version) > newest) {
      throw new Error(
        `the store is at version ${version} (${name}), this build knows up to ${newest}: run the newer build`,
      );
    }
    const known = migrations.find((migration) => migration.version === Number(version));
    if (known === undefined || migrationDigest(known) !== digest) {
      throw new Error(
        `migration ${version} (${name}) is not the text this store was made with: run the build that made it`,
      );
    }
  }
  for (const migration of migrations.slice(applied.length)) apply(db, migration, now);
}

function apply(db: DatabaseSync, migration: Migration, now: number): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const sql of migration.sql) db.exec(toSqlite(sql).text);
    db.prepare('INSERT INTO migrations (version, name, digest, applied_at) VALUES (?1, ?2, ?3, ?4)').run(
      migration.version,
      migration.name,
      migrationDigest(migration),
      now,
    );
    db.exec('COMMIT'); // durable now: this version. A crash before leaves the one before.
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw new Error(`migration ${migration.version} (${migration.name}) failed`, { cause: error });
  }
}
