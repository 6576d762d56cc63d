import { hash, sign } from 'node:crypto';
import {
  canonicalize,
  hashedRekordText,
  IN_TOTO_PAYLOAD_TYPE,
  type JsonObject,
  keyHint,
  type Predicate,
  statementOf,
} from '@countersign/core';
import { ulid } from '../ids.ts';
import type { AuditFact, Sealer } from './audit.ts';
import { type SigningKey, spkiOf } from './keys/keys.ts';

/** A statement over this is a programming error: facts hold identifiers and digests, and explanations are bounded by the policy. */
const STATEMENT_BYTES_MAX = 256 * 1024;

/** Seals with one key. Signing takes about 30 µs; no I/O. */
export function createSealer({ key }: { readonly key: SigningKey }): Sealer {
  const publicKey = new Uint8Array(spkiOf(key.public_key));
  const keyid = keyHint(publicKey);
  const leafOf = leafTemplate(publicKey);

  return {
    seal: (fact) => {
      const event_id = ulid(fact.occurred_at);
      const payload = Buffer.from(canonicalize(statementOf(fact.kind, predicateOf(fact, event_id))));
      if (payload.length > STATEMENT_BYTES_MAX) {
        throw new RangeError(
          `a ${fact.kind} entry of ${payload.length} bytes is over ${STATEMENT_BYTES_MAX}`,
        );
      }
      // DSSE v1 pre-authentication encoding; the payload type has as many bytes as characters.
      const head = `DSSEv1 ${IN_TOTO_PAYLOAD_TYPE.length} ${IN_TOTO_PAYLOAD_TYPE} ${payload.length} `;
      const message = Buffer.concat([Buffer.from(head), payload]);
      const signature = sign('sha256', message, key.private_key);
      // Canonical member order and nothing that needs an escape: the same text `canonicalize` would give.
      const sig = signature.toString('base64');
      const signatures = `[{"keyid":"${keyid}","sig":"${sig}"}]`;
      return {
        event_id,
        kind: fact.kind,
        occurred_at: fact.occurred_at,
        envelope: `{"payload":"${payload.toString('base64')}","payloadType":"${IN_TOTO_PAYLOAD_TYPE}","signatures":${signatures}}`,
        leaf: leafOf(hash('sha256', message, 'base64'), sig),
        terms: fact.terms,
      };
    },
  };
}

/** `hashedRekordText` with the key's part, the longest, written once. */
function leafTemplate(publicKey: Uint8Array): (digest: string, signature: string) => string {
  const slots = { digest: new Uint8Array(3), signature: new Uint8Array(3).fill(255) };
  const [head = '', middle = '', tail = ''] = hashedRekordText({ ...slots, publicKey }).split(
    /"AAAA"|"\/\/\/\/"/,
  );
  return (digest, signature) => `${head}"${digest}"${middle}"${signature}"${tail}`;
}

function predicateOf(fact: AuditFact, event_id: string): Predicate {
  const { evaluation_id, policy, answers, traceparent, task_id } = fact;
  return {
    ...fact.predicate,
    event_id,
    occurred_at: new Date(fact.occurred_at).toISOString(),
    task_id,
    action_digest: fact.action_digest ?? digestOf(fact.predicate),
    ...(evaluation_id !== undefined && { evaluation_id }),
    ...(policy !== undefined && { policy }),
    ...(answers !== undefined && { answers }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** Entries about no action still need a subject: what they say. */
const digestOf = (predicate: JsonObject): string => `sha256:${hash('sha256', canonicalize(predicate))}`;
