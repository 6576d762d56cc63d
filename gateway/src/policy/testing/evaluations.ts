/** Questions made up for tests and benches, from the parts that matter there. */
import type { Confidence, Evaluation, Scope, Values } from '@countersign/core';

export type Asked = Partial<Scope> & {
  readonly on?: string;
  readonly confidence?: Confidence;
  readonly facts?: Values;
};

export function evaluationOf({
  on = 'mcp',
  confidence = 'exact',
  facts = {},
  ...scope
}: Asked = {}): Evaluation {
  const full: Scope = {
    env: 'dev',
    class: 'read',
    agent: 'an-agent',
    team: '',
    resource: 'tool',
    upstream: 'up',
    ...scope,
  };
  return {
    tenant: 'test',
    subject: { type: 'agent', id: full.agent },
    action: { name: 'tools/call' },
    resource: { type: 'tool', id: full.resource, properties: {} },
    context: {},
    facts: { binding: on, confidence, scope: full, values: facts },
  };
}
