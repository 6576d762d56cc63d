/**
 * What operators change — accepted tools, the policy, how many operators it takes — as an action like any other (I13):
 * an evaluation policy governs by rules `on: countersign`, whose canonical bytes say exactly what would change, so that
 * people review that and nothing else. Never trusts who asks for more than a name: the change of a file has no asker.
 */
import type { Evaluation, JsonObject, Principal } from '@countersign/core';
import type { BindingSchema } from '../policy/policy.ts';

export const OPERATIONS = 'countersign';
/** No agent can be called this: ids of configured ones have no colon, and no token makes a name that begins so. */
export const OPERATOR_AGENT = 'countersign:operations';
/** Who asks for what a file says: whoever can write it. */
export const FILES = 'countersign:files';

export const OPERATION_ENV = 'gateway';

export const OPERATION_NAMES = [
  'countersign.tools.accept',
  'countersign.policy.change',
  'countersign.config.change',
  'countersign.operators.rule',
  'countersign.people.activate',
  'countersign.people.link',
  'countersign.people.unlink',
] as const;
export type OperationName = (typeof OPERATION_NAMES)[number];

export type Operation = {
  readonly name: OperationName;
  /** The person who asks; absent where nobody can be named. */
  readonly by?: string;
  /** They ask for a change of their own standing, which takes no operator to ask, and always one to agree. */
  readonly own?: true;
  /** Whose standing it changes, by id or account: none of them agrees to it. */
  readonly concerns?: readonly string[];
  readonly resource: string;
  /** Everything the change is made of: what is approved is these bytes. */
  readonly arguments: JsonObject;
};

export type Asking = { readonly principal: Principal; readonly evaluation: Evaluation };

export function asked({ name, by, resource, arguments: args }: Operation, tenant: string): Asking {
  const asker = by ?? FILES;
  const subject = { type: 'identity', id: asker } as const;
  const principal: Principal = { tenant, agent: OPERATOR_AGENT, owner: asker, team: null, subject };
  const evaluation: Evaluation = {
    tenant,
    subject,
    action: { name },
    resource: { type: 'operation', id: resource, properties: {} },
    context: { arguments: args },
    facts: {
      binding: OPERATIONS,
      confidence: 'exact',
      scope: {
        env: OPERATION_ENV,
        class: 'operation',
        agent: OPERATOR_AGENT,
        team: '',
        resource,
        upstream: OPERATIONS,
      },
      values: { change: name, resource, by: by ?? '', args },
    },
  };
  return { principal, evaluation };
}

/** Rules `on: countersign` see what would change, and who asks. */
export const operationsBinding: BindingSchema = {
  name: OPERATIONS,
  facts: {
    type: 'object',
    additionalProperties: false,
    required: ['change', 'resource', 'by', 'args'],
    properties: {
      change: { type: 'string', enum: [...OPERATION_NAMES], description: 'What kind of change it is.' },
      resource: { type: 'string', description: 'What changes, such as UPSTREAM/TOOL.' },
      by: { type: 'string', description: 'The operator who asks; empty for a change of files.' },
      args: { description: 'Exactly what would change.' },
    },
  },
  // A change of the gateway's own gives nothing back that could be masked.
  obligations: [],
};
