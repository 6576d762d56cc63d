/** Approvals: what people's yes is still good for, and taking it back. */

import type { Person } from '../../http/doors.ts';
import type { Door, Route } from '../../http/route.ts';
import { route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { approval, approvalQuery, reasonInput } from '../../schema/requests.ts';
import { identified, nothing, pageOf } from '../../schema/values.ts';
import { changed } from '../change.ts';

const tag = 'approvals';

export function approvalRoutes({ requests }: ApiPorts, door: Door<Person>): readonly Route[] {
  return [
    route(
      {
        id: 'listApprovals',
        method: 'get',
        path: '/api/approvals',
        summary: 'Approvals, newest first',
        tag,
        door,
        query: approvalQuery,
        answer: pageOf(approval),
      },
      async ({ query: { limit, cursor, active } }) =>
        requests.listApprovals(active === undefined ? {} : { active }, {
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        }),
    ),
    route(
      {
        id: 'revokeApproval',
        method: 'post',
        path: '/api/approvals/{id}/revoke',
        summary: 'Revoke an approval that is not used up',
        tag,
        door,
        params: identified('apr_'),
        body: reasonInput,
        answer: nothing,
        success: [204],
      },
      async ({ params: { id }, body: { reason }, caller }) =>
        changed(await requests.revoke(id, caller.person.id, reason)),
    ),
  ];
}
