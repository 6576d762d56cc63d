import { hash } from 'node:crypto';
import { first } from './0001-first.ts';

export type Migration = {
  /** 1, 2, 3, … without gaps. */
  readonly version: number;
  readonly name: string;
  /** Portable statements, run in order in one transaction. */
  readonly sql: readonly string[];
};

/** Every migration this build knows, oldest first. */
export const MIGRATIONS: readonly Migration[] = [first];

/** What a store remembers of a migration it ran, to notice that the text was edited afterwards. */
export const migrationDigest = (migration: Migration): string =>
  `sha256:${hash('sha256', migration.sql.map((text) => text.replaceAll(/\s+/g, ' ').trim()).join(';\n'))}`;
