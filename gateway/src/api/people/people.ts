/** Somebody else's standing: signing them out, making them inactive. Operators only; giving power back may take two (I13). */
import { z } from '@hono/zod-openapi';
import type { Person } from '../http/doors.ts';
import { problem } from '../http/problem.ts';
import { type Door, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import { endedSessions } from '../schema/directory.ts';
import { heldChange } from '../schema/operators.ts';
import { name } from '../schema/values.ts';
import { madeOrHeld } from './change.ts';
import { mayEnd, notYours } from './session.ts';

const tag = 'directory';
const params = z.strictObject({ id: name });

type Doors = { readonly person: Door<Person>; readonly operator: Door<Person> };

export const personRoutes = (ports: ApiPorts, { person, operator }: Doors): readonly Route[] => [
  ...[true, false].map((active) =>
    route(
      {
        id: active ? 'activateReviewer' : 'deactivateReviewer',
        method: 'post',
        path: `/api/reviewers/{id}/${active ? 'activate' : 'deactivate'}`,
        summary: active
          ? 'Make somebody a provider made known active again (operators); 202 when others must agree first'
          : 'Make somebody a provider made known inactive: their sessions end, their reviews stop counting (operators)',
        tag,
        door: operator,
        params,
        answer: heldChange.optional(),
        success: [202, 204],
      },
      async ({ params: { id }, caller }) =>
        madeOrHeld(await ports.people.setActive({ person: id, active, by: caller.person.id })),
    ),
  ),
  route(
    {
      id: 'signOutReviewer',
      method: 'post',
      path: '/api/reviewers/{id}/sign-out',
      summary: 'End every session of a person: your own, for operators anybody’s',
      tag,
      door: person,
      params,
      answer: endedSessions,
    },
    async ({ params: { id }, caller }) => {
      if (!mayEnd(caller, id)) return notYours('path.id');
      if (ports.directory().person(id) === undefined)
        return problem('not_found', 'id: nobody has this id', { field: 'path.id' });
      return { ended: await ports.sessions.revokeAll(id, { by: caller.person.id }) };
    },
  ),
];
