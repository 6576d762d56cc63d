/** What one agent may do, and one person may review, as the policy in force says this moment. Only reads; for everyone signed in, as the policy is. */
import { z } from '@hono/zod-openapi';
import type { Person } from '../../http/doors.ts';
import { problem } from '../../http/problem.ts';
import { type Door, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { agentPolicy, personPolicy } from '../../schema/policy/powers.ts';
import { name } from '../../schema/values.ts';

const params = z.strictObject({ id: name });

export const powerRoutes = ({ desk }: ApiPorts, door: Door<Person>): readonly Route[] => [
  route(
    {
      id: 'agentPolicy',
      method: 'get',
      path: '/api/agents/{id}/policy',
      summary:
        'What an agent may do now, tool by tool: allowed, asked for, denied, or what it depends on; and the rules that bear on it',
      tag: 'policy',
      door,
      params,
      answer: agentPolicy,
    },
    async ({ params: { id } }) =>
      (await desk.ofAgent(id)) ??
      problem('not_found', 'id: there is no such agent; see: countersign agents list', { field: 'path.id' }),
  ),
  route(
    {
      id: 'personPolicy',
      method: 'get',
      path: '/api/reviewers/{id}/policy',
      summary: 'What a person may review now: seats of each rule they can fill, and of whose agents',
      tag: 'policy',
      door,
      params,
      answer: personPolicy,
    },
    async ({ params: { id } }) =>
      (await desk.ofPerson(id)) ??
      problem('not_found', 'id: nobody has this id; see: countersign reviewers list', { field: 'path.id' }),
  ),
];
