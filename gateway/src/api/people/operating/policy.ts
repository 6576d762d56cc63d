/**
 * What people who write the policy ask of it: read it, check a draft, see what it would do. Nothing here changes what is
 * in force. Everyone signed in may read; operators and auditors may have drafts looked at, which costs the gateway time.
 */
import type { Json } from '@countersign/core';
import type { PolicyCheck, PolicyTaken } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import type { Person } from '../../http/doors.ts';
import { type Problem, problem } from '../../http/problem.ts';
import { type Door, type Route, route } from '../../http/route.ts';
import type { ApiPorts, Looked } from '../../ports.ts';
import { heldChange } from '../../schema/operators.ts';
import {
  coverageQuery,
  policyCheck,
  policyCoverage,
  policyDraft,
  policyFiles,
  policyPatch,
  policyProposalInput,
  policySimulation,
  policySuggestions,
  policyTaken,
  policyVocabulary,
  simulationInput,
} from '../../schema/policy/policy.ts';
import { heldReply, refusedChange } from '../change.ts';

const tag = 'policy';
const USUAL_SPAN_MS = 30 * 86_400_000;

type Doors = {
  readonly person: Door<Person>;
  readonly author: Door<Person>;
  readonly operator: Door<Person>;
};

export const policyRoutes = (ports: ApiPorts, doors: Doors): readonly Route[] => [
  ...readRoutes(ports, doors.person),
  ...draftRoutes(ports, doors.author),
  proposalRoute(ports, doors.operator),
];

function readRoutes({ desk, now }: ApiPorts, door: Door<Person>): readonly Route[] {
  const get = { method: 'get', tag, door } as const;
  return [
    route(
      {
        ...get,
        id: 'policyFiles',
        path: '/api/policy/files',
        summary: 'The files of the policy in force, as written',
        answer: policyFiles,
      },
      async () => desk.files(),
    ),
    route(
      {
        ...get,
        id: 'policyVocabulary',
        path: '/api/policy/vocabulary',
        summary: 'Every word a policy can be written with here and now, from what the checker goes by',
        answer: policyVocabulary,
      },
      async () => desk.vocabulary(),
    ),
    route(
      {
        ...get,
        id: 'policyCoverage',
        path: '/api/policy/coverage',
        summary: 'How often each rule decided since a time (default: 30 days ago), and which never did',
        query: coverageQuery,
        answer: policyCoverage,
      },
      async ({ query: { since } }) => desk.coverage(since ?? now() - USUAL_SPAN_MS),
    ),
  ];
}

function draftRoutes({ desk }: ApiPorts, door: Door<Person>): readonly Route[] {
  const post = { method: 'post', tag, door, keep: false } as const;
  return [
    route(
      {
        ...post,
        id: 'checkPolicy',
        path: '/api/policy/check',
        summary: 'What the checker says of a draft, tests included (operators and auditors)',
        body: policyDraft,
        answer: policyCheck,
      },
      async ({ body, caller }) => looked(await desk.check(body, caller.person.id)),
    ),
    route(
      {
        id: 'suggestPolicy',
        method: 'get',
        path: '/api/policy/suggestions',
        summary:
          'Narrower rules for what is always approved, each simulated; applied by nobody but you (operators and auditors)',
        tag,
        door,
        query: coverageQuery,
        answer: policySuggestions,
      },
      async ({ query: { since }, caller }) => looked(await desk.suggestions(since, caller.person.id)),
    ),
    route(
      {
        ...post,
        id: 'patchPolicy',
        path: '/api/policy/patch',
        summary: 'What a draft changes, as a patch git takes (operators and auditors)',
        body: policyDraft,
        answer: policyPatch,
      },
      async ({ body, caller }) => looked(await desk.patch(body, caller.person.id)),
    ),
    route(
      {
        ...post,
        id: 'simulatePolicy',
        path: '/api/policy/simulate',
        summary:
          'Every decision of the last days that a draft would change, from the same facts; nothing is recorded (operators and auditors)',
        body: simulationInput,
        answer: policySimulation,
      },
      async ({ body, caller }) => looked(await desk.simulate(body, caller.person.id)),
    ),
  ];
}

const proposalRoute = ({ desk }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'proposePolicy',
      method: 'post',
      path: '/api/policy/proposals',
      summary:
        'Make a draft the policy, where policy.source is store (operators); 202 when other operators must agree first',
      tag,
      door,
      body: policyProposalInput,
      answer: z.union([policyTaken, heldChange]),
      success: [202],
    },
    async ({ body, caller }) => {
      const outcome = await desk.propose(body, caller.person.id);
      switch (outcome.kind) {
        case 'in_force':
          return taken(desk, outcome.review);
        case 'held':
          return heldReply(outcome);
        case 'refused':
          return refusedChange(outcome);
        case 'bad':
          return notLoaded(outcome.problems);
        default:
          return looked(outcome);
      }
    },
  );

function taken(desk: ApiPorts['desk'], review: Json | undefined): PolicyTaken {
  const { policy_digest } = desk.files();
  return {
    status: 'in_force',
    digest: policy_digest,
    ...(typeof review === 'string' ? { unseen: review } : {}),
  };
}

function notLoaded([first, ...others]: PolicyCheck['problems']): Problem {
  const more = others.length === 0 ? '' : ` (and ${others.length} more: POST /api/policy/check)`;
  const where =
    first === undefined ? '' : `${first.file}:${first.line}:${first.column}: ${first.message}${more}`;
  return problem('invalid_request', `body.files: this does not load: ${where}`, { field: 'body.files' });
}

function looked<T>(answer: Looked<T>): T | Problem {
  switch (answer.kind) {
    case 'done':
      return answer.result;
    case 'busy':
      return problem('too_many_requests', 'too many drafts are being looked at; try again shortly', {
        retry_after_s: 2,
      });
    case 'too_long':
      return problem('too_large', 'body.files: looking at this draft took too long; split it, or its tests', {
        field: 'body.files',
      });
    case 'failed':
      return problem('internal', 'this draft could not be looked at; the gateway’s log says why');
  }
}
