/** Places that are told what happens, as operators see them: how it stands, what could not be told, once more. */
import { z } from '@hono/zod-openapi';
import type { Person } from '../http/doors.ts';
import { problem } from '../http/problem.ts';
import { type Door, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import { pageOf } from '../schema/values.ts';
import {
  webhookDead,
  webhookEndpoint,
  webhookReplayed,
  webhookReplayInput,
  webhookTried,
} from '../schema/webhooks.ts';

const tag = 'webhooks';
const params = z.strictObject({ name: z.string().regex(/^(webhook|callback):[a-z0-9][a-z0-9_.-]{0,63}$/) });

type Doors = { readonly author: Door<Person>; readonly operator: Door<Person> };

const unknown = () =>
  problem('not_found', 'name: there is no such place; see countersign webhooks list', { field: 'path.name' });

export function webhookRoutes({ webhooks }: ApiPorts, { author, operator }: Doors): readonly Route[] {
  return [
    route(
      {
        id: 'listWebhooks',
        method: 'get',
        path: '/api/webhooks',
        summary: 'Places that are told what happens, and whether they take it (operators, auditors)',
        tag,
        door: author,
        answer: pageOf(webhookEndpoint),
      },
      async () => ({ items: await webhooks.list() }),
    ),
    route(
      {
        id: 'listDeadNotices',
        method: 'get',
        path: '/api/webhooks/{name}/dead',
        summary: 'Notices that are not tried again, newest first, at most 500 (operators, auditors)',
        tag,
        door: author,
        params,
        answer: pageOf(webhookDead),
      },
      async ({ params: { name } }) => {
        const items = await webhooks.dead(name);
        return items === undefined ? unknown() : { items };
      },
    ),
    route(
      {
        id: 'replayNotices',
        method: 'post',
        path: '/api/webhooks/{name}/replay',
        summary: 'Try again what is dead: all of it, or one notice (operators)',
        tag,
        door: operator,
        params,
        body: webhookReplayInput,
        answer: webhookReplayed,
      },
      async ({ params: { name }, body: { leaf_index } }) => {
        const replayed = await webhooks.replay(name, leaf_index);
        return replayed === undefined ? unknown() : { replayed };
      },
    ),
    route(
      {
        id: 'testWebhook',
        method: 'post',
        path: '/api/webhooks/{name}/test',
        summary: 'Send a notice that tells nothing, and say what came back (operators)',
        tag,
        door: operator,
        params,
        answer: webhookTried,
      },
      async ({ params: { name } }) => (await webhooks.test(name.replace(/^webhook:/, ''))) ?? unknown(),
    ),
  ];
}
