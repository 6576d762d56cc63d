/** The audit log for people: look up, read, prove, export. Reading is free; an export is itself recorded. */
import { z } from '@hono/zod-openapi';
import type { Person } from '../http/doors.ts';
import { type Problem, problem } from '../http/problem.ts';
import type { Door, Route } from '../http/route.ts';
import { route } from '../http/route.ts';
import { textStream } from '../http/stream.ts';
import type { ApiPorts } from '../ports.ts';
import {
  checkpointsQuery,
  exportInput,
  logEntry,
  logEntryDetail,
  loggedCheckpoint,
  logQuery,
} from '../schema/log.ts';
import { jsonObject, pageOf } from '../schema/values.ts';

const params = z.strictObject({
  event_id: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'expected a 26-character event id'),
});
const unknownEntry = (): Problem =>
  problem('not_found', 'event_id: the log has no such entry', { field: 'path.event_id' });

export function logRoutes({ log }: ApiPorts, door: Door<Person>): readonly Route[] {
  const get = { method: 'get', tag: 'log', door } as const;
  return [
    route(
      {
        ...get,
        id: 'lookUpLog',
        path: '/api/log/entries',
        summary: 'Entries, newest first',
        query: logQuery,
        answer: pageOf(logEntry),
      },
      async ({ query: { limit, cursor, ...filter } }) =>
        log.lookUp(filter, { limit, ...(cursor === undefined ? {} : { cursor }) }),
    ),
    route(
      {
        ...get,
        id: 'showLogEntry',
        path: '/api/log/entries/{event_id}',
        summary: 'One entry as signed',
        params,
        answer: logEntryDetail,
      },
      async ({ params: { event_id } }) => (await log.entry(event_id)) ?? unknownEntry(),
    ),
    route(
      {
        ...get,
        id: 'listCheckpoints',
        path: '/api/log/checkpoints',
        summary: 'Signed roots of the log, newest first',
        query: checkpointsQuery,
        answer: pageOf(loggedCheckpoint),
      },
      async ({ query: { limit, cursor } }) =>
        log.checkpoints({ limit, ...(cursor === undefined ? {} : { cursor }) }),
    ),
    route(
      {
        ...get,
        id: 'receipt',
        path: '/api/log/entries/{event_id}/receipt',
        summary: 'Entry, inclusion proof and checkpoint, as a Sigstore bundle',
        params,
        answer: jsonObject,
      },
      async ({ params: { event_id } }) => {
        const receipt = await log.receipt(event_id);
        if (receipt === 'pending')
          return problem('not_yet_sealed', 'no checkpoint covers this entry yet; retry in a second', {
            retry_after_s: 1,
          });
        return receipt ?? unknownEntry();
      },
    ),
    route(
      {
        id: 'exportLog',
        method: 'post',
        path: '/api/log/export',
        summary: 'JSON Lines, oldest first; recorded in the log',
        tag: 'log',
        door,
        body: exportInput,
        answer: z.string(),
        media_type: 'application/jsonl',
        keep: false,
      },
      async ({ body, caller }) =>
        new Response(textStream(log.export(body, caller.person.id)), {
          headers: { 'content-type': 'application/jsonl; charset=utf-8' },
        }),
    ),
  ];
}
