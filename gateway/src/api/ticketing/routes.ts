/** Requests as ticket systems see them and what they may do there. What counts is decided in `tickets/`; nothing here is an approval. */
import type { TicketSystem } from '../../identity/ticketing.ts';
import type { TicketOutcome, TicketRefusal } from '../../tickets/outcome.ts';
import { publicDoor } from '../http/doors.ts';
import { type Problem, type ProblemKind, problem } from '../http/problem.ts';
import { type Door, Reply, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import { identified } from '../schema/values.ts';
import {
  commented,
  commentInput,
  denialInput,
  denied,
  relatedOrigins,
  relayAnswer,
  relayAsk,
  relayAsked,
  relayTaken,
  ticketRendering,
  ticketRequest,
} from './schema.ts';

const tag = 'ticketing';
const params = identified('req_');
const at = '/ticketing/v1/requests/{id}';

export function ticketingRoutes(ports: ApiPorts, door: Door<TicketSystem>): readonly Route[] {
  return [
    show(ports, door),
    comment(ports, door),
    deny(ports, door),
    ...relayRoutes(ports, door),
    origins(ports),
  ];
}

const show = ({ tickets }: ApiPorts, door: Door<TicketSystem>): Route =>
  route(
    {
      id: 'showTicketRequest',
      method: 'get',
      path: at,
      summary: 'What a ticket may show of a request, and what its system may do with it',
      tag,
      door,
      params,
      answer: ticketRequest,
    },
    async ({ params: { id }, caller }) => {
      const shown = await tickets.show(caller, id);
      return shown.kind === 'refused' && shown.why === 'unknown' ? unknown() : told(shown, 200);
    },
  );

const unknown = (): Problem =>
  problem('not_found', 'id: there is no request with this id that this ticket system sees', {
    field: 'path.id',
  });

const comment = ({ tickets }: ApiPorts, door: Door<TicketSystem>): Route =>
  route(
    {
      id: 'commentRequest',
      method: 'post',
      path: `${at}/comments`,
      summary:
        'Say something beside a request: a claim of this system for one of its users. It changes no state',
      tag,
      door,
      params,
      body: commentInput,
      answer: commented,
      success: [201],
    },
    async ({ params: { id }, body, caller }) => told(await tickets.comment(caller, id, body), 201),
  );

const deny = ({ tickets }: ApiPorts, door: Door<TicketSystem>): Route =>
  route(
    {
      id: 'refuseRequest',
      method: 'post',
      path: `${at}/denial`,
      summary: 'End a request as refused, in this system’s own name',
      tag,
      door,
      params,
      body: denialInput,
      answer: denied,
      success: [201],
    },
    async ({ params: { id }, body: { author, reason, ticket }, caller }) => {
      const said = { author, text: reason, ...(ticket === undefined ? {} : { ticket }) };
      return told(await tickets.deny(caller, id, said), 201);
    },
  );

const relayRoutes = ({ tickets }: ApiPorts, door: Door<TicketSystem>): readonly Route[] => [
  route(
    {
      id: 'renderTicketRequest',
      method: 'post',
      path: `${at}/rendering`,
      summary: 'The whole action, to be shown to the person who is asked; that it was handed out is kept',
      tag,
      door,
      params,
      answer: ticketRendering,
      keep: false,
    },
    async ({ params: { id }, caller }) => told(await tickets.rendering(caller, id), 200),
  ),
  route(
    {
      id: 'askRelayedProof',
      method: 'post',
      path: `${at}/challenge`,
      summary: 'What a person is to prove for exactly this answer; good once, for five minutes',
      tag,
      door,
      params,
      body: relayAsk,
      answer: relayAsked,
      keep: false,
    },
    async ({ params: { id }, body, caller }) =>
      told(await tickets.ask(caller, { request_id: id, ...body }), 200),
  ),
  route(
    {
      id: 'relayAnswer',
      method: 'post',
      path: `${at}/answers`,
      summary: 'Hand over a person’s answer with their own proof of it; this system’s key alone is none',
      tag,
      door,
      params,
      body: relayAnswer,
      answer: relayTaken,
      success: [201],
    },
    async ({ params: { id }, body, caller }) =>
      told(await tickets.answer(caller, { request_id: id, ...body }), 201),
  ),
];

const origins = ({ tickets }: ApiPorts): Route =>
  route(
    {
      id: 'relatedOrigins',
      method: 'get',
      path: '/.well-known/webauthn',
      summary: 'Origins of ticket systems on whose pages people may use their passkeys of this gateway',
      tag,
      door: publicDoor,
      answer: relatedOrigins,
    },
    async () => {
      const listed = tickets.origins();
      return listed.length === 0
        ? problem('not_found', 'no ticket system has origins here (ticketing.<id>.origins)')
        : { origins: listed };
    },
  );

function told<T>(outcome: TicketOutcome<T>, status: number): Reply<T> | Problem {
  if (outcome.kind === 'done') return new Reply(outcome.result, status);
  const { why, message, status: request_status, retry_after_s } = outcome;
  return problem(KINDS[why], message, {
    ...(request_status === undefined ? {} : { members: { request_status } }),
    ...(retry_after_s === undefined ? {} : { retry_after_s }),
  });
}

const KINDS: { readonly [W in TicketRefusal]: ProblemKind } = {
  unknown: 'not_found',
  not_allowed: 'not_allowed',
  too_many: 'too_many_requests',
  wrong_state: 'wrong_state',
  already_resolved: 'already_resolved',
  bad_ticket: 'invalid_request',
  not_eligible: 'not_eligible',
  already_reviewed: 'already_reviewed',
  shown_changed: 'shown_changed',
  not_approvable: 'not_approvable',
  proof_too_weak: 'proof_too_weak',
  no_passkey: 'no_passkey',
  no_account: 'no_account',
  proof_refused: 'proof_refused',
  unavailable: 'unavailable',
};
