import { hash } from 'node:crypto';
import { canonicalize, type JsonObject, type Predicate, statementText } from '@countersign/core';
import { ulid } from '../ids.ts';
import type { SignedEntry, UnsignedEntry } from '../store/store.ts';
import type { AuditFact } from './audit.ts';
import type { SigningKey } from './keys/keys.ts';
import { createSigner } from './signer.ts';

/** A statement over this is a programming error: facts hold identifiers and digests, and explanations are bounded by the policy. */
const STATEMENT_BYTES_MAX = 256 * 1024;

/** Seals facts for a store that signs them. */
export const createUnsignedSealer = (): { seal(fact: AuditFact): UnsignedEntry } => ({
  seal: statementEntry,
});

/** Seals facts with this key, here and now. */
export function createSealer({ key }: { readonly key: SigningKey }): { seal(fact: AuditFact): SignedEntry } {
  const signed = createSigner(key.private_key);
  return {
    seal: (fact) => {
      const { statement, ...head } = statementEntry(fact);
      return { ...head, ...signed(statement) };
    },
  };
}

function statementEntry(fact: AuditFact): UnsignedEntry {
  const event_id = ulid(fact.occurred_at);
  const statement = statementText(fact.kind, predicateOf(fact, event_id));
  if (statement.length > STATEMENT_BYTES_MAX) {
    throw new RangeError(
      `a ${fact.kind} entry of ${statement.length} characters is over ${STATEMENT_BYTES_MAX}`,
    );
  }
  return { event_id, kind: fact.kind, occurred_at: fact.occurred_at, statement, terms: fact.terms };
}

function predicateOf(fact: AuditFact, event_id: string): Predicate {
  const { evaluation_id, policy, answers, traceparent, task_id } = fact;
  const predicate: { -readonly [M in keyof Predicate]: Predicate[M] } = {
    ...fact.predicate,
    event_id,
    occurred_at: new Date(fact.occurred_at).toISOString(),
    task_id,
    action_digest: fact.action_digest ?? digestOf(fact.predicate),
  };
  if (evaluation_id !== undefined) predicate.evaluation_id = evaluation_id;
  if (policy !== undefined) predicate.policy = policy;
  if (answers !== undefined) predicate.answers = answers;
  if (traceparent !== undefined) predicate.traceparent = traceparent;
  return predicate;
}

/** Entries about no action still need a subject: what they say. */
const digestOf = (predicate: JsonObject): string => `sha256:${hash('sha256', canonicalize(predicate))}`;
