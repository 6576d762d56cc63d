/** A changed policy as an operation: every rule that comes, goes or changes, as written, between two digests (I6, I13). */
import type { JsonObject } from '@countersign/core';
import type { Agreement } from '../operations/agree.ts';
import type { Operation } from '../operations/operation.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import type { Candidate } from '../policy/source/source.ts';

export const POLICY_RESOURCE = 'policy';

/** Files have no author: whoever can write them. */
export function policyChange({ policy, previous, diff }: Candidate): Operation {
  return {
    name: 'countersign.policy.change',
    resource: POLICY_RESOURCE,
    arguments: {
      before: previous.ref.digest,
      after: policy.ref.digest,
      added: written(policy, diff.added),
      removed: written(previous, diff.removed),
      changed: Object.fromEntries(
        diff.changed.map(({ rule, before, after }) => [rule, { before, after }] as const),
      ),
    },
  };
}

function written({ rules }: LoadedPolicy, ids: readonly string[]): JsonObject {
  const wanted = new Set(ids);
  return Object.fromEntries(rules.filter(({ id }) => wanted.has(id)).map((rule) => [rule.id, rule.written]));
}

export type Waiting = {
  /** Of the files that are not taken up. */
  readonly digest: string;
  readonly request_id?: string;
  readonly message: string;
};

/** The files are good, and people have yet to agree to them: the last policy stays. */
export class NotAgreed extends Error {
  override readonly name = 'NotAgreed';
  readonly waiting: Waiting;
  constructor(agreement: Exclude<Agreement, { readonly kind: 'agreed' }>, digest: string) {
    const message =
      agreement.kind === 'held'
        ? `the changed policy (${shortened(digest)}) waits for people to agree: countersign requests show ${agreement.request_id}`
        : `the changed policy (${shortened(digest)}) is not taken up: ${agreement.message}`;
    super(message);
    const { request_id } = agreement;
    this.waiting = { digest, message, ...(request_id === undefined ? {} : { request_id }) };
  }
}

const shortened = (digest: string): string => digest.slice('sha256:'.length).slice(0, 12);
