/**
 * The audit log's door: turn a fact into a signed entry ready to be stored, and read the log back. Sealing
 * stores nothing, and signs here or leaves that to the store. The caller commits the entry with the state it speaks of (I10). Entries never carry clear text of
 * arguments, results or reasons: only digests and salted commitments whose openings live in the payload store (I7).
 */
import type { AttestationKind, JsonObject, PolicyRef } from '@countersign/core';
import type { EntryTerms, NewEntry } from '../store/store.ts';

/**
 * Entries stand in the order of their commits, and calls that overlap may commit in another order than they began. By
 * never as much as this: more is a finding when the log is verified (A24), and look-ups by time rely on it.
 */
export const OUT_OF_ORDER_MS_MAX = 60_000;

export type AuditFact = {
  readonly kind: AttestationKind;
  /** Unix milliseconds. */
  readonly occurred_at: number;
  /** Access request or execution id: the statement's subject name. */
  readonly task_id: string;
  readonly evaluation_id?: string;
  /** `sha256:<hex>`; for entries that are about no action, the digest of the canonical predicate. */
  readonly action_digest?: string;
  readonly policy?: PolicyRef;
  /** Event ids this entry answers. */
  readonly answers?: readonly string[];
  readonly traceparent?: string;
  /** Members of the predicate particular to the kind. Identifiers, enumerations, times, digests and `$sealed` values only. */
  readonly predicate: JsonObject;
  readonly terms: EntryTerms;
};

export type Sealer = {
  /** Makes one entry of the fact. Synchronous, so that sealing and committing cannot interleave. */
  seal(fact: AuditFact): NewEntry;
};
