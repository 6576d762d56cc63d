/**
 * The door of ticket systems, beside those of people and agents: their own kind of key opens these routes and no other, and
 * no other credential opens these (I12). Who the system is comes from the key alone.
 */

import type { TicketSystem } from '../../identity/ticketing.ts';
import { ticketSystemName } from '../../identity/ticketing.ts';
import type { Admitted, Tickets } from '../../tickets/tickets.ts';
import { type Problem, problem } from '../http/problem.ts';
import type { Door } from '../http/route.ts';

export const ticketDoor = (tickets: Pick<Tickets, 'admit'>): Door<TicketSystem> => ({
  name: 'ticketing',
  async enter({ request }) {
    const [, key] = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    const admitted: Admitted = key === undefined ? { reason: 'unknown' } : tickets.admit(key);
    if (!('system' in admitted)) return refused(admitted);
    return { caller: admitted.system, principal: ticketSystemName(admitted.system.id) };
  },
});

function refused(admitted: Exclude<Admitted, { readonly system: TicketSystem }>): Problem {
  if (admitted.reason === 'too_many') {
    const { retry_after_s } = admitted;
    return problem(
      'too_many_requests',
      `this ticket system made more requests than its requests_per_minute; try again in ${retry_after_s} s`,
      { retry_after_s },
    );
  }
  if (admitted.reason === 'wrong_kind')
    return problem(
      'wrong_credential_kind',
      'this is no key of a ticket system; these routes take one (cs_ticket_…) and nothing else',
    );
  return problem('not_signed_in', WHY[admitted.reason], {
    headers: { 'www-authenticate': 'Bearer realm="countersign ticketing"' },
  });
}

const WHY = {
  unknown: 'send a key of a ticket system that is configured here: Authorization: Bearer cs_ticket_…',
  expired: 'the key has expired; make a new one with: countersign tickets new-key SYSTEM',
} as const;
