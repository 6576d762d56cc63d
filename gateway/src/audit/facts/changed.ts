/** What decides was changed. */
import type { JsonObject } from '@countersign/core';
import type { AuditFact } from '../audit.ts';
import type { Timed } from './about.ts';

/** Policy, people, agents, upstreams, pins or keys changed: the authority epoch after it, and digests before and after. */
export type AuthorityChange = Timed & {
  readonly kind: 'policy-change' | 'config-change' | 'tool-change' | 'reviewer-key' | 'system';
  readonly task_id: string;
  readonly by?: string;
  readonly epoch?: number;
  readonly predicate: JsonObject;
  readonly agent?: string;
  readonly upstream?: string;
  readonly resource?: string;
};

export function changeFact(change: AuthorityChange): AuditFact {
  const { agent, upstream, resource, by } = change;
  return {
    kind: change.kind,
    occurred_at: change.at,
    task_id: change.task_id,
    predicate: {
      ...change.predicate,
      ...(change.epoch === undefined ? {} : { epoch: change.epoch }),
      ...(by === undefined ? {} : { by }),
    },
    terms: {
      ...(agent === undefined ? {} : { agent }),
      ...(upstream === undefined ? {} : { upstream }),
      ...(resource === undefined ? {} : { resource }),
      ...(by === undefined ? {} : { reviewer: by }),
    },
  };
}
