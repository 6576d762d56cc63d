/** An activity Bot Framework vouched for, as what it means here. What it does not say in so many words, it does not mean. */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import { VERBS, type Verb } from '../verbs.ts';

/** Who wrote or pressed: the service’s ids. `name` is what it calls them, and names nobody here. */
export type From = { readonly id: string; readonly object_id: string; readonly name: string };

export type Where = {
  readonly service: string;
  readonly conversation: string;
  /** Only `personal` is between one person and the bot. */
  readonly scope: 'personal' | 'groupchat' | 'channel';
  /** The channel itself, without its thread: what a configuration names. */
  readonly place: string;
  /** The team of a channel: some channels have no roster but its. */
  readonly team?: string;
};

export type Click = {
  readonly verb: Verb;
  readonly card_id: string;
  readonly version: number;
  readonly reason?: string;
  /** The client asked by itself: nobody pressed anything. */
  readonly automatic: boolean;
};

export type Inbound = {
  readonly id: string;
  readonly where: Where;
  readonly from: From;
} & (
  | { readonly kind: 'click'; readonly click: Click }
  /** A click that cannot be made out. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'message'; readonly text: string }
  /** What older clients send for a button: it carries no say here. */
  | { readonly kind: 'submitted' }
  | { readonly kind: 'added' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'other'; readonly invoke: boolean }
);

export type Expected = { readonly app_id: string; readonly tenant: string; readonly service: string };

const TEXT_MAX = 4_000;
const ID_MAX = 512;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A sentence that says why it is not taken, for the log. */
export function readActivity(activity: JsonObject, { app_id, tenant, service }: Expected): Inbound | string {
  const conversation = objectIn(activity, 'conversation');
  const tenants = [objectIn(objectIn(activity, 'channelData'), 'tenant')['id'], conversation['tenantId']];
  // The one Teams always says; the other, where it says it, is the same.
  if (!tenants.every((said, at) => (said === undefined && at === 1) || isSame(said, tenant)))
    return 'of another tenant';
  if (!isSame(objectIn(activity, 'recipient')['id'], `28:${app_id}`)) return 'for another bot';
  const where = readWhere(activity, service);
  if (where === undefined) return 'in no conversation';
  const { id, type } = activity;
  const from = readFrom(objectIn(activity, 'from'));
  if (from === undefined)
    return type === 'conversationUpdate' ? 'from nobody in particular' : 'from nobody of this directory';
  const head = { id: typeof id === 'string' ? id.slice(0, ID_MAX) : '', where, from };
  switch (type) {
    case 'invoke':
      if (activity['name'] !== 'adaptiveCard/action') return { ...head, kind: 'other', invoke: true };
      return readClick(objectIn(activity, 'value'), head);
    case 'message': {
      if (activity['value'] !== undefined && activity['value'] !== null)
        return { ...head, kind: 'submitted' };
      return { ...head, kind: 'message', text: wordsOf(activity, app_id) };
    }
    case 'conversationUpdate':
      if (hasBot(activity['membersAdded'], app_id)) return { ...head, kind: 'added' };
      if (hasBot(activity['membersRemoved'], app_id)) return { ...head, kind: 'removed' };
      return { ...head, kind: 'other', invoke: false };
    default:
      return { ...head, kind: 'other', invoke: false };
  }
}

function readWhere(activity: JsonObject, service: string): Where | undefined {
  const { id, conversationType } = objectIn(activity, 'conversation');
  if (typeof id !== 'string' || id === '' || id.length > ID_MAX) return undefined;
  const type = typeof conversationType === 'string' ? conversationType.toLowerCase() : '';
  const scope = type === 'personal' ? 'personal' : type === 'channel' ? 'channel' : 'groupchat';
  const { id: team } = objectIn(objectIn(activity, 'channelData'), 'team');
  return {
    service,
    conversation: id,
    scope,
    place: id.replace(/;messageid=\d+$/, ''),
    ...(scope === 'channel' && typeof team === 'string' && team.length <= ID_MAX ? { team } : {}),
  };
}

function readFrom({ id, aadObjectId, name }: JsonObject): From | undefined {
  if (typeof id !== 'string' || !id.startsWith('29:') || id.length > ID_MAX) return undefined;
  if (typeof aadObjectId !== 'string' || !GUID.test(aadObjectId)) return undefined;
  return {
    id,
    object_id: aadObjectId.toLowerCase(),
    name: typeof name === 'string' ? name.slice(0, 200) : '',
  };
}

type Head = { readonly id: string; readonly where: Where; readonly from: From };

function readClick(value: JsonObject, head: Head): Inbound {
  const action = objectIn(value, 'action');
  const { c, v, reason } = objectIn(action, 'data');
  const verb = VERBS.find((each) => each === action['verb']);
  const sound =
    action['type'] === 'Action.Execute' &&
    verb !== undefined &&
    typeof c === 'string' &&
    c.length <= 64 &&
    typeof v === 'number' &&
    Number.isSafeInteger(v) &&
    (reason === undefined || typeof reason === 'string');
  if (!sound) return { ...head, kind: 'unreadable' };
  const said = typeof reason === 'string' ? reason.trim().slice(0, TEXT_MAX) : '';
  const click: Click = {
    verb,
    card_id: c,
    version: v,
    ...(said === '' ? {} : { reason: said }),
    automatic: value['trigger'] === 'automatic',
  };
  return { ...head, kind: 'click', click };
}

/** The words without the bot’s own mention, which Teams writes as `<at>…</at>`. */
function wordsOf(activity: JsonObject, app_id: string): string {
  let text = typeof activity['text'] === 'string' ? activity['text'].slice(0, TEXT_MAX) : '';
  const { entities } = activity;
  for (const entity of Array.isArray(entities) ? (entities as readonly Json[]).slice(0, 50) : []) {
    if (!isJsonObject(entity) || entity['type'] !== 'mention') continue;
    if (!isSame(objectIn(entity, 'mentioned')['id'], `28:${app_id}`)) continue;
    if (typeof entity['text'] === 'string' && entity['text'] !== '')
      text = text.replaceAll(entity['text'], ' ');
  }
  return text.replace(/\s+/g, ' ').trim();
}

const hasBot = (members: Json | undefined, app_id: string): boolean =>
  Array.isArray(members) &&
  (members as readonly Json[]).some((each) => isJsonObject(each) && isSame(each['id'], `28:${app_id}`));

const isSame = (said: Json | undefined, expected: string): boolean =>
  typeof said === 'string' && said.toLowerCase() === expected;

function objectIn(from: JsonObject, key: string): JsonObject {
  const value = from[key];
  return value !== undefined && isJsonObject(value) ? value : {};
}
