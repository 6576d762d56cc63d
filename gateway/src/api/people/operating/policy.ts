/**
 * What people who write the policy ask of it: read it, check a draft, see what it would do. Nothing here changes what is
 * in force. Everyone signed in may read; operators and auditors may have drafts looked at, which costs the gateway time.
 */
import type { Person } from '../../http/doors.ts';
import { type Problem, problem } from '../../http/problem.ts';
import { type Door, type Route, route } from '../../http/route.ts';
import type { ApiPorts, Looked } from '../../ports.ts';
import {
  coverageQuery,
  policyCheck,
  policyCoverage,
  policyDraft,
  policyFiles,
  policySimulation,
  policyVocabulary,
  simulationInput,
} from '../../schema/policy.ts';

const tag = 'policy';
const USUAL_SPAN_MS = 30 * 86_400_000;

type Doors = { readonly person: Door<Person>; readonly author: Door<Person> };

export const policyRoutes = (ports: ApiPorts, doors: Doors): readonly Route[] => [
  ...readRoutes(ports, doors.person),
  ...draftRoutes(ports, doors.author),
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
