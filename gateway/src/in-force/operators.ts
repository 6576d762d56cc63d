/**
 * How many operators a change takes, at start: as the store has it, or marked now that two are active. Where two are
 * needed, the policy served first is the one in the store; one that is missing or altered stops the start (I13).
 */
import type { Directory } from '@countersign/core';
import { loadOperatorsRule, type Marked, markedBy, type OperatorsRule } from '../authority/operators.ts';
import { type PolicyFile, policyDigest } from '../policy/source/files.ts';
import type { Store } from '../store/store.ts';
import { loadKeptPolicy } from './kept.ts';

export type OperatorsAtStart = {
  readonly rule: OperatorsRule | undefined;
  /** To be committed with the start. */
  readonly marked: Marked | undefined;
  /** What people agreed to last. */
  readonly agreed: readonly PolicyFile[] | undefined;
};

/** @throws TypeError where two are needed and the store does not have what they agreed to */
export async function openOperatorsRule(
  store: Pick<Store, 'read'>,
  directory: Directory,
  now: number,
): Promise<OperatorsAtStart> {
  const held = await loadOperatorsRule(store);
  const marked = markedBy(held, directory, now);
  const agreed = held?.kind === 'two' ? await agreedFiles(store) : undefined;
  return { rule: held ?? marked?.rule, marked, agreed };
}

async function agreedFiles(store: Pick<Store, 'read'>): Promise<readonly PolicyFile[]> {
  const kept = await loadKeptPolicy(store);
  if (kept !== undefined && policyDigest(kept.files) === kept.digest) return kept.files;
  const fault = kept === undefined ? 'has no policy' : 'has a policy that is not what its digest says';
  throw new TypeError(
    `two operators are needed, and the store ${fault} that they agreed to; restore the store from a backup`,
  );
}
