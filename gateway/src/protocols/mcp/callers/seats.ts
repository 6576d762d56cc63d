/**
 * Upstreams opened for callers without sessions (2026-07-28): one seat an agent and upstream, under a `session.open`
 * permit that is asked for again when the authority changed or it has grown old. A seat is never shared by two agents.
 */
import { callerName } from '../../../identity/caller.ts';
import type { FairShare } from '../../../limits/share.ts';
import type { Session } from '../../protocol.ts';
import type { Upstream } from '../binding.ts';
import type { Peer } from '../calls/call.ts';
import { isStdio } from '../config.ts';
import type { McpDeps } from '../deps.ts';
import { type Eras, onlyLegacy } from '../era.ts';
import { Catalog, type Generation } from '../tools/catalog.ts';
import type { Link } from '../upstream/link.ts';
import { CODE, type RpcId, WireError } from '../wire/message.ts';
import { endOpening, type Links, permitToOpen, unreachable, type Wait, watchTools } from './opening.ts';
import { Openings, type Waiting } from './openings.ts';

const SEAT_MS = 600_000;
const SEATS_MAX = 10_000;

type Seat = { readonly peer: Peer; readonly digest: string; permitted_at: number; used_at: number };

type Wanted = { readonly door: Session; readonly upstream: Upstream; readonly id: RpcId };

export type SeatsOptions = {
  readonly deps: McpDeps;
  /** Places for callers that wait until people agree to an opening. */
  readonly held: FairShare;
  readonly links: Links;
  readonly eras: Eras;
  readonly generation: (upstream: string) => Generation;
};

export class Seats {
  readonly #options: SeatsOptions;
  readonly #seats = new Map<string, Seat>();
  readonly #openings: Openings<Seat>;
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: SeatsOptions) {
    this.#options = options;
    this.#openings = new Openings(options);
    this.#sweeper = setInterval(() => this.#sweep(), 60_000);
    this.#sweeper.unref();
  }

  /** @throws WireError when the upstream may not be opened, cannot be, or speaks only the older revision */
  async take({ door, upstream, id, caller }: Wanted & Waiting): Promise<Peer> {
    const key = `${callerName(door.principal)}\n${upstream.id}`;
    const now = this.#options.deps.now();
    const known = this.#seats.get(key);
    if (
      known !== undefined &&
      known.digest === upstream.digest &&
      !known.peer.link.closed &&
      known.peer.permit.current() &&
      now - known.permitted_at < SEAT_MS
    ) {
      known.used_at = now;
      return known.peer;
    }
    if (known === undefined && !this.#openings.has(key)) this.#makeRoom(id);
    const { peer } = await this.#openings.join(key, { door, caller }, async (wait) => {
      const seat = await this.#open({ door, upstream, id }, known, wait);
      this.#seats.set(key, seat);
      return seat;
    });
    return peer;
  }

  async #open({ door, upstream, id }: Wanted, known: Seat | undefined, wait: Wait): Promise<Seat> {
    const { deps, eras } = this.#options;
    if (eras.known(upstream) === 'legacy') throw onlyLegacy(id);
    const permit = await permitToOpen(door, upstream, wait).catch((error: unknown) => {
      // What may no longer be opened may no longer stay open.
      void known?.peer.link.close();
      throw error;
    });
    const now = deps.now();
    if (
      known !== undefined &&
      known.digest === upstream.digest &&
      !known.peer.link.closed &&
      known.peer.link.renew(permit.credentials ?? { headers: {}, env: {} })
    ) {
      await endOpening(permit, { status: 'succeeded' });
      known.peer.permit = permit;
      return Object.assign(known, { permitted_at: now, used_at: now });
    }
    void known?.peer.link.close();
    const link = await this.#connect({ door, upstream, id }, permit);
    const catalog = new Catalog({
      upstream: upstream.id,
      pins: deps.pins,
      generation: this.#options.generation(upstream.id),
      now: deps.now,
    });
    watchTools(link, catalog);
    return {
      peer: { upstream, era: 'modern', link, catalog, permit },
      digest: upstream.digest,
      permitted_at: now,
      used_at: now,
    };
  }

  /** Opens and finds out what it speaks; ends the permit's execution either way, once. */
  async #connect({ door, upstream, id }: Wanted, permit: Peer['permit']): Promise<Link> {
    const { links, eras } = this.#options;
    let link: Link | undefined;
    try {
      link = links.open(upstream, permit, door.principal);
      const known = isStdio(upstream.config) ? undefined : eras.known(upstream);
      const era = known ?? (await eras.probe(upstream, link));
      if (era === undefined) throw unreachable();
      if (era === 'legacy') throw onlyLegacy(id);
    } catch (error) {
      void link?.close();
      await endOpening(permit, {
        status: 'failed',
        summary: 'the upstream could not be opened in this revision',
      });
      throw error;
    }
    await endOpening(permit, { status: 'succeeded' });
    return link;
  }

  /** One that is being opened counts: of many openings at the same moment none sees room another will fill. @throws WireError */
  #makeRoom(id: RpcId): void {
    const { seats_max = SEATS_MAX } = this.#options.deps.limits;
    const full = (): boolean => this.#seats.size + this.#openings.size >= seats_max;
    if (full()) this.#sweep();
    if (full())
      throw new WireError('Too many upstreams are open; try again later', {
        status: 503,
        code: CODE.refused,
        id,
      });
  }

  #sweep(): void {
    const now = this.#options.deps.now();
    for (const [key, seat] of this.#seats) {
      if (now - seat.used_at < SEAT_MS) continue;
      this.#seats.delete(key);
      void seat.peer.link.close();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#seats.values()].map(({ peer }) => peer.link.close()));
    this.#seats.clear();
  }
}
