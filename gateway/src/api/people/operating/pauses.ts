/** Pausing one agent, and resuming it. Who may is decided behind the port. */
import { z } from '@hono/zod-openapi';
import type { Person } from '../../http/doors.ts';
import type { Door, Route } from '../../http/route.ts';
import { route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { pausedAgent } from '../../schema/directory.ts';
import { reasonInput } from '../../schema/requests.ts';
import { name, nothing } from '../../schema/values.ts';
import { changed, refusedChange } from '../change.ts';

const tag = 'directory';
const params = z.strictObject({ id: name });

export function pauseRoutes({ pauses }: ApiPorts, door: Door<Person>): readonly Route[] {
  return [
    route(
      {
        id: 'pauseAgent',
        method: 'post',
        path: '/api/agents/{id}/pause',
        summary: 'Stop an agent at once: nothing of it runs, and what it waits for is withdrawn',
        tag,
        door,
        params,
        body: reasonInput,
        answer: pausedAgent,
      },
      async ({ params: { id }, body: { reason }, caller }) => {
        const outcome = await pauses.pause(id, caller.person.id, reason);
        return outcome.kind === 'paused' ? { withdrawn: outcome.withdrawn } : refusedChange(outcome);
      },
    ),
    route(
      {
        id: 'resumeAgent',
        method: 'post',
        path: '/api/agents/{id}/resume',
        summary: 'Resume a paused agent (whoever paused it, or an operator who does not answer for it)',
        tag,
        door,
        params,
        answer: nothing,
        success: [204],
      },
      async ({ params: { id }, caller }) => changed(await pauses.resume(id, caller.person.id)),
    ),
  ];
}
