/**
 * Opening an upstream for an agent is itself an action, `session.open`: no permit, no connection, no process, no
 * credential (I1). The permit's execution ends when the opening is done; its credential lives as long as the link.
 */
import type { isJsonObject, Principal } from '@countersign/core';
import { callerName } from '../../../identity/caller.ts';
import { FairShare, type Share } from '../../../limits/share.ts';
import type { Held, Permit, RequestView, RunOutcome, Session, UpstreamCredentials } from '../../protocol.ts';
import { SESSION_OPEN, toEvaluation, type Upstream } from '../binding.ts';
import { REQUEST_META, settledSentence } from '../calls/answers.ts';
import { isStdio, type McpHttpConfig, type McpStdioConfig } from '../config.ts';
import type { McpDeps } from '../deps.ts';
import type { Catalog } from '../tools/catalog.ts';
import { Connections } from '../upstream/connections.ts';
import { HttpLink } from '../upstream/http.ts';
import { CAUSES, type Ending, type Link } from '../upstream/link.ts';
import { StdioLink } from '../upstream/stdio.ts';
import { CODE, WireError } from '../wire/message.ts';

/** Waits until people answered or nobody waits any more; how the request stands then. */
export type Wait = (held: Held) => Promise<RequestView>;

/** @throws WireError that says why not; for an opening that people must agree to, only after `wait` */
export async function permitToOpen(door: Session, upstream: Upstream, wait: Wait): Promise<Permit> {
  const evaluation = toEvaluation({ principal: door.principal, upstream, method: SESSION_OPEN, params: {} });
  let verdict = await door.enforce(evaluation);
  if (verdict.kind === 'held') {
    const view = await wait(verdict.held);
    if (view.status !== 'approved') throw notAgreed(view);
    verdict = await door.enforce(evaluation);
  }
  if (verdict.kind === 'permitted') return verdict.permit;
  throw notOpened(
    verdict.kind === 'refused'
      ? verdict.refusal.message
      : 'This upstream is being opened already; try again.',
  );
}

export const notAgreed = (view: RequestView): WireError =>
  notOpened(settledSentence(view), {
    [REQUEST_META]: { id: view.id, status: view.status, url: view.review_url },
  });

/** The opening is done, well or badly. It has no answer to be given again: the next opening is a new action. */
export async function endOpening(permit: Permit, outcome: RunOutcome): Promise<void> {
  await permit.finish(outcome);
  permit.delivered();
}

const notOpened = (message: string, data?: Parameters<typeof isJsonObject>[0]): WireError =>
  new WireError(`The upstream was not opened. ${message}`, {
    status: 200,
    code: CODE.refused,
    ...(data === undefined ? {} : { data }),
  });

export const unreachable = (): WireError =>
  new WireError('The upstream could not be opened; the operator finds why in the gateway’s log', {
    status: 502,
    code: CODE.internal_error,
  });

/** The upstream's own word that its tools changed: then they are looked at again before the next call (A9). */
export function watchTools(link: Link, catalog: Catalog): void {
  link.onNotice((method) => {
    if (method === 'notifications/tools/list_changed') catalog.invalidate();
  });
}

const STDERR_CHARACTERS_MAX = 1_000;

const NOTHING: UpstreamCredentials = { headers: {}, env: {} };

const tooManyProcesses = (message: string): WireError =>
  new WireError(message, { status: 503, code: CODE.refused });

/** Of a `session.open` permit, or of the one read a preview is. */
type MayOpen = Pick<Permit, 'credentials' | 'mask'>;

type Starting = {
  readonly upstream: Upstream;
  readonly config: McpStdioConfig;
  readonly permit: MayOpen;
  readonly agent: string | undefined;
};

type Connecting = { readonly credentials: UpstreamCredentials; readonly caller: Principal | undefined };

type Place = { readonly alive: Set<Link>; readonly giveBack: () => void };

/**
 * Processes of one upstream for previews, beside its processes_max: a slow one must not keep an agent's call from running,
 * nor agents people from seeing what a call would do. Of all upstreams together there are no more than are made at once.
 */
const PREVIEWS_MAX = 2;

/** Shared by as many links of one caller. */
type Shared = { readonly connections: Connections; links: number };

/** The links of all upstreams: connections of each caller's own to an HTTP upstream, counted processes for the others. */
export class Links {
  readonly #deps: McpDeps;
  readonly #shared = new Map<string, Shared>();
  /** All there are: what no link uses any more is among them until all that was under way on it has ended. */
  readonly #connections = new Set<Connections>();
  readonly #processes = new Map<string, Set<Link>>();
  /** The same, of previews. */
  readonly #previews = new Map<string, Set<Link>>();
  /** Processes of all upstreams, by agent. */
  readonly #places: FairShare;

