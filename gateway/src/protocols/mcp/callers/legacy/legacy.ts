/**
 * Callers of revision 2025-11-25 and before: `initialize`, then a session, a stream for what belongs to no call, and
 * answers to what the upstream asks. Both sides of a session speak the revision the upstream chose.
 */
import { randomUUID } from 'node:crypto';
import { isJsonObject } from '@countersign/core';
import { callerName } from '../../../../identity/caller.ts';
import { atMost, Places } from '../../../../limits/places.ts';
import type { Session } from '../../../protocol.ts';
import { splitMeta } from '../../binding.ts';
import { ask } from '../../calls/ask.ts';
import type { Call, Peer, Shared } from '../../calls/call.ts';
import { listTools, pass } from '../../calls/pass.ts';
import { type Ran, ranFrom, sessionEnded } from '../../calls/run.ts';
import type { McpDeps } from '../../deps.ts';
import { handlingOf, passesUnasked } from '../../methods.ts';
import { Catalog, type Generation } from '../../tools/catalog.ts';
import type { Link } from '../../upstream/link.ts';
import { header, isLegacyVersion } from '../../wire/headers.ts';
import { checkAccepts } from '../../wire/intake.ts';
import {
  CODE,
  type Notification,
  type Request,
  WireError,
  writeAnswer,
  writeMessage,
} from '../../wire/message.ts';
import { presenceOf } from '../../wire/reply.ts';
import { withoutExtras, withoutServerTasks, withoutTasks } from '../../wire/unoffered.ts';
import type { Received } from '../modern.ts';
import { endOpening, type Links, permitToOpen, type Wait, watchTools } from '../opening.ts';
import { Openings } from '../openings.ts';
import { passAnswer } from './answer.ts';
import { listen } from './listen.ts';
import { LegacySession } from './session.ts';

const SESSIONS_MAX = 20_000;
const SESSIONS_PER_AGENT_MAX = 5_000;
const IDLE_MS = 3_600_000;

export type LegacyOptions = {
  readonly shared: Shared;
  readonly links: Links;
  readonly generation: (upstream: string) => Generation;
};
type Who = Pick<Received, 'door' | 'upstream' | 'headers' | 'reply'>;
type Opened = Pick<Who, 'door' | 'upstream'> & {
  readonly link: Link;
  readonly permit: Peer['permit'];
  readonly version: string;
  readonly leave: () => void;
};

