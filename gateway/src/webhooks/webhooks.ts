/**
 * Webhooks and callbacks: what is in the log is told to the places that are configured, signed, in order per request, at
 * least once, over any crash. They tell and nothing else: what a place answers is a number that says whether it took
 * the notice, and no answer is ever read for more (I12). Every address is judged before anything leaves (A26).
 */

import { type Json, type JsonObject, parseJson } from '@countersign/core';
import type { WebhookDead, WebhookEndpoint, WebhookTried } from '@countersign/sdk';
import type { Deps } from '../deps.ts';
import type { Meter } from '../events.ts';
import { ulid } from '../ids.ts';
import { createOutgoing, type Outgoing, type OutgoingOptions } from '../outgoing/outgoing.ts';
import { DIRECT, type WayOut } from '../outgoing/way.ts';
import { readPayload } from '../payloads.ts';
import { loadRequest } from '../requests/load.ts';
import { orderOf, sentenceFor } from '../requests/views/sentence.ts';
import { type Callback, forgetCallback, noticeOf, refusalOf, register } from './callbacks.ts';
import type { Sent } from './dispatch.ts';
import { type Told as Configured, checkSecrets, keysOf, type OpenSecret } from './endpoints.ts';
import { eventOf, type Told } from './event.ts';
import { toldAt } from './gather.ts';
import { list, listDead } from './list.ts';
import { type Delivery, revive } from './rows.ts';
import { signedHeaders } from './sign.ts';
import { startTelling } from './telling.ts';

export type Webhooks = {
  list(): Promise<readonly WebhookEndpoint[]>;
  /** Newest first. Undefined: no such endpoint. */
  dead(name: string): Promise<readonly WebhookDead[] | undefined>;
  /** Everything dead of it, or one; says how many. Undefined: no such endpoint. */
  replay(name: string, leaf_index?: number): Promise<number | undefined>;
  /** Sends a notice that tells nothing, now, and says what came back. Undefined: no such webhook. */
  test(id: string): Promise<WebhookTried | undefined>;
  readonly callbacks: Callbacks;
  close(): Promise<void>;
};

export type Callbacks = {
  /** Why this agent may not be called back there; undefined when it may. */
  refusal(agent: string, endpoint: string): string | undefined;
  /** `over`: the request has ended, nobody will be called. */
  register(
    agent: string,
    request_id: string,
    callback: Callback,
  ): Promise<'registered' | 'too_many' | 'over'>;
};

export type WebhooksParts = Pick<Deps, 'store' | 'now' | 'log' | 'masking' | 'authority' | 'public_url'> & {
  readonly config: () => Configured;
  readonly secret: OpenSecret;
  readonly meter?: Pick<Meter, 'count'>;
  readonly random?: () => number;
  readonly look_every_ms?: number;
  /** Runs forward, whatever becomes of the clock. */
  readonly elapsed?: () => number;
  /** Without it: straight there. */
  readonly way?: WayOut;
  /** For tests: how names are looked up, whose certificates count. */
  readonly network?: Pick<OutgoingOptions, 'lookup' | 'ca'>;
};

/** @throws Error naming the field when a secret cannot be opened */
export async function openWebhooks(parts: WebhooksParts): Promise<Webhooks> {
  const { store, now, config } = parts;
  checkSecrets(config(), parts.secret);
  const ways = createWays(parts);
  const telling = await startTelling({
    ...parts,
    random: parts.random ?? Math.random,
    send: (delivery) => send(parts, ways, delivery),
  });
  const known = async (name: string): Promise<boolean> =>
    (await list(parts)).some((each) => each.name === name);
  return {
    list: () => list(parts),
    dead: async (name) => ((await known(name)) ? listDead(store, name) : undefined),
    async replay(name, leaf_index) {
      if (!(await known(name))) return undefined;
      const dead = await listDead(store, name);
      const count =
        leaf_index === undefined ? dead.length : dead.filter((each) => each.leaf_index === leaf_index).length;
      await store.commit({
        name: 'replay-notices',
        steps: revive(name, { now: now(), leaf_index }),
        entries: [],
      });
      telling.look();
      return count;
    },
    test: (id) => tryOut(parts, ways, id),
    callbacks: {
      refusal: (agent, endpoint) => refusalOf(own(config().callbacks, agent), agent, endpoint),
      register: (agent, request_id, callback) =>
        register(
          store,
          { agent, request_id, callback, now: now() },
          own(config().callbacks, agent)?.open_max ?? 0,
        ),
    },
    async close() {
      await telling.close();
      await ways.close();
    },
  };
}

const own = <T>(record: { readonly [id: string]: T }, id: string): T | undefined =>
  Object.hasOwn(record, id) ? record[id] : undefined;

/** One way out for each list of allowed networks: connections and judgements are never shared between lists. */
type Ways = { to(allow_networks: readonly string[]): Outgoing; close(): Promise<void> };

function createWays({ network = {}, way: out = DIRECT, now }: WebhooksParts): Ways {
  const ways = new Map<string, Outgoing>();
  return {
    to(allow_networks) {
      const key = JSON.stringify(allow_networks);
      const way = ways.get(key) ?? createOutgoing({ ...network, way: out, allow_networks, now });
      ways.set(key, way);
      return way;
    },
    async close() {
      await Promise.all([...ways.values()].map((way) => way.close()));
    },
  };
}

