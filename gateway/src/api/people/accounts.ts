/** Whose accounts are whose; linking one to a person and unlinking it, which others agree to (I13). */
import { z } from '@hono/zod-openapi';
import type { Person } from '../http/doors.ts';
import { problem } from '../http/problem.ts';
import { type Door, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import { account, accountInput, accountQuery } from '../schema/directory.ts';
import { heldChange } from '../schema/operators.ts';
import { name, pageOf } from '../schema/values.ts';
import { madeOrHeld } from './change.ts';

const params = z.strictObject({ id: name });

export const accountRoutes = ({ accounts }: ApiPorts, door: Door<Person>): readonly Route[] => [
  route(
    {
      id: 'listAccounts',
      method: 'get',
      path: '/api/accounts',
      summary: 'Whose accounts are whose: your own, for operators and auditors everybody’s',
      tag: 'directory',
      door,
      query: accountQuery,
      answer: pageOf(account),
    },
    async ({ query: { limit, cursor, person }, caller }) => {
      const whose = seesAll(caller) ? person : (person ?? caller.person.id);
      if (!seesAll(caller) && whose !== caller.person.id)
        return problem(
          'not_allowed',
          'query.person: another person’s accounts need the role operator or auditor',
          { field: 'query.person' },
        );
      return accounts.list(whose === undefined ? {} : { person: whose }, {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
    },
  ),
  ...(['link', 'unlink'] as const).map((way) =>
    route(
      {
        id: `${way}Account`,
        method: 'post',
        path: `/api/reviewers/{id}/accounts${way === 'link' ? '' : '/unlink'}`,
        summary:
          way === 'link'
            ? 'Link an account to a person: yours, for operators anybody’s; 202 when others must agree first'
            : 'Unlink an account from a person: yours, for operators anybody’s; 202 when others must agree first',
        tag: 'directory',
        door,
        params,
        body: accountInput,
        answer: heldChange.optional(),
        success: [202, 204],
      },
      async ({ params: { id }, body, caller }) =>
        madeOrHeld(await accounts[way]({ person: id, account: body.account, by: caller.person.id })),
    ),
  ),
];

const seesAll = ({ person: { roles } }: Person): boolean =>
  roles.includes('operator') || roles.includes('auditor');
