/**
 * Ticket systems of one configuration, as part of the authority's snapshot: whose key this is, what it may, which requests
 * it sees. What it may can only ever end a request, or hand over somebody's own proof: no answer is ever its own (I4, I12).
 */
import type { TicketingConfig, TicketPower, TicketSystemConfig } from '../config/ticketing/ticketing.ts';
import { hashCredential, kindOf } from './credential.ts';

export type TicketSystem = {
  readonly id: string;
  readonly config: TicketSystemConfig;
  may(power: TicketPower): boolean;
  sees(of: { readonly upstream: string; readonly env: string }): boolean;
};

export type TicketSystems = {
  get(id: string): TicketSystem | undefined;
  byKey(credential: string, now: number): TicketSystemByKey;
  /** Of all of them: where people may use their passkeys of this gateway. */
  readonly origins: readonly string[];
};
export type TicketSystemByKey =
  | { readonly system: TicketSystem }
  | { readonly reason: 'unknown' | 'wrong_kind' | 'expired' };

/** The gateway's own upstream: what changes who may do what. A stolen key must not stop the change that takes it out. */
const OWN_UPSTREAM = 'countersign';

export function createTicketSystems({ ticketing }: { readonly ticketing: TicketingConfig }): TicketSystems {
  const systems = new Map<string, TicketSystem>();
  const byHash = new Map<string, { readonly system: TicketSystem; readonly expires_at: number }>();
  for (const [id, config] of Object.entries(ticketing)) {
    const { may, sees = { upstreams: [], environments: [] }, keys } = config;
    const system: TicketSystem = {
      id,
      config,
      may: (power) => may.includes(power),
      sees: ({ upstream, env }) =>
        upstream !== OWN_UPSTREAM &&
        (sees === 'all' ||
          ((sees.upstreams?.includes(upstream) ?? true) && (sees.environments?.includes(env) ?? true))),
    };
    systems.set(id, system);
    for (const { hash, expires } of keys) byHash.set(hash, { system, expires_at: Date.parse(expires) });
  }
  return {
    get: (id) => systems.get(id),
    byKey(credential, now) {
      const kind = kindOf(credential);
      if (kind !== undefined && kind !== 'ticket') return { reason: 'wrong_kind' };
      const found = kind === undefined ? undefined : byHash.get(hashCredential(credential));
      if (found === undefined) return { reason: 'unknown' };
      return now < found.expires_at ? { system: found.system } : { reason: 'expired' };
    },
    origins: [...new Set(Object.values(ticketing).flatMap(({ origins }) => origins))],
  };
}

/** Whether answers of this kind go through this system's hands now: asked when one comes, and of every one there is (I8, A10). */
export const handsOver = (
  system: TicketSystem | undefined,
  about: { readonly upstream: string; readonly env: string },
  proof: 'oidc' | 'passkey',
): boolean =>
  system?.may('relay') === true &&
  system.sees(about) &&
  (proof === 'oidc' ? system.config.oidc !== undefined : system.config.origins.length > 0);

const PREFIX = 'ticketing:';

/** How a ticket system is named where a person or an agent may stand: no id of either has a colon. */
export const ticketSystemName = (id: string): string => PREFIX + id;

/** The ticket system of such a name; undefined for anybody else's. */
export const ticketSystemOf = (name: string): string | undefined =>
  name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