async function send(parts: WebhooksParts, ways: Ways, delivery: Delivery): Promise<Sent> {
  const told = await toldAt(parts.store, delivery.leaf_index);
  const [kind, id = ''] = splitName(delivery.endpoint);
  if (told === undefined) return { ok: true };
  return kind === 'callback'
    ? callBack(parts, ways, { agent: id, told })
    : notify(parts, ways, { id, told, delivery });
}

function splitName(name: string): readonly [kind: string, id: string] {
  const at = name.indexOf(':');
  return [name.slice(0, at), name.slice(at + 1)];
}

type Notify = { readonly id: string; readonly told: Told; readonly delivery: Delivery };

async function notify(parts: WebhooksParts, ways: Ways, { id, told, delivery }: Notify): Promise<Sent> {
  const config = own(parts.config().webhooks, id);
  if (config === undefined) return { ok: false, trouble: 'not configured any more' };
  const sentence = config.sentence ? await sentenceOf(parts, told) : undefined;
  const body = eventOf(told, { public_url: parts.public_url, type: delivery.type, sentence });
  return post(parts, ways.to(config.allow_networks), {
    url: config.url,
    secret: config.secret,
    field: `channels.webhooks.${id}.secret`,
    id: delivery.event_id,
    type: 'application/cloudevents+json; charset=utf-8',
    body,
  });
}

async function callBack(
  parts: WebhooksParts,
  ways: Ways,
  { agent, told }: { readonly agent: string; readonly told: Told },
): Promise<Sent> {
  const config = own(parts.config().callbacks, agent);
  if (config === undefined) return { ok: false, trouble: 'not configured any more' };
  const notice = await noticeOf(parts.store, told, parts.public_url);
  if (notice === undefined) return { ok: true };
  // What may be called may have changed since it was named.
  if (refusalOf(config, agent, notice.url) !== undefined)
    return { ok: false, trouble: `not below channels.callbacks.${agent}.to any more` };
  const sent = await post(parts, ways.to(config.allow_networks), {
    ...notice,
    secret: config.secret,
    field: `channels.callbacks.${agent}.secret`,
    id: told.event_id,
    type: 'application/json',
  });
  return sent.ok ? { ok: true, also: [forgetCallback(told.request_id ?? '')] } : sent;
}

type Post = {
  readonly url: string;
  readonly secret: string | readonly string[];
  readonly field: string;
  readonly id: string;
  readonly type: string;
  readonly body: string;
};

async function post(
  { secret: open, now }: WebhooksParts,
  way: Outgoing,
  { url, secret, field, id, type, body }: Post,
): Promise<Sent> {
  let keys: readonly Buffer[];
  try {
    keys = keysOf({ secret: typeof secret === 'string' ? secret : [...secret] }, { field, open });
  } catch (error) {
    return { ok: false, trouble: error instanceof Error ? error.message : `${field}: cannot be opened` };
  }
  const headers = {
    ...signedHeaders(body, { id, at_ms: now(), keys }),
    'content-type': type,
    'user-agent': 'countersign',
  };
  const answered = await way.post({ url, headers, body });
  if (answered.kind !== 'answered')
    return { ok: false, trouble: answered.kind === 'forbidden' ? `not sent: ${answered.why}` : answered.why };
  const { status, retry_after_ms } = answered;
  if (status >= 200 && status < 300) return { ok: true };
  const redirect = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  return {
    ok: false,
    trouble: `answered ${status}${redirect}`,
    retry_after_ms,
    ...(status === 410 ? { gone: true as const } : {}),
  };
}

/** As on a card: short values are quoted, secrets and personal data are not. Nothing of an action that was erased. */
async function sentenceOf(
  { store, masking, authority }: WebhooksParts,
  { request_id }: Told,
): Promise<string | undefined> {
  if (request_id === undefined) return undefined;
  const stored = await loadRequest(store, request_id);
  const [row] = await store.read({
    sql: 'SELECT payload_id FROM requests WHERE id = $1',
    params: [request_id],
  });
  const payload = row === undefined ? undefined : await readPayload(store, String(row['payload_id']));
  if (stored === undefined || payload === undefined) return undefined;
  const action = parseJson(payload.body) as Json as JsonObject;
  const { upstream, env } = stored.about;
  const order = orderOf(authority.current().pins, upstream, action);
  return sentenceFor(masking, stored.request.principal.agent, {
    action,
    where: { id: upstream, env, order },
  });
}

async function tryOut(parts: WebhooksParts, ways: Ways, id: string): Promise<WebhookTried | undefined> {
  const config = own(parts.config().webhooks, id);
  if (config === undefined) return undefined;
  const event_id = ulid(parts.now());
  const began = performance.now();
  const sent = await post(parts, ways.to(config.allow_networks), {
    url: config.url,
    secret: config.secret,
    field: `channels.webhooks.${id}.secret`,
    id: event_id,
    type: 'application/cloudevents+json; charset=utf-8',
    body: JSON.stringify({
      specversion: '1.0',
      id: event_id,
      source: `${parts.public_url}/log`,
      type: 'countersign.test',
      time: new Date(parts.now()).toISOString(),
      datacontenttype: 'application/json',
      data: { sentence: 'A test. Nothing happened.' },
    }),
  });
  const took_ms = Math.round(performance.now() - began);
  return sent.ok ? { taken: true, took_ms } : { taken: false, trouble: sent.trouble, took_ms };
}
