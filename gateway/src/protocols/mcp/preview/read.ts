/**
 * One read for a preview, over a connection of its own that no agent has: opened under the preview's permit, asked for
 * its tools first – a tool that is no longer what was accepted is not called (A9) – then for the one call, and closed.
 * Nothing the upstream asks meanwhile is answered. It must never send anything but that call.
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '@countersign/core';
import type { PreviewPermit, PreviewRead } from '../../../previews/previewer.ts';
import type { Upstream } from '../binding.ts';
import type { Links } from '../callers/opening.ts';
import type { Peer, Shared } from '../calls/call.ts';
import { fetchPage, ownId } from '../calls/page.ts';
import { decline } from '../calls/run.ts';
import type { Era, Eras } from '../era.ts';
import { Catalog, type Generation } from '../tools/catalog.ts';
import type { AcceptedPin } from '../tools/pins.ts';
import { CAUSES, type Ending, type Link } from '../upstream/link.ts';
import { isLegacyVersion, LEGACY, META, MODERN, mirroredParams, modernHeaders } from '../wire/headers.ts';
import { type Notification, type Request, writeMessage } from '../wire/message.ts';

export type Reading = {
  readonly shared: Shared;
  readonly links: Links;
  readonly eras: Eras;
  readonly generation: (upstream: string) => Generation;
  readonly upstream: Upstream;
  readonly accepted: AcceptedPin;
  readonly args: JsonObject;
};

/** What the upstream may send in all: its list of tools, and an answer no longer than can be shown. */
const BYTES_MAX = 8_388_608;
const ABOUT_US = { name: 'countersign', version: '0' } as const;

export async function readOnce(
  reading: Reading,
  permit: PreviewPermit,
  signal: AbortSignal,
): Promise<PreviewRead> {
  const upstream = bounded(reading.upstream);
  let link: Link;
  try {
    link = reading.links.open(upstream, permit, undefined);
  } catch {
    // Said in the gateway's log, or the places are taken.
    return unread('the upstream could not be opened');
  }
  const hangUp = (): void => void link.close().catch(() => undefined);
  signal.addEventListener('abort', hangUp, { once: true });
  try {
    return await overLink({ ...reading, upstream }, link, signal);
  } catch (error) {
    reading.shared.deps.log.warn(
      { upstream: upstream.id, error: String(error) },
      'a preview could not be read',
    );
    return unread('the upstream could not be asked');
  } finally {
    signal.removeEventListener('abort', hangUp);
    hangUp();
  }
}

const unread = (why: string): PreviewRead => ({ kind: 'failed', why, sent: false });

function bounded(upstream: Upstream): Upstream {
  const { config } = upstream;
  return {
    ...upstream,
    config: { ...config, answer_bytes_max: Math.min(config.answer_bytes_max, BYTES_MAX) },
  };
}

async function overLink(reading: Reading, link: Link, signal: AbortSignal): Promise<PreviewRead> {
  const { shared, upstream, accepted } = reading;
  const era = await greet(reading, link, signal);
  if (typeof era !== 'string') return unread(signal.aborted ? late(signal) : era.why);
  const peer = { upstream, era, link };
  const talk = era === 'modern' ? ENVELOPE : {};
  const catalog = new Catalog({
    upstream: upstream.id,
    pins: shared.deps.pins,
    generation: reading.generation(upstream.id),
    now: shared.deps.now,
  });
  const name = String(accepted.definition['name']);
  const tool = await catalog.find(name, fetchPage({ peer, talk, shared }));
  if (signal.aborted) return unread(late(signal));
  if (tool === undefined) return unread('the upstream did not say which tools it has');
  if (tool.kind !== 'accepted' || tool.accepted.pin !== accepted.pin)
    return unread('the tool that reads is no longer what was accepted');
  const ending = await link.request(
    outgoing(reading, { era, name, talk }),
    { message: declining(peer) },
    signal,
  );
  return readFrom(ending, signal);
}

const ENVELOPE: JsonObject = {
  [`${META}protocolVersion`]: MODERN,
  [`${META}clientCapabilities`]: {},
  [`${META}clientInfo`]: ABOUT_US,
};

type Call = { readonly era: Era; readonly name: string; readonly talk: JsonObject };