export class Legacy {
  readonly #options: LegacyOptions;
  readonly #deps: McpDeps;
  readonly #sessions = new Map<string, LegacySession>();
  readonly #places: Places;
  readonly #begun: Openings<Peer['permit']>;
  readonly #renewed: Openings<boolean>;
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: LegacyOptions) {
    this.#options = options;
    this.#deps = options.shared.deps;
    this.#begun = new Openings(options.shared);
    this.#renewed = new Openings(options.shared);
    const { sessions_max, sessions_per_agent_max } = this.#deps.limits;
    const [all, each] = [sessions_max ?? SESSIONS_MAX, sessions_per_agent_max ?? SESSIONS_PER_AGENT_MAX];
    this.#places = new Places(atMost({ all, each }));
    this.#sweeper = setInterval(() => this.#sweep(), 60_000);
    this.#sweeper.unref();
  }

  async post(received: Received): Promise<void> {
    const { message, reply, door } = received;
    if (message.kind === 'request' && message.method === 'initialize')
      return this.#initialize(received, message);
    const session = await this.#session(received);
    if (message.kind === 'request') return this.#call(session, received, message);
    if (message.kind === 'response') {
      await passAnswer(this.#deps, { session, door, answer: message });
    } else await this.#notified(session, message);
    reply.bare(202);
  }

  async #notified(session: LegacySession, message: Notification): Promise<void> {
    if (message.method === 'notifications/cancelled') {
      const { requestId } = message.params;
      // The link tells the upstream, under the id the upstream knows, and only of a call that was sent.
      if (typeof requestId === 'string' || typeof requestId === 'number') session.cancel(requestId);
    } else if (passesUnasked(message.method)) {
      const plain = withoutExtras(message);
      await session.peer.link.post({ message: plain, text: writeMessage(plain), headers: {} });
    }
  }

  /** @throws WireError */
  async #initialize(received: Received, message: Request): Promise<void> {
    const leave = this.#places.take(callerName(received.door.principal));
    if (leave === undefined)
      throw new WireError('Too many sessions are open; end some', {
        status: 503,
        code: CODE.refused,
        id: message.id,
      });
    let session: LegacySession | undefined;
    try {
      session = await this.#open(received, message, leave);
    } finally {
      if (session === undefined) leave();
    }
  }

  /** Undefined: none was opened, which the caller has been told. @throws WireError */
  async #open(
    { door, upstream, reply, bytes }: Received,
    message: Request,
    leave: () => void,
  ): Promise<LegacySession | undefined> {
    const permit = await this.#begun.join(randomUUID(), { door, caller: reply }, (wait) =>
      permitToOpen(door, upstream, wait),
    );
    let link: Link | undefined;
    let ran: Ran | undefined;
    try {
      link = this.#options.links.open(upstream, permit, door.principal);
      const request = withoutTasks(message);
      const out = {
        message: request,
        text: request === message ? bytes : writeMessage(request),
        headers: {},
      };
      const ending = await link.request(out, {}, AbortSignal.timeout(upstream.config.connect_timeout_ms));
      if (ending.kind !== 'suspended')
        ran = await ranFrom(ending, {
          shape: { method: 'initialize', modern: false, has_output_schema: false },
          permit,
        });
      const result = ran?.answer.result;
      const version = isJsonObject(result) ? result['protocolVersion'] : undefined;
      if (
        ending.kind !== 'answered' ||
        !isJsonObject(result) ||
        typeof version !== 'string' ||
        !isLegacyVersion(version)
      ) {
        void link.close();
        await endOpening(permit, { status: 'failed', summary: 'the upstream did not open a session' });
        reply.answer(
          ran === undefined
            ? writeAnswer(message.id, NOT_OPENED)
            : writeAnswer(message.id, ran.answer.error === undefined ? NOT_OPENED : ran.answer),
          { status: ran?.answer.error === undefined ? 502 : ran.status },
        );
        return undefined;
      }
      link.session(ending.headers['mcp-session-id'], version);
      const session = this.#add({ door, upstream, link, permit, version, leave });
      await endOpening(permit, { status: 'succeeded' });
      reply.answer(writeAnswer(message.id, { result: withoutServerTasks(result) }), {
        headers: { 'mcp-session-id': session.id },
      });
      // It left while people were asked: nobody knows the id, so nobody would ever end it.
      if (reply.left) this.#drop(session);
      return session;
    } catch (error) {
      void link?.close();
      await endOpening(permit, { status: 'failed', summary: 'the upstream could not be opened' });
      throw error;
    }
  }

  #add(opened: Opened): LegacySession {
    const { door, upstream, link, permit, version, leave } = opened;
    const { pins, now } = this.#deps;
    const catalog = new Catalog({
      upstream: upstream.id,
      pins,
      generation: this.#options.generation(upstream.id),
      now,
    });
    watchTools(link, catalog);
    const session = new LegacySession({
      agent: callerName(door.principal),
      peer: { upstream, era: 'legacy', link, catalog, permit },
      version,
      now: now(),
      leave,
    });
    this.#sessions.set(session.id, session);
    link.onClose(() => this.#drop(session, 'upstream'));
    return session;
  }

  #drop(session: LegacySession, by: 'gateway' | 'upstream' = 'gateway'): void {
    this.#sessions.delete(session.id);
    void session.end(by);
  }

  /** The caller's own live session, its permit current. @throws WireError 404 for anyone else's, as if it did not exist */
  async #session(who: Who): Promise<LegacySession> {
    const id = header(who.headers, 'mcp-session-id');
    if (id === undefined)
      throw new WireError('Mcp-Session-Id: missing; begin with initialize', {
        status: 400,
        code: CODE.invalid_request,
      });
    const session = this.#sessions.get(id);
    const own =
      session !== undefined &&
      session.agent === callerName(who.door.principal) &&
      session.peer.upstream.id === who.upstream.id;
    if (!own || !(await this.#renew(session, who))) throw sessionEnded();
    session.used_at = this.#deps.now();
    return session;
  }

  /** Policy, people or pins changed since the upstream was opened: may it stay open? */
  async #renew(session: LegacySession, { door, upstream, reply }: Who): Promise<boolean> {
    const { peer } = session;
    if (session.ended || peer.link.closed || peer.upstream.digest !== upstream.digest) {
      this.#drop(session);
      return false;
    }
    if (peer.permit.current()) return true;
    return this.#renewed.join(session.id, { door, caller: reply }, (wait) =>
      this.#permitAgain(session, door, wait),
    );
  }

  async #permitAgain(session: LegacySession, door: Session, wait: Wait): Promise<boolean> {
    const { peer } = session;
    try {
      const permit = await permitToOpen(door, peer.upstream, wait);
      const kept = peer.link.renew(permit.credentials ?? { headers: {}, env: {} });
      await endOpening(permit, { status: 'succeeded' });
      if (kept) peer.permit = permit;
      else this.#drop(session);
      return kept;
    } catch (error) {
      this.#drop(session);
      throw error;
    }
  }

  async #call(session: LegacySession, received: Received, request: Request): Promise<void> {
    const handling = handlingOf('legacy', request.method);
    if (handling === undefined) {
      received.reply.answer(
        writeAnswer(request.id, {
          error: { code: CODE.method_not_found, message: `Method not found: ${request.method}` },
        }),
      );
      return;
    }
    const controller = session.begin(request.id);
    if (controller === undefined)
      throw new WireError('id: in use by another call of this session, or too many calls run', {
        status: 400,
        code: CODE.invalid_request,
        id: request.id,
      });
    try {
      const call = this.#toCall(session, received, { request, gone: controller.signal });
      const ran =
        handling === 'listed'
          ? await listTools(call).then(() => undefined)
          : handling === 'passed'
            ? await pass(call)
            : await ask(call, received.headers);
      if (ran?.session_over === true) this.#drop(session, 'upstream');
    } catch (error) {
      if (error instanceof WireError && error.status === 404) this.#drop(session, 'upstream');
      throw error;
    } finally {
      session.finish(request.id);
    }
    // A call taken back gets no answer (2025-11-25 §cancellation).
    if (controller.signal.aborted) received.reply.end();
  }

  #toCall(session: LegacySession, received: Received, asked: { request: Request; gone: AbortSignal }): Call {
    const { peer } = session;
    const { request, gone } = asked;
    const meta = request.params['_meta'];
    return {
      shared: this.#options.shared,
      peer,
      door: received.door,
      request,
      bytes: received.bytes,
      talk: splitMeta(meta).talk,
      capabilities: {},
      session: session.name,
      reply: received.reply,
      caller: presenceOf(gone),
      unattended: false,
      reopen: async () => ((await this.#renew(session, received).catch(() => false)) ? peer : undefined),
      suspend: (rest) => session.suspend(rest, peer.upstream.config.call_timeout_ms),
      asked: (asked) => session.ask(asked),
    };
  }

  /** GET: what belongs to no call, or the rest of a stream that broke off. */
  async get(who: Who, http: Parameters<typeof checkAccepts>[0]): Promise<void> {
    checkAccepts(http, ['text/event-stream']);
    await listen({ shared: this.#options.shared, session: await this.#session(who) }, who);
  }

  async delete(who: Who): Promise<void> {
    const session = await this.#session(who);
    this.#sessions.delete(session.id);
    await session.end();
    who.reply.bare(200);
  }

  #sweep(): void {
    const now = this.#deps.now();
    for (const session of this.#sessions.values())
      if (!session.busy && now - session.used_at > IDLE_MS) this.#drop(session);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#sessions.values()].map((session) => session.end()));
    this.#sessions.clear();
  }
}

const NOT_OPENED = {
  error: {
    code: CODE.internal_error,
    message: 'The upstream did not open a session in a revision the gateway speaks',
  },
};
