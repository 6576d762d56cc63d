/**
 * What this browser remembers of the log, in its own storage: the key, and the newest checkpoint it checked. It is what
 * makes the next visit worth more than the first; so nothing here is ever replaced by something that does not follow it.
 */
import { LogError, parseVerifierKey } from '@countersign/core';

export type Kept = {
  /** The log's verifier key, as text. */
  readonly key: string;
  /** Somebody said that this is the one; else it is merely the first the gateway gave. */
  readonly pinned: boolean;
  readonly since: number;
  readonly witnesses: readonly string[];
  /** The newest checkpoint seen, verbatim. */
  readonly note?: string;
  readonly note_size?: number;
  readonly note_at?: number;
};

export type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>;
const NAME = 'countersign.log';

export function readKept(storage: Storage): Kept | undefined {
  try {
    const value: unknown = JSON.parse(storage.getItem(NAME) ?? 'null');
    return isKept(value) ? value : undefined;
  } catch {
    // Written by nobody here: as good as nothing.
    return undefined;
  }
}

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' &&
  value !== null &&
  'key' in value &&
  typeof value.key === 'string' &&
  isKey(value.key) &&
  'pinned' in value &&
  typeof value.pinned === 'boolean' &&
  'since' in value &&
  typeof value.since === 'number' &&
  'witnesses' in value &&
  Array.isArray(value.witnesses) &&
  value.witnesses.every((line) => typeof line === 'string' && isKey(line)) &&
  (!('note' in value) || typeof value.note === 'string');

const isKey = (text: string): boolean => {
  try {
    parseVerifierKey(text);
    return true;
  } catch (error) {
    if (error instanceof LogError) return false;
    throw error;
  }
};

const write = (storage: Storage, kept: Kept): void => storage.setItem(NAME, JSON.stringify(kept));

export const forget = (storage: Storage): void => storage.removeItem(NAME);

/** From now on nothing but this key counts. What another key signed is forgotten: it could not be compared. @throws LogError */
export function pin(storage: Storage, key: string, at: number): void {
  parseVerifierKey(key);
  const before = readKept(storage);
  write(storage, {
    ...(before?.key === key ? before : { witnesses: before?.witnesses ?? [] }),
    key,
    pinned: true,
    since: at,
  });
}

/** @throws LogError for a line that is no verifier key */
export function trustWitnesses(storage: Storage, kept: Kept, lines: readonly string[]): void {
  for (const line of lines) parseVerifierKey(line);
  write(storage, { ...(readKept(storage) ?? kept), witnesses: lines });
}

export type Seen = {
  readonly key: string;
  readonly note: string;
  readonly size: number;
  readonly at: number;
};

/** Keeps a checkpoint that was checked, and follows what was kept. Another tab may have kept a newer one by now. */
export function keep(storage: Storage, { key, note, size, at }: Seen): void {
  const before = readKept(storage);
  if (before !== undefined && (before.key !== key || (before.note_size ?? 0) > size)) return;
  write(storage, {
    ...(before ?? { key, pinned: false, since: at, witnesses: [] }),
    note,
    note_size: size,
    note_at: at,
  });
}
