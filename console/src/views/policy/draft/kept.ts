/**
 * A draft of the policy, kept in this browser until it is proposed, exported or thrown away: the files as they would be,
 * and which policy it began from. Each person has their own: nobody proposes what another wrote here. Nothing of it decides
 * anything.
 */
import type { PolicyFiles, PolicyFileText } from '@countersign/sdk';
import { useCallback, useMemo, useState } from 'react';
import { useMe } from '../../../data/me.ts';

const keyOfKept = (person: string): string => `countersign.policy-draft.${person}`;

type Kept = { readonly base: string; readonly files: readonly PolicyFileText[] };

export type Draft = {
  readonly files: readonly PolicyFileText[];
  /** Differs from what is in force. */
  readonly changed: boolean;
  /** What is in force has changed since the draft was begun. */
  readonly outdated: boolean;
  readonly write: (path: string, text: string) => void;
  readonly remove: (path: string) => void;
  readonly discard: () => void;
};

export function useDraft(inForce: PolicyFiles): Draft {
  const key = keyOfKept(useMe().id);
  const [kept, setKept] = useState(() => readKept(key));
  const files = kept?.files ?? inForce.files;
  const keep = useCallback(
    (change: (files: readonly PolicyFileText[]) => readonly PolicyFileText[]) => {
      const next = { base: kept?.base ?? inForce.digest, files: change(files) };
      localStorage.setItem(key, JSON.stringify(next));
      setKept(next);
    },
    [key, kept, files, inForce.digest],
  );
  const changed = useMemo(
    () => kept !== undefined && !sameFiles(files, inForce.files),
    [kept, files, inForce.files],
  );
  return {
    files,
    changed,
    outdated: changed && kept?.base !== inForce.digest,
    write: (path, text) => keep((now) => written(now, path, text)),
    remove: (path) => keep((now) => now.filter((file) => file.path !== path)),
    discard: () => {
      localStorage.removeItem(key);
      setKept(undefined);
    },
  };
}

function written(files: readonly PolicyFileText[], path: string, text: string): readonly PolicyFileText[] {
  const known = files.some((file) => file.path === path);
  const next = files.map(({ path: at, text: was }) => ({ path: at, text: at === path ? text : was }));
  return known ? next : [...next, { path, text }].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export function sameFiles(a: readonly PolicyFileText[], b: readonly PolicyFileText[]): boolean {
  const texts = new Map(b.map(({ path, text }) => [path, text]));
  return a.length === b.length && a.every(({ path, text }) => texts.get(path) === text);
}

/** What was kept by an earlier visit, if it still reads as a draft. */
function readKept(key: string): Kept | undefined {
  const text = localStorage.getItem(key);
  if (text === null) return undefined;
  try {
    const read: unknown = JSON.parse(text);
    return isKept(read) ? read : undefined;
  } catch {
    return undefined; // not ours, or cut short: the policy in force is the beginning again
  }
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null || !('base' in value) || !('files' in value)) return false;
  const { base, files } = value;
  return typeof base === 'string' && Array.isArray(files) && files.every(isFile);
}
const isFile = (value: unknown): value is PolicyFileText =>
  typeof value === 'object' &&
  value !== null &&
  'path' in value &&
  typeof value.path === 'string' &&
  'text' in value &&
  typeof value.text === 'string';

/** Names a draft by all of its text. */
export const keyOf = (files: readonly PolicyFileText[]): string =>
  files.map(({ path, text }) => `${path}\0${text}`).join('\0');
