/** Who and what is configured: agents, reviewers, upstreams, the policy in force. Read only: changing them is configuration. */

import type { Person } from '../http/doors.ts';
import { problem } from '../http/problem.ts';
import type { Door, Route } from '../http/route.ts';
import { route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import { agent, policy, reviewer, signInLink, signInLinkInput, upstream } from '../schema/directory.ts';
import { pageOf } from '../schema/values.ts';

export function directoryRoutes(ports: ApiPorts, door: Door<Person>): readonly Route[] {
  const { catalog } = ports;
  const get = { method: 'get', tag: 'directory', door } as const;
  return [
    route(
      {
        ...get,
        id: 'listAgents',
        path: '/api/agents',
        summary: 'Agents that may call',
        answer: pageOf(agent),
      },
      async () => ({
        items: await catalog.agents(),
      }),
    ),
    route(
      {
        ...get,
        id: 'listUpstreams',
        path: '/api/upstreams',
        summary: 'Protected systems',
        answer: pageOf(upstream),
      },
      async () => ({
        items: await catalog.upstreams(),
      }),
    ),
    route(
      {
        ...get,
        id: 'listReviewers',
        path: '/api/reviewers',
        summary: 'People who may sign in',
        answer: pageOf(reviewer),
      },
      async () => ({
        items: catalog.people(),
      }),
    ),
    route(
      { ...get, id: 'showPolicy', path: '/api/policy', summary: 'The policy in force', answer: policy },
      async () => {
        const { needed, why } = ports.operators.show();
        return { ...ports.policy(), ...(needed === 1 ? { unseen: why } : {}) };
      },
    ),
  ];
}

export function linkRoutes({ links }: ApiPorts, operator: Door<Person>): readonly Route[] {
  return [
    route(
      {
        id: 'writeSignInLink',
        method: 'post',
        path: '/api/sign-in-links',
        summary: 'Write a one-time sign-in link to a file on the gateway’s host (operators)',
        tag: 'sessions',
        door: operator,
        body: signInLinkInput,
        answer: signInLink,
        keep: false,
      },
      async ({ body: { person }, caller }) => {
        const written = await links.write(person, caller.person.id);
        if (written === undefined)
          return problem('not_found', 'body.person: no active person has this id', { field: 'body.person' });
        return { person, path: written.path, expires_at: written.expires_at };
      },
    ),
  ];
}
