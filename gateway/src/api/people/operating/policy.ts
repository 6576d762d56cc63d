/** What people who write the policy ask of it. Nothing here changes what is in force. */
import type { Person } from '../../http/doors.ts';
import { type Door, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { coverageQuery, policyCoverage } from '../../schema/policy.ts';

const tag = 'policy';
const USUAL_SPAN_MS = 30 * 86_400_000;

export const policyRoutes = ({ desk, now }: ApiPorts, person: Door<Person>): readonly Route[] => [
  route(
    {
      id: 'policyCoverage',
      method: 'get',
      path: '/api/policy/coverage',
      summary: 'How often each rule decided since a time (default: 30 days ago), and which never did',
      tag,
      door: person,
      query: coverageQuery,
      answer: policyCoverage,
    },
    async ({ query: { since } }) => desk.coverage(since ?? now() - USUAL_SPAN_MS),
  ),
];
