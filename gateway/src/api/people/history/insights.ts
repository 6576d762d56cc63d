/**
 * What the history adds up to, over a bounded time. How people review is told by name to operators and auditors; to
 * anybody else, of themselves.
 */
import type { Role } from '@countersign/core';
import type { Person } from '../../http/doors.ts';
import { problem } from '../../http/problem.ts';
import { type Door, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { insights, insightsQuery } from '../../schema/history/insights.ts';

const DAY_MS = 86_400_000;
const SPAN_MS = 30 * DAY_MS;
/** Whoever wants years exports the log. */
const SPAN_MS_MAX = 366 * DAY_MS;

/** Any one of them is told how each person reviews. */
const TOLD_OF_EVERYBODY: readonly Role[] = ['operator', 'auditor'];

const namingFor = ({ person: { id, roles } }: Person): Parameters<ApiPorts['history']['insights']>[1] =>
  TOLD_OF_EVERYBODY.some((role) => roles.includes(role))
    ? { kind: 'everybody' }
    : { kind: 'only', person: id };

export const insightsRoute = ({ history, now }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'insights',
      method: 'get',
      path: '/api/insights',
      summary:
        'Time to decision, volume, approval rates, hasty reviews (of others: to operators and auditors), near misses; by default of 30 days',
      tag: 'history',
      door,
      query: insightsQuery,
      answer: insights,
    },
    async ({ query, caller }) => {
      const to = query.to ?? now();
      const from = query.from ?? Math.max(0, to - SPAN_MS);
      if (from >= to)
        return problem('invalid_request', 'query.from: must be before `to`', { field: 'query.from' });
      if (to - from > SPAN_MS_MAX)
        return problem('invalid_request', 'query.from: at most 366 days before `to`', {
          field: 'query.from',
        });
      return history.insights({ from, to }, namingFor(caller));
    },
  );
