/** Somebody else's standing: signing them out, making them inactive. Operators only; giving power back is on the record too. */
import { z } from '@hono/zod-openapi';
import type { SetActiveOutcome } from '../../identity/roster/admin.ts';
import type { Person } from '../http/doors.ts';
import { type Problem, problem } from '../http/problem.ts';
import { type Door, Reply, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import { endedSessions } from '../schema/directory.ts';
import { name, nothing } from '../schema/values.ts';
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
          ? 'Make somebody a provider made known active again (operators)'
          : 'Make somebody a provider made known inactive: their sessions end, their reviews stop counting (operators)',
        tag,
        door: operator,
        params,
        answer: nothing,
        success: [204],
      },
      async ({ params: { id }, caller }) => {
        const outcome = await ports.people.setActive({ person: id, active, by: caller.person.id });
        return outcome.kind === 'done' ? new Reply(undefined, 204) : refused(outcome.why);
      },
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
      if (ports.directory().person(id) === undefined) return refused('unknown');
      return { ended: await ports.sessions.revokeAll(id, { by: caller.person.id }) };
    },
  ),
];

type Why = Extract<SetActiveOutcome, { readonly kind: 'refused' }>['why'];

function refused(why: Why): Problem {
  const field = 'path.id';
  switch (why) {
    case 'unknown':
      return problem('not_found', 'id: nobody has this id', { field });
    case 'configured':
      return problem('wrong_state', 'id: this person is in the configuration; set active there', { field });
    case 'self':
      return problem('not_allowed', 'id: nobody changes themselves; ask another operator', { field });
    case 'not_committed':
      return problem('wrong_state', 'people changed meanwhile; try again', { field });
  }
}
