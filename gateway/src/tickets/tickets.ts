/**
 * Ticket systems: what they may do with a request, one use case a file, one transaction each. A ticket system comments, in its
 * own name; it ends a request as refused, in its own name; and it hands over a proof a person made of one answer. It is
 * neither an agent nor a person, and nothing it says is ever a yes: an approval is somebody's own, judged by `requests/review`
 * like any other (I4, I12). What it may touch is what its configuration names, and never a change of the gateway itself.
 */
import type { TicketSystem } from '../identity/ticketing.ts';
import { createRateLimit } from '../limits/rate.ts';
import { comment } from './comment.ts';
import { deny } from './deny.ts';
import type { Commented, Denied, TicketOutcome } from './outcome.ts';
import { answer, type RelayAnswer, type RelayTaken } from './relay/answer.ts';
import { ask, type RelayAsk, type RelayAsked } from './relay/ask.ts';
import type { RelayDeps } from './relay/may.ts';
import { rendering, type TicketRendering } from './relay/rendering.ts';
import type { Said } from './said.ts';
import { show, type TicketRequest } from './sees.ts';

export type Tickets = {
  /** Whose key this is; counted against its `requests_per_minute`. */
  admit(key: string): Admitted;
  /** What a ticket may show of a request. */
  show(system: TicketSystem, request_id: string): Promise<TicketOutcome<TicketRequest>>;
  comment(system: TicketSystem, request_id: string, said: Said): Promise<TicketOutcome<Commented>>;
  deny(system: TicketSystem, request_id: string, said: Said): Promise<TicketOutcome<Denied>>;
  /** The whole action, to be shown to the person who is asked. */
  rendering(system: TicketSystem, request_id: string): Promise<TicketOutcome<TicketRendering>>;
  /** What a person is to prove for exactly one answer. */
  ask(system: TicketSystem, ask: RelayAsk): Promise<TicketOutcome<RelayAsked>>;
  /** That answer, with the proof. */
  answer(system: TicketSystem, answer: RelayAnswer): Promise<TicketOutcome<RelayTaken>>;
  /** Origins on whose pages people may use their passkeys of this gateway (WebAuthn Level 3 §5.11). */
  origins(): readonly string[];
};

export type Admitted =
  | { readonly system: TicketSystem }
  | { readonly reason: 'unknown' | 'wrong_kind' | 'expired' }
  | { readonly reason: 'too_many'; readonly retry_after_s: number };

const SYSTEMS_MAX = 64;

export function createTickets(deps: RelayDeps): Tickets {
  const paces = createRateLimit({ burst: 1, per_second: 1, keys_max: SYSTEMS_MAX }, deps.now);
  return {
    admit(key) {
      const found = deps.authority.current().ticketing.byKey(key, deps.now());
      if (!('system' in found)) return found;
      const a_minute = found.system.config.limits.requests_per_minute;
      const wait_s = paces.take(found.system.id, { burst: a_minute, per_second: a_minute / 60 });
      return wait_s === 0 ? found : { reason: 'too_many', retry_after_s: wait_s };
    },
    show: (system, request_id) => show(deps, { system, request_id }),
    comment: (system, request_id, said) => comment(deps, { system, request_id, said }),
    deny: (system, request_id, said) => deny(deps, { system, request_id, said }),
    rendering: (system, request_id) => rendering(deps, system, request_id),
    ask: (system, asking) => ask(deps, system, asking),
    answer: (system, given) => answer(deps, system, given),
    origins: () => deps.authority.current().ticketing.origins,
  };
}