  constructor(deps: McpDeps) {
    this.#deps = deps;
    this.#places = new FairShare(() => deps.limits.processes_max);
  }

  get places(): Share {
    return this.#places;
  }

  /**
   * @param caller undefined: a preview's, which takes no place of an agent
   * @throws WireError when no more processes may be started, or this one cannot
   */
  open(upstream: Upstream, permit: MayOpen, caller: Principal | undefined): Link {
    const { config } = upstream;
    if (isStdio(config)) return this.#start({ upstream, config, permit, agent: caller?.agent });
    return this.#connect(upstream, config, { credentials: permit.credentials ?? NOTHING, caller });
  }

  #connect(upstream: Upstream, config: McpHttpConfig, { credentials, caller }: Connecting): Link {
    const { id, digest } = upstream;
    const key = caller === undefined ? undefined : `${id} ${digest} ${callerName(caller)}`;
    const shared = this.#sharedBy(key, config);
    const { connections } = shared;
    const note = this.#note(upstream);
    const onEnding = (ending: Ending): void => {
      if (ending.kind === 'refused' && ending.cause === 'wrong_id') connections.renew();
      note(ending);
    };
    const link = new HttpLink({ pool: connections, config, credentials, onEnding });
    shared.links += 1;
    link.onClose(() => {
      shared.links -= 1;
      if (shared.links > 0) return;
      if (key !== undefined) this.#shared.delete(key);
      void connections.close().then(() => this.#connections.delete(connections));
    });
    return link;
  }

  #sharedBy(key: string | undefined, config: McpHttpConfig): Shared {
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known !== undefined) return known;
    const made = { connections: new Connections(config), links: 0 };
    this.#connections.add(made.connections);
    if (key !== undefined) this.#shared.set(key, made);
    return made;
  }

  #start({ upstream, config, permit, agent }: Starting): Link {
    const { alive, giveBack } = this.#place(upstream, config, agent);
    // Masked whole, then cut: a cut first could leave the beginning of a secret (A23).
    const onStderr = (said: string): void => {
      const line = String(permit.mask(said).value).slice(0, STDERR_CHARACTERS_MAX);
      this.#deps.log.info({ upstream: upstream.id, line }, 'an upstream wrote to stderr');
    };
    try {
      const link = new StdioLink({
        config,
        env: (permit.credentials ?? NOTHING).env,
        onStderr,
        onEnding: this.#note(upstream),
      });
      alive.add(link);
      link.onClose(() => {
        alive.delete(link);
        giveBack();
      });
      return link;
    } catch (error) {
      giveBack();
      this.#deps.contacts.failed(upstream.id, 'its program could not be started');
      this.#deps.log.error(
        { upstream: upstream.id, error: String(error) },
        'an upstream could not be started',
      );
      throw unreachable();
    }
  }

  /** @throws WireError when there is none */
  #place({ id }: Upstream, { processes_max }: McpStdioConfig, agent: string | undefined): Place {
    const all = agent === undefined ? this.#previews : this.#processes;
    const alive = all.get(id) ?? new Set();
    all.set(id, alive);
    if (alive.size >= (agent === undefined ? PREVIEWS_MAX : processes_max))
      throw tooManyProcesses(
        'Too many sessions of this upstream are open; the operator may raise its processes_max',
      );
    if (agent === undefined) return { alive, giveBack: () => undefined };
    const giveBack = this.#places.take(agent);
    if (giveBack === undefined)
      throw tooManyProcesses(
        'Too many sessions of started servers are open; end some of yours, or the operator may raise limits.processes_max',
      );
    return { alive, giveBack };
  }

  /** A caller that hangs up says nothing about the upstream. */
  #note({ id }: Upstream): (ending: Ending) => void {
    const { contacts } = this.#deps;
    return (ending) => {
      if (ending.kind === 'answered' || ending.kind === 'suspended') contacts.answered(id);
      else if (ending.cause !== 'cancelled') contacts.failed(id, CAUSES[ending.cause]);
    };
  }

  async close(): Promise<void> {
    const processes = [...this.#processes.values(), ...this.#previews.values()].flatMap((alive) => [
      ...alive,
    ]);
    await Promise.all([
      ...processes.map((link) => link.close()),
      ...[...this.#connections].map((connections) => connections.destroy()),
    ]);
  }
}
