/** Delegations: giving one's own seat away for a time, and taking it back. */
import type { Person } from '../../http/doors.ts';
import { type Door, Reply, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { delegation, delegationInput, delegationQuery } from '../../schema/delegations.ts';
import { identified, nothing, pageOf } from '../../schema/values.ts';
import { changed, refusedChange } from '../change.ts';

const tag = 'delegations';

export function delegationRoutes({ delegations }: ApiPorts, door: Door<Person>): readonly Route[] {
  return [
    route(
      {
        id: 'listDelegations',
        method: 'get',
        path: '/api/delegations',
        summary: 'Who sits in for whom, newest first',
        tag,
        door,
        query: delegationQuery,
        answer: pageOf(delegation),
      },
      async ({ query: { limit, cursor, active } }) =>
        delegations.list(active === undefined ? {} : { active }, {
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        }),
    ),
    route(
      {
        id: 'giveDelegation',
        method: 'post',
        path: '/api/delegations',
        summary: 'Give your own seat to another reviewer for a time',
        tag,
        door,
        body: delegationInput,
        answer: delegation,
        success: [201],
      },
      async ({ body, caller }) => {
        const outcome = await delegations.give(caller.person.id, body);
        return outcome.kind === 'given' ? new Reply(outcome.delegation, 201) : refusedChange(outcome);
      },
    ),
    route(
      {
        id: 'revokeDelegation',
        method: 'post',
        path: '/api/delegations/{id}/revoke',
        summary: 'Take a seat back (whoever gave it, whoever sits in it, operators)',
        tag,
        door,
        params: identified('del_'),
        answer: nothing,
        success: [204],
      },
      async ({ params: { id }, caller }) => changed(await delegations.revoke(id, caller.person.id)),
    ),
  ];
}