function outgoing({ shared, accepted, args }: Reading, { era, name, talk }: Call) {
  const params: JsonObject = {
    name,
    arguments: args,
    ...(era === 'modern' ? { _meta: talk } : {}),
  };
  const message: Request = { kind: 'request', id: ownId(shared), method: 'tools/call', params };
  const mirrored = mirroredParams(accepted.definition['inputSchema']);
  const headers = era === 'modern' ? modernHeaders(message.method, params, mirrored) : {};
  return { message, text: writeMessage(message), headers };
}

const declining =
  (peer: Pick<Peer, 'link'>) =>
  ({ message }: { readonly message: Request | Notification }): void => {
    if (message.kind === 'request') decline(peer, message);
  };

/** The revision that is spoken from here, or why none is. Older servers are many, so they are greeted first. */
async function greet(
  { shared, eras, upstream }: Reading,
  link: Link,
  signal: AbortSignal,
): Promise<Era | { readonly why: string }> {
  if (eras.known(upstream) === 'modern') return 'modern';
  const params: JsonObject = { protocolVersion: LEGACY[0], capabilities: {}, clientInfo: ABOUT_US };
  const message: Request = { kind: 'request', id: ownId(shared), method: 'initialize', params };
  const ending = await link.request({ message, text: writeMessage(message), headers: {} }, {}, signal);
  const version = versionIn(ending);
  if (ending.kind === 'answered' && version !== undefined) {
    link.session(ending.headers['mcp-session-id'], version);
    const ready: Notification = { kind: 'notification', method: 'notifications/initialized', params: {} };
    await link.post({ message: ready, text: writeMessage(ready), headers: {} });
    return 'legacy';
  }
  if (ending.kind === 'lost') return { why: CAUSES[ending.cause] };
  if (ending.kind === 'refused' && ending.cause === 'credential_refused')
    return { why: CAUSES[ending.cause] };
  const era = await eras.probe(upstream, link);
  return era === 'modern' ? era : { why: 'the upstream did not open a session' };
}

function versionIn(ending: Ending): string | undefined {
  const result = ending.kind === 'answered' ? ending.answer.message.result : undefined;
  const version = result !== undefined && isJsonObject(result) ? result['protocolVersion'] : undefined;
  return typeof version === 'string' && isLegacyVersion(version) ? version : undefined;
}

const late = ({ reason }: AbortSignal): string =>
  reason instanceof DOMException && reason.name === 'TimeoutError'
    ? 'it took longer than a preview may take'
    : 'the gateway stopped before it was done';

function readFrom(ending: Ending, signal: AbortSignal): PreviewRead {
  switch (ending.kind) {
    case 'lost':
      return { kind: 'failed', why: signal.aborted ? late(signal) : CAUSES[ending.cause], sent: ending.sent };
    case 'refused':
      return { kind: 'failed', why: CAUSES[ending.cause], sent: true };
    case 'suspended':
      return { kind: 'failed', why: CAUSES.broke_off, sent: true };
    case 'answered': {
      const { error, result } = ending.answer.message;
      if (error !== undefined)
        return {
          kind: 'failed',
          why: ERRED,
          sent: true,
          ...saying(isJsonObject(error) ? error['message'] : undefined),
        };
      return textIn(result);
    }
  }
}

const ERRED = 'the upstream answered the read with an error';
const saying = (said: Json | undefined): { readonly said: string } => ({
  said: typeof said === 'string' ? said : '',
});

function textIn(result: Json | undefined): PreviewRead {
  if (result === undefined || !isJsonObject(result)) return other();
  const { content, isError } = result;
  const parts = content !== undefined && isJsonArray(content) ? content.map(textOf) : [];
  const text = parts.filter((part) => part !== undefined).join('\n');
  if (isError === true) return { kind: 'failed', why: ERRED, sent: true, said: text };
  // What is not text would be left out, and the rest would pass for all of it (A4).
  return parts.length === 0 || parts.includes(undefined) ? other() : { kind: 'read', text };
}

const other = (): PreviewRead => ({
  kind: 'failed',
  why: 'the upstream answered the read with something that is not text',
  said: '',
  sent: true,
});

const textOf = (part: Json): string | undefined =>
  isJsonObject(part) && part['type'] === 'text' && typeof part['text'] === 'string'
    ? part['text']
    : undefined;
