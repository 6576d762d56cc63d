/**
 * One connection of Socket Mode. Every envelope is acknowledged at once, before the work; one that comes again is
 * acknowledged again and not worked on. A line nothing comes through any more, answers to our pings included, is dead.
 */
import { channel } from 'node:diagnostics_channel';
import { isJsonObject, type JsonObject, member, parseJson } from '@countersign/core';
import { ping, WebSocket } from 'undici';
import type { WayOut } from '../../../outgoing/way.ts';
import { type Envelope, envelopeOf, readEnvelope, type Taken } from './payloads.ts';
import { type Seen, SeenTooMuch } from './seen.ts';

const SILENT_MS_MAX = 30_000;
const MESSAGE_CHARS_MAX = 1_048_576;

export type LineParts = {
  readonly url: URL;
  readonly app_id: string;
  readonly seen: Seen;
  /** False: nothing more can be worked on now, so nothing is acknowledged, and Slack says so to whoever clicked. */
  readonly accepts: () => boolean;
  /** Called after the acknowledgement was handed to the connection. */
  readonly take: (taken: Taken) => void;
  readonly now: () => number;
  readonly way: WayOut;
  /** Slack greeted: it counts. */
  readonly ready: () => void;
  /** Slack will end it soon. It is still to be listened to. */
  readonly leaving: () => void;
  /** Called once. `says`: what an operator must know, where it is not just gone. */
  readonly ended: (says?: string) => void;
};

export type Line = {
  isLive(): boolean;
  /** It has a successor. */
  retire(): void;
  /** Asks whether it lives; ends it when it has been silent. */
  beat(): void;
  end(says?: string): void;
};

export function openLine(parts: LineParts): Line {
  const { now, way } = parts;
  const dispatcher = way.dispatcher();
  const socket = new WebSocket(parts.url, dispatcher === undefined ? {} : { dispatcher });
  let heard_at = now();
  let leaving = false;
  let over = false;

  const heard = (message: unknown): void => {
    if ((message as { readonly websocket?: WebSocket }).websocket === socket) heard_at = now();
  };
  const signs = [channel('undici:websocket:pong'), channel('undici:websocket:ping')];
  for (const sign of signs) sign.subscribe(heard);

  const end = (says?: string): void => {
    if (over) return;
    over = true;
    for (const sign of signs) sign.unsubscribe(heard);
    socket.close();
    parts.ended(says);
  };

  socket.addEventListener('message', ({ data }) => {
    heard_at = now();
    const message = !over && typeof data === 'string' ? read(data) : undefined;
    if (message === undefined) return;
    const envelope = envelopeOf(message);
    if (envelope !== undefined) receive(parts, socket, envelope);
    else if (member(message, 'type') === 'hello') greeted(parts, message, end);
    else if (member(message, 'type') === 'disconnect') {
      leaving = true;
      if (member(message, 'reason') === 'link_disabled') end(DISABLED);
      else parts.leaving();
    }
  });
  socket.addEventListener('error', () => end()); // of what kind it was, a socket does not tell
  socket.addEventListener('close', () => end());

  return {
    isLive: () => !over && !leaving && socket.readyState === WebSocket.OPEN,
    retire() {
      leaving = true;
    },
    beat() {
      if (now() - heard_at > SILENT_MS_MAX) end();
      else if (socket.readyState === WebSocket.OPEN) ping(socket);
    },
    end,
  };
}

const DISABLED = 'Socket Mode is turned off in the app’s settings; turn it on, or use signing_secret';

function greeted({ app_id, ready }: LineParts, message: JsonObject, end: Line['end']): void {
  const info = member(message, 'connection_info');
  const app = isJsonObject(info) ? member(info, 'app_id') : undefined;
  if (app === undefined || app === app_id) ready();
  else end(`app_token is of another app, ${String(app).slice(0, 24)}; app_id says ${app_id}`);
}

function receive({ seen, take, accepts }: LineParts, socket: WebSocket, envelope: Envelope): void {
  // Unanswered, it comes again elsewhere; so it must not count as seen.
  if (socket.readyState !== WebSocket.OPEN || !accepts()) return;
  let first: boolean;
  try {
    first = seen.first(envelope.id);
  } catch (error) {
    if (error instanceof SeenTooMuch) return; // not acknowledged: the person is told that it did not work
    throw error;
  }
  socket.send(JSON.stringify({ envelope_id: envelope.id }));
  const taken = first ? readEnvelope(envelope) : undefined;
  if (taken !== undefined) take(taken);
}

function read(data: string): JsonObject | undefined {
  if (data.length > MESSAGE_CHARS_MAX) return undefined;
  try {
    const message = parseJson(data);
    return isJsonObject(message) ? message : undefined;
  } catch {
    return undefined; // not acknowledged, so Slack says that it did not work
  }
}
