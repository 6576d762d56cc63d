/** A request as the gateway would show it, for tests of what draws it: the real masking and the real rendering. */
import { canonicalize, type JsonObject, parseJson } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import { createKnownSecrets } from '../src/masking/known/known.ts';
import { createMasking } from '../src/masking/masking.ts';
import { renderAction } from '../src/requests/views/render.ts';
import { sentenceOf } from '../src/requests/views/sentence.ts';

const masking = createMasking(createKnownSecrets());
export const OPENED_AT = Date.UTC(2026, 10, 21, 9, 0, 0);
const MINUTE = 60_000;

export type Made = {
  readonly tool?: string;
  readonly arguments?: JsonObject;
  readonly context?: JsonObject;
  readonly agent?: string;
  /** Shown in clear, as after a reveal. */
  readonly revealed?: boolean;
  readonly over?: Partial<RequestDetail>;
};

export function makeAction({
  tool = 'write_file',
  arguments: args = {},
  context = {},
  agent = 'coder',
}: Made): JsonObject {
  const action: JsonObject = {
    typ: 'urn:countersign:action:v1',
    tenant: 'default',
    subject: { type: 'agent', id: agent },
    action: { name: 'tools/call' },
    resource: { type: 'tool', id: tool, properties: { upstream: 'files' } },
    context: {
      arguments: args,
      tool_pin: `sha256:${'0a'.repeat(32)}`,
      upstream: { id: 'files', config_digest: `sha256:${'f1'.repeat(32)}` },
      ...context,
    },
  };
  return parseJson(canonicalize(action)) as JsonObject;
}

export function makeDetail(made: Made): RequestDetail {
  const { tool = 'write_file', agent = 'coder', revealed = false } = made;
  const action = makeAction(made);
  const hidden = revealed ? new Map() : masking.redactions(action);
  return {
    id: 'req_01M7Y9VG7HED331GQN1D2A8A5P',
    status: 'pending',
    agent,
    subject: agent,
    owner: 'alice',
    team: 'platform',
    upstream: 'files',
    env: 'prod',
    action: 'tools/call',
    resource: tool,
    risk: 'medium',
    sentence: sentenceOf(action, { id: 'files', env: 'prod', order: [] }, masking.redactions(action)),
    rules: ['writes-ask'],
    opened_at: OPENED_AT,
    expires_at: OPENED_AT + 60 * MINUTE,
    quorum: { met: false, filled: 0, needed: 1 },
    principal: {
      tenant: 'default',
      agent,
      owner: 'alice',
      team: 'platform',
      subject: { type: 'agent', id: agent },
    },
    action_digest: `sha256:${'ac'.repeat(32)}`,
    requirement: {
      seats: [{ by: 'group:platform', count: 1, proof: 'session' }],
      choices: [],
      exclude: [],
      within_ms: 60 * MINUTE,
      valid_ms: 10 * MINUTE,
      uses: 1,
    },
    explanation: {
      policy: { id: 'files', version: '1', digest: `sha256:${'90'.repeat(32)}` },
      deciding: [
        {
          rule: 'writes-ask',
          about: 'Every write to shared files asks one person of the platform group',
          file: 'policy/files.yaml',
          line: 12,
          then: 'require',
          opaque: false,
          dry_run: false,
          values: { class: 'write', 'mcp.tool': tool },
          obligations: [],
        },
      ],
      outranked: [],
      would_have: [],
    },
    ...renderAction(action, hidden, revealed),
    reviews: [],
    eligibility: { eligible: true },
    executions: [],
    timeline: [],
    ...made.over,
  };
}
