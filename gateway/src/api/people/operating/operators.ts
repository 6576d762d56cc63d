/** How many operators a change of what decides takes, and asking for more or fewer of them (I13). */
import type { Person } from '../../http/doors.ts';
import { type Door, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { heldChange, operators, operatorsInput } from '../../schema/operators.ts';
import { madeOrHeld } from '../change.ts';

const tag = 'directory';
const path = '/api/operators';

type Doors = { readonly person: Door<Person>; readonly operator: Door<Person> };

export const operatorRoutes = (ports: ApiPorts, { person, operator }: Doors): readonly Route[] => [
  route(
    {
      id: 'showOperators',
      method: 'get',
      path,
      summary: 'How many operators a change of what decides takes, and why',
      tag,
      door: person,
      answer: operators,
    },
    async () => ports.operators.show(),
  ),
  route(
    {
      id: 'needOperators',
      method: 'post',
      path,
      summary:
        'Ask that one operator be enough, or that two be needed (operators); 202 when others must agree first',
      tag,
      door: operator,
      body: operatorsInput,
      answer: heldChange.optional(),
      success: [202, 204],
    },
    async ({ body: { needed }, caller }) => madeOrHeld(await ports.operators.need(needed, caller.person.id)),
  ),
];
