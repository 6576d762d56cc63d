/**
 * How Slack brings to the app what people do: signed requests, or envelopes over whichever connection is open. Three
 * seconds, and who clicked is told that it did not work; events come again, marked as such.
 */
import { createHmac, randomUUID } from 'node:crypto';
import type { WebSocketPeer } from './websocket.ts';

export type Kind = 'interactive' | 'slash_commands' | 'events_api';
/** `status`: of a request. `body`: what the acknowledgement carried. */
export type Delivered = {
  readonly acked: boolean;
  readonly ms: number;
  readonly status?: number;
  readonly body?: string;
};

export type Delivery = {
  deliver(kind: Kind, payload: object, retry?: Retry): Promise<Delivered>;
  /** The last one, byte for byte. */
  again(): Promise<Delivered>;
  /** As the last request went out: for those who send it themselves. */
  readonly last: () => Wire | undefined;
};
export type Retry = { readonly number: number; readonly reason: string };
export type Wire = { readonly url: string; readonly headers: Record<string, string>; readonly body: string };

export const ACK_MS = 3_000;

export const sign = (secret: string, timestamp: string, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

const PATHS = { interactive: 'interactivity', slash_commands: 'commands', events_api: 'events' } as const;

/** `url`: where the app’s requests go, without the last part. */
export function deliverOverHttp(parts: {
  readonly url: () => string;
  readonly secret: string;
  readonly now: () => number;
}): Delivery {
  let last: Wire | undefined;
  const send = async (wire: Wire): Promise<Delivered> => {
    const began = performance.now();
    try {
      const answer = await fetch(wire.url, {
        method: 'POST',
        headers: wire.headers,
        body: wire.body,
        redirect: 'error',
        signal: AbortSignal.timeout(ACK_MS),
      });
      const body = await answer.text();
      return { acked: answer.status === 200, ms: performance.now() - began, status: answer.status, body };
    } catch {
      return { acked: false, ms: performance.now() - began };
    }
  };
  return {
    last: () => last,
    deliver(kind, payload, retry) {
      const body =
        kind === 'events_api'
          ? JSON.stringify(payload)
          : kind === 'interactive'
            ? new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
            : new URLSearchParams(payload as Record<string, string>).toString();
      const timestamp = String(Math.floor(parts.now() / 1000));
      last = {
        url: `${parts.url()}/${PATHS[kind]}`,
        body,
        headers: {
          'content-type': kind === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded',
          'x-slack-request-timestamp': timestamp,
          'x-slack-signature': sign(parts.secret, timestamp, body),
          ...(retry === undefined
            ? {}
            : { 'x-slack-retry-num': String(retry.number), 'x-slack-retry-reason': retry.reason }),
        },
      };
      return send(last);
    },
    again: () => (last === undefined ? Promise.resolve({ acked: false, ms: 0 }) : send(last)),
  };
}

type Waiting = {
  readonly began: number;
  readonly done: (delivered: Delivered) => void;
  readonly timer: NodeJS.Timeout;
};

export type Sockets = Delivery & {
  /** A connection was accepted. */
  add(peer: WebSocketPeer): void;
  heard(peer: WebSocketPeer, text: string): void;
  gone(peer: WebSocketPeer): void;
  readonly peers: () => readonly WebSocketPeer[];
  /** The next envelope's connection is cut: before the app gets it, or after it acknowledged and before that arrives. */
  cutNext(when: 'before' | 'after'): void;
};

export function deliverOverSockets(): Sockets {
  const peers = new Set<WebSocketPeer>();
  const waiting = new Map<string, Waiting>();
  let turn = 0;
  let cut: 'before' | 'after' | undefined;
  let last: { readonly kind: Kind; readonly envelope: object; readonly id: string } | undefined;

  const send = (kind: Kind, envelope: object, id: string): Promise<Delivered> =>
    new Promise((done) => {
      const began = performance.now();
      const open = [...peers].filter((each) => each.open());
      // Any of the open connections may get it.
      const peer = open[turn % Math.max(1, open.length)];
      turn += 1;
      const timer = setTimeout(() => finish({ acked: false, ms: performance.now() - began }), ACK_MS);
      const finish = (delivered: Delivered): void => {
        clearTimeout(timer);
        waiting.delete(id);
        done(delivered);
      };
      waiting.set(id, { began, done: finish, timer });
      last = { kind, envelope, id };
      if (peer === undefined) return finish({ acked: false, ms: 0 });
      if (cut === 'before') {
        cut = undefined;
        peer.cut();
        return finish({ acked: false, ms: 0 });
      }
      peer.send(envelope);
    });

  return {
    add: (peer) => void peers.add(peer),
    gone: (peer) => void peers.delete(peer),
    peers: () => [...peers],
    cutNext: (when) => {
      cut = when;
    },
    heard(peer, text) {
      const { envelope_id, payload } = JSON.parse(text) as { envelope_id?: string; payload?: unknown };
      const held = envelope_id === undefined ? undefined : waiting.get(envelope_id);
      if (held === undefined) return;
      if (cut === 'after') {
        cut = undefined;
        peer.cut();
        return held.done({ acked: false, ms: performance.now() - held.began });
      }
      held.done({
        acked: true,
        ms: performance.now() - held.began,
        body: payload === undefined ? '' : JSON.stringify(payload),
      });
    },
    last: () => undefined,
    deliver(kind, payload, retry) {
      const id = randomUUID();
      const envelope = {
        envelope_id: id,
        payload,
        type: kind,
        accepts_response_payload: kind !== 'events_api',
        ...(retry === undefined ? {} : { retry_attempt: retry.number, retry_reason: retry.reason }),
      };
      return send(kind, envelope, id);
    },
    again: () =>
      last === undefined ? Promise.resolve({ acked: false, ms: 0 }) : send(last.kind, last.envelope, last.id),
  };
}
