/** Standing grants: what people have given beyond one call, and taking it back. */
import type { Person } from '../../http/doors.ts';
import { type Door, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { grant, grantQuery } from '../../schema/grants.ts';
import { reasonInput } from '../../schema/requests.ts';
import { identified, nothing, pageOf } from '../../schema/values.ts';
import { changed } from '../change.ts';

const tag = 'grants';

export function grantRoutes({ grants }: ApiPorts, door: Door<Person>): readonly Route[] {
  return [
    route(
      {
        id: 'listGrants',
        method: 'get',
        path: '/api/grants',
        summary: 'Standing grants, newest first',
        tag,
        door,
        query: grantQuery,
        answer: pageOf(grant),
      },
      async ({ query: { limit, cursor, active } }) =>
        grants.list(active === undefined ? {} : { active }, {
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        }),
    ),
    route(
      {
        id: 'revokeGrant',
        method: 'post',
        path: '/api/grants/{id}/revoke',
        summary: 'Take a grant back before it is used up',
        tag,
        door,
        params: identified('grt_'),
        body: reasonInput,
        answer: nothing,
        success: [204],
      },
      async ({ params: { id }, body: { reason }, caller }) =>
        changed(await grants.revoke(id, caller.person.id, reason)),
    ),
  ];
}
