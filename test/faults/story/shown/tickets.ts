/** A ticket system says something, stops something, hands a person's answer over, is late, is wrong, and does too much. */
import { oidcAccount, signInSchema } from '../../../../gateway/src/config/sign-in.ts';
import type { TicketSystem } from '../../../../gateway/src/identity/ticketing.ts';
import type { RelayAnswer } from '../../../../gateway/src/tickets/relay/answer.ts';
import type { RelayDeps } from '../../../../gateway/src/tickets/relay/may.ts';
import { createTickets, type Tickets } from '../../../../gateway/src/tickets/tickets.ts';
import { insist, type World } from '../../world.ts';
import type { Chapter } from '../chapter.ts';
import { TICKET_ISSUER, TICKET_KEY } from '../house.ts';

const PROVIDER = signInSchema.parse({
  oidc: { tickets: { name: 'T', issuer: TICKET_ISSUER, client_id: 'c', client_secret: 'env:S' } },
}).oidc['tickets'];

/** Its word, without the network: what becomes of it is what is tried here. */
function vouching({ rig }: World): RelayDeps['providers'] {
  if (PROVIDER === undefined) throw new TypeError('no provider');
  const vouch = async (token: string) => {
    const sub = token.startsWith('wrong.') ? 'somebody' : 'bob';
    const authenticated_at = rig.time.now;
    return {
      account: oidcAccount(TICKET_ISSUER, sub),
      sub,
      name: sub,
      email: null,
      groups: [],
      authenticated_at,
    };
  };
  return new Map([['tickets', { config: PROVIDER, vouch }]]);
}

const tokenOf = (head: string, nonce: string): string =>
  `${head}.${Buffer.from(JSON.stringify({ nonce })).toString('base64url')}.s`;

export const ticketed: Chapter = async (world) => {
  const { rig, outside } = world;
  const parts = { requests: rig.requests, providers: vouching(world), answersUpTo: () => 'high' as const };
  const tickets = createTickets({ ...rig.deps, ...parts });
  const admitted = tickets.admit(TICKET_KEY);
  if (!('system' in admitted)) throw new TypeError('the ticket system is not known');
  const { system } = admitted;
  const held = async (path: string): Promise<string | undefined> => {
    const verdict = await world.act('write_file', { path });
    return verdict.kind === 'held' ? verdict.held.request.id : undefined;
  };
  const said = { author: 'Dana', text: 'not today' };

  const stopped = await held('/ticket-stopped');
  if (stopped !== undefined) {
    await insist(() => tickets.comment(system, stopped, said));
    const outcome = await insist(() => tickets.deny(system, stopped, said));
    if (outcome.kind === 'done') outside.tell({ said: 'request', request_id: stopped, status: 'denied' });
  }
  const relayed = await held('/ticket-relayed');
  if (relayed !== undefined) {
    await handOver(world, tickets, { system, request_id: relayed });
    // Too late, and then too often: neither changes anything.
    await insist(() => tickets.deny(system, relayed, said));
    await insist(() => tickets.deny(system, relayed, said));
    await world.act('write_file', { path: '/ticket-relayed' });
  }
};

type Handing = { readonly system: TicketSystem; readonly request_id: string };

async function handOver(world: World, tickets: Tickets, { system, request_id }: Handing): Promise<void> {
  const shown = await insist(() => tickets.rendering(system, request_id));
  if (shown.kind !== 'done') return;
  const { action_digest, rendered_digest } = shown.result;
  const asking = { request_id, person: 'bob', decision: 'approved', action_digest, rendered_digest } as const;
  const ask = async (): Promise<string> => {
    const asked = await insist(() => tickets.ask(system, { ...asking, proof: 'oidc' }));
    return asked.kind === 'done' && asked.result.proof === 'oidc' ? asked.result.nonce : '';
  };
  const give = (id_token: string) => {
    const answer: RelayAnswer = { ...asking, proof: { id_token } };
    return insist(() => tickets.answer(system, answer));
  };
  await give(tokenOf('unasked', 'none'));
  await give(tokenOf('wrong', await ask()));
  const taken = await give(tokenOf('right', await ask()));
  if (taken.kind !== 'done') return;
  const { event_id, status = 'pending' } = taken.result;
  world.outside.tell({ said: 'reviewed', event_id, request_id, reviewer: 'bob' });
  world.outside.tell({ said: 'request', request_id, status });
}
