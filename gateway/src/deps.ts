/** What enforcement is handed by the composition root. Nothing here reaches a protocol or a channel. */
import type { Authority } from './authority/authority.ts';
import type { Clock } from './clock.ts';
import type { Events, Log } from './events.ts';
import type { Agents } from './identity/directory.ts';
import type { Masking as Whole } from './masking/masking.ts';
import type { UpstreamCredentials } from './protocols/protocol.ts';
import type { RequestBus } from './requests/bus.ts';
import type { Store } from './store/store.ts';

/** What is masked, and never what masks. */
export type Masking = Omit<Whole, 'masker'>;

export type Deps = {
  readonly store: Store;
  readonly events: Events;
  readonly authority: Authority;
  readonly bus: RequestBus;
  readonly masking: Masking;
  readonly now: Clock;
  readonly log: Log;
  /** HMAC key for matching retries; never leaves the gateway. */
  readonly installation_key: Uint8Array;
  readonly credentialsOf: (upstream: string) => UpstreamCredentials;
  readonly public_url: string;
  readonly askingMax: (agent: string) => AskingMax;
};

/** How much of people’s attention one agent may take: requests open at once, and opened within an hour (A19, A21). */
export type AskingMax = {
  readonly pending: number;
  readonly per_hour: number;
  /**
   * Counted within the hour together with all whose names begin like this and whom the same person answers for: whoever may
   * choose a name for every run must not have an hour of its own for each.
   */
  readonly alike?: string;
};

/** Nobody nobody knows asks anything. */
export function askingMax(agents: Pick<Agents, 'limitsOf' | 'madeLike'>, agent: string): AskingMax {
  const { pending_max = 0, requests_per_hour = 0 } = agents.limitsOf(agent) ?? {};
  const alike = agents.madeLike(agent);
  return {
    pending: pending_max,
    per_hour: requests_per_hour,
    ...(alike === undefined ? {} : { alike }),
  };
}
