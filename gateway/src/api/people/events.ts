/**
 * Live change as server-sent events: one message a request change (`request`) or a broken glass (`break_glass`), after its commit. A message says that something
 * changed, never what an action holds: the page asks for that, and is authorised then. Bounded in connections, in what
 * one slow reader may queue and in what a returning reader may catch up on; over the bound it is told to look again
 * (`reset`). Ends when its session does.
 */
import type { Directory } from '@countersign/core';
import type { GlassNotice, RequestChange } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import type { BreakGlass } from '../../break-glass/break-glass.ts';
import type { Sessions } from '../../identity/sessions.ts';
import type { Requests } from '../../requests/requests.ts';
import type { Person } from '../http/doors.ts';
import { problem } from '../http/problem.ts';
import type { Door, Route } from '../http/route.ts';
import { route } from '../http/route.ts';

export type EventLimits = {
  readonly connections_max: number;
  readonly per_person_max: number;
  readonly queue_max: number;
  readonly history_max: number;
  /** How often the session is asked for again, whatever happens. */
  readonly keepalive_ms: number;
  /** How often it is looked whether people have changed: a pointer is compared. */
  readonly people_ms: number;
};
export const EVENT_LIMITS: EventLimits = {
  connections_max: 1000,
  per_person_max: 20,
  queue_max: 256,
  history_max: 1024,
  keepalive_ms: 5_000,
  people_ms: 250,
};

export type Feed = {
  readonly route: Route;
  /** How many are connected. */
  connected(): number;
  /** Ends every connection and the subscription. */
  close(): void;
};

export type FeedPorts = {
  readonly requests: Pick<Requests, 'subscribe'>;
  readonly breakGlass: Pick<BreakGlass, 'subscribe'>;
  readonly sessions: Pick<Sessions, 'authenticate' | 'onEnded'>;
  readonly directory: () => Directory;
  readonly now: () => number;
};

export function createFeed(ports: FeedPorts, door: Door<Person>, limits: EventLimits = EVENT_LIMITS): Feed {
  const readers = new Set<Reader>();
  const history = createHistory(ports.now().toString(36), limits.history_max);
  const tell = (event: 'request' | 'break_glass', what: RequestChange | GlassNotice): void => {
    const message = history.add(event, what);
    for (const reader of readers) reader.write(message);
  };
  const unsubscribe = [
    ports.requests.subscribe((change) => tell('request', change)),
    ports.breakGlass.subscribe((notice) => tell('break_glass', notice)),
  ];
  // Whoever lost their session, or their place here, sees nothing more: told at once, not at the next keepalive.
  const lookAgain = (): void => {
    for (const reader of readers) reader.check();
  };
  const stopListening = ports.sessions.onEnded(lookAgain);
  let people = ports.directory();
  const watching = setInterval(() => {
    const now = ports.directory();
    if (now === people) return;
    people = now;
    lookAgain();
  }, limits.people_ms);
  watching.unref();
  const open = (caller: Person, last_event_id: string | null): ReadableStream<Uint8Array> => {
    const live = async (): Promise<boolean> =>
      (await ports.sessions.authenticate(caller.token)) !== undefined;
    const reader = createReader({
      person: caller.person.id,
      limits,
      live,
      ended: () => readers.delete(reader),
    });
    readers.add(reader);
    for (const message of history.since(last_event_id)) reader.write(message);
    return reader.stream;
  };
  const tooMany = (person: string): boolean =>
    readers.size >= limits.connections_max ||
    [...readers].filter((reader) => reader.person === person).length >= limits.per_person_max;
  return {
    route: eventRoute(door, { open, tooMany }),
    connected: () => readers.size,
    close() {
      for (const stop of unsubscribe) stop();
      stopListening();
      clearInterval(watching);
      for (const reader of [...readers]) reader.end();
    },
  };
}

type Opening = {
  readonly open: (caller: Person, last_event_id: string | null) => ReadableStream<Uint8Array>;
  readonly tooMany: (person: string) => boolean;
};

const eventRoute = (door: Door<Person>, { open, tooMany }: Opening): Route =>
  route(
    {
      id: 'watchRequests',
      method: 'get',
      path: '/api/events',
      summary: 'Request changes and broken glass as server-sent events; resumes by Last-Event-ID',
      tag: 'requests',
      door,
      answer: z.string(),
      media_type: 'text/event-stream',
    },
    async ({ caller, incoming }) => {
      if (tooMany(caller.person.id)) {
        return problem('too_many_requests', 'too many open event streams; close one or retry later', {
          retry_after_s: 5,
        });
      }
      const headers = {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      };
      return new Response(open(caller, incoming.request.headers.get('last-event-id')), { headers });
    },
  );

/** The last changes, numbered. Ids name the run of the gateway: after a restart nobody resumes another history. */
function createHistory(run: string, history_max: number) {
  const kept: { readonly id: number; readonly message: string }[] = [];
  let last = 0;
  return {
    add(event: string, what: RequestChange | GlassNotice): string {
      last += 1;
      const message = `id: ${run}-${last}\nevent: ${event}\ndata: ${JSON.stringify(what)}\n\n`;
      kept.push({ id: last, message });
      if (kept.length > history_max) kept.shift();
      return message;
    },
    /** What a reader gets first: the place it is at now, then what it missed, or that it must look again. */
    since(last_event_id: string | null): readonly string[] {
      const hello = `retry: 2000\nid: ${run}-${last}\nevent: hello\ndata: {}\n\n`;
      if (last_event_id === null) return [hello];
      const [, from, id] = /^([0-9a-z]+)-(\d{1,15})$/.exec(last_event_id) ?? [];
      const first = kept[0]?.id ?? last + 1;
      const known = from === run && Number(id) >= first - 1 && Number(id) <= last;
      if (!known) return [hello, 'event: reset\ndata: {}\n\n'];
      const missed = kept.filter((each) => each.id > Number(id)).map(({ message }) => message);
      return ['retry: 2000\nevent: hello\ndata: {}\n\n', ...missed];
    },
  };
}

type Reader = {
  readonly person: string;
  readonly stream: ReadableStream<Uint8Array>;
  write(message: string): void;
  /** Ends it if its session has. */
  check(): void;
  end(): void;
};
type ReaderDeps = {
  readonly person: string;
  readonly limits: EventLimits;
  readonly live: () => Promise<boolean>;
  readonly ended: () => void;
};

function createReader({ person, limits, live, ended }: ReaderDeps): Reader {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stop = (): void => {
    clearInterval(keepalive);
    controller = undefined;
    ended();
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      cancel: stop,
    },
    { highWaterMark: limits.queue_max },
  );
  const end = (): void => {
    controller?.close();
    stop();
  };
  const write = (message: string): void => {
    if (controller === undefined) return;
    // A reader that does not keep up is let go; it comes back and is told what it missed, or to look again.
    if ((controller.desiredSize ?? 0) <= 0) end();
    else controller.enqueue(encoder.encode(message));
  };
  // Signing out, or being made inactive, ends the stream too. If the session cannot be asked for, the answer is no.
  const check = async (): Promise<boolean> => {
    const still = await live().catch(() => false);
    if (!still) end();
    return still;
  };
  const keepalive = setInterval(
    () => void check().then((still) => (still ? write(': keepalive\n\n') : undefined)),
    limits.keepalive_ms,
  );
  keepalive.unref();
  return { person, stream, write, check: () => void check(), end };
}
