/**
 * The state of the audit log, as this browser finds it: the log's own public files, the key it trusts, and what it saw
 * the last time. Everything is checked in verify.ts; loaded only where somebody looks.
 */
import { formatVerifierKey, LogError, parseVerifierKey } from '@countersign/core';
import { type LogEntryDetail, UnreachableError } from '@countersign/sdk';
import { queryOptions } from '@tanstack/react-query';
import { type Kept, keep, readKept, type Storage } from './kept.ts';
import {
  type Checked,
  checkEntry,
  compare,
  type EntryCheck,
  type Head,
  type LogKeys,
  type Past,
  type ReadFile,
  readHead,
} from './verify.ts';

/** The log's public files, as any stranger reads them. */
export const readLogFile: ReadFile = async (path) => {
  const answer = await fetch(`/log/${path}`).catch((error: unknown) => {
    throw new UnreachableError(`/log/${path} cannot be read`, { cause: error });
  });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new UnreachableError(`/log/${path}: HTTP ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

/** Where the key came from that everything else stands on. */
export type Trust = {
  readonly key: string;
  /** Somebody pinned it; it is the first this browser was given; it was given just now. */
  readonly from: 'pinned' | 'kept' | 'served';
  readonly since?: number;
  /** What the gateway says its key is, where that is another: a log never changes its key. */
  readonly served_other?: string;
};

export type LogState = {
  readonly trust: Trust;
  readonly keys: LogKeys;
  readonly head: Checked<{ readonly head: Head }>;
  readonly past: Past;
  /** As it was before this look. */
  readonly kept?: Kept;
};

export type Looking = { readonly read: ReadFile; readonly storage: Storage; readonly now: number };

/** Reads and checks the newest checkpoint, compares it with the last one seen here, and keeps it if it follows. */
export async function lookAtLog({ read, storage, now }: Looking): Promise<LogState> {
  // Before the checkpoint is read: what another tab keeps meanwhile may be newer than what is read here.
  const kept = readKept(storage);
  const trust = await trustOf(read, kept);
  const keys = {
    log: parseVerifierKey(trust.key),
    witnesses: (kept?.witnesses ?? []).map((line) => parseVerifierKey(line)),
  };
  const head = await readHead(read, keys);
  const past: Past =
    head.ok && kept?.note !== undefined
      ? await compare(read, { older: kept.note, head: head.head, log: keys.log })
      : { kind: 'first-visit' };
  if (head.ok && (past.kind === 'first-visit' || past.kind === 'continues')) {
    const { note, checkpoint } = head.head;
    keep(storage, { key: trust.key, note, size: checkpoint.size, at: now });
  }
  return { trust, keys, head, past, ...(kept === undefined ? {} : { kept }) };
}

async function trustOf(read: ReadFile, kept: Kept | undefined): Promise<Trust> {
  const bytes = await read('vkey');
  const served = bytes === undefined ? undefined : keyIn(new TextDecoder().decode(bytes));
  if (kept === undefined) {
    if (served === undefined) throw new Error('The gateway does not say what the key of its log is.');
    return { key: served, from: 'served' };
  }
  return {
    key: kept.key,
    from: kept.pinned ? 'pinned' : 'kept',
    since: kept.since,
    ...(served === undefined || served === kept.key ? {} : { served_other: served }),
  };
}

/** The one spelling of a key, so that two can be compared as text; undefined when it is none. */
export function keyIn(text: string): string | undefined {
  try {
    return formatVerifierKey(parseVerifierKey(text.trim()));
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}

const LOOK_MS = 15_000;
export const logStateQuery = queryOptions({
  queryKey: ['log', 'state'],
  queryFn: () => lookAtLog({ read: readLogFile, storage: localStorage, now: Date.now() }),
  refetchInterval: LOOK_MS,
});

/** One entry, against the newest checkpoint. */
export const proofQuery = (entry: LogEntryDetail, state: LogState | undefined) =>
  queryOptions({
    queryKey: ['log', 'proof', entry.event_id, state?.trust.key, noteOf(state)],
    queryFn: async (): Promise<EntryCheck> => {
      if (state === undefined || !state.head.ok)
        return { status: 'failed', why: 'there is no checkpoint to check it against', established: [] };
      const claimed = { event_id: entry.event_id, index: entry.leaf_index, envelope: entry.envelope };
      return checkEntry(readLogFile, claimed, { head: state.head.head, keys: state.keys });
    },
    enabled: state !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    // A newer checkpoint is checked anew; until then the page says what held a moment ago.
    placeholderData: (before: EntryCheck | undefined) => before,
  });

/** Whether the newest checkpoint continues an earlier one the gateway still shows. */
export const continuesQuery = (note: string, state: LogState) =>
  queryOptions({
    queryKey: ['log', 'continues', note, state.trust.key, noteOf(state)],
    queryFn: async (): Promise<Past> =>
      state.head.ok
        ? compare(readLogFile, { older: note, head: state.head.head, log: state.keys.log })
        : { kind: 'untold', why: 'the newest checkpoint does not hold' },
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before: Past | undefined) => before,
  });

const noteOf = (state: LogState | undefined): string => (state?.head.ok === true ? state.head.head.note : '');

/** Browsers give pages their cryptography over https and on this machine only. */
export const canVerify = (): boolean => globalThis.isSecureContext;
