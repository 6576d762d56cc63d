/** What agents did, for people to look through: calls, trails, and what came before a request. Only reads. */
import type { Person } from '../../http/doors.ts';
import { problem } from '../../http/problem.ts';
import { type Door, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import {
  callDetail,
  callPage,
  callQuery,
  requestHistory,
  stepPaging,
  trailDetail,
  trailPage,
  trailQuery,
} from '../../schema/history/calls.ts';
import { identified } from '../../schema/values.ts';

type Cursor = { readonly limit: number; readonly cursor?: string | undefined };
const pageOf = ({ limit, cursor }: Cursor) => ({ limit, ...(cursor === undefined ? {} : { cursor }) });

const unknown = (what: string) =>
  problem('not_found', `id: there is no ${what} with this id, or the history has not come so far`, {
    field: 'path.id',
  });

export function callRoutes({ history }: ApiPorts, door: Door<Person>): readonly Route[] {
  const get = { method: 'get', tag: 'history', door } as const;
  return [
    route(
      {
        ...get,
        id: 'listCalls',
        path: '/api/calls',
        summary: 'What agents did, newest first: by name, outcome, time, and words of what was shown',
        query: callQuery,
        answer: callPage,
      },
      async ({ query: { limit, cursor, ...filter } }) => history.calls(filter, pageOf({ limit, cursor })),
    ),
    route(
      {
        ...get,
        id: 'showCall',
        path: '/api/calls/{id}',
        summary: 'One call: what was asked, what came back, its entries in the log',
        params: identified('evl_'),
        answer: callDetail,
      },
      async ({ params: { id }, caller }) => (await history.call(id, caller.person.id)) ?? unknown('call'),
    ),
    route(
      {
        ...get,
        id: 'requestHistory',
        path: '/api/requests/{id}/history',
        summary: 'Earlier calls like the one this request holds, and how they went',
        params: identified('req_'),
        answer: requestHistory,
      },
      async ({ params: { id } }) => (await history.before(id)) ?? unknown('request'),
    ),
  ];
}

export function trailRoutes({ history }: ApiPorts, door: Door<Person>): readonly Route[] {
  const get = { method: 'get', tag: 'history', door } as const;
  return [
    route(
      {
        ...get,
        id: 'listTrails',
        path: '/api/trails',
        summary: 'What agents did in one go: sessions, traces, calls without a long pause',
        query: trailQuery,
        answer: trailPage,
      },
      async ({ query: { limit, cursor, ...filter } }) => history.trails(filter, pageOf({ limit, cursor })),
    ),
    route(
      {
        ...get,
        id: 'showTrail',
        path: '/api/trails/{id}',
        summary: 'One trail, step by step: asked, decided, run, returned',
        params: identified('trl_'),
        query: stepPaging,
        answer: trailDetail,
      },
      async ({ params: { id }, query, caller }) =>
        (await history.trail(id, caller.person.id, pageOf(query))) ?? unknown('trail'),
    ),
  ];
}
