/** What may be shown of an action that was stored: secrets out first, everything else made of what is left (I7). */
import { createHmac } from 'node:crypto';
import {
  hideRedacted,
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  type Redactions,
} from '@countersign/core';
import type { ShownRedaction } from '@countersign/sdk';
import type { Deps } from '../deps.ts';
import { orderOf, sentenceFor } from '../requests/views/sentence.ts';
import type { Store, Value } from '../store/store.ts';
import { document } from './index/words.ts';
import type { Question } from './told.ts';

/** A larger action is not read for its words: it is found by its names. */
export const BODY_CHARACTERS_MAX = 64 * 1024;

export type Glimpse = {
  readonly sentence: string;
  readonly words: string;
  readonly shape: string;
  readonly same: string;
};

type Named = Pick<
  Question,
  'agent' | 'subject' | 'owner' | 'team' | 'upstream' | 'env' | 'action' | 'resource'
>;

export const nameWords = (named: Named): string => {
  const { agent, subject, owner, team, upstream, env, action, resource } = named;
  return document([agent, subject, owner, team, upstream, env, action, resource]);
};

/** Of a call whose action was never kept, is too large, or is gone. */
export function glimpseOfNames(deps: Pick<Deps, 'installation_key'>, named: Named, why = ''): Glimpse {
  const { action, resource, upstream } = named;
  return {
    sentence: `${action} ${resource} on ${upstream}${why}`,
    words: nameWords(named),
    shape: shapeOf(deps, named, undefined),
    same: '',
  };
}

export function glimpseOf(
  deps: Pick<Deps, 'masking' | 'installation_key' | 'authority'>,
  named: Named,
  { body, claim }: { readonly body: string; readonly claim: string | undefined },
): Glimpse {
  const action = parseJson(body) as JsonObject;
  const hidden = deps.masking.redactions(action);
  const { value } = hideRedacted(action, hidden);
  const { context } = value as { readonly context?: Json };
  const shown = isJsonObject(context) ? [context['arguments'], context['params'], context['context']] : [];
  const said = claim === undefined ? [] : [deps.masking.text(claim)];
  const order = orderOf(deps.authority.current().pins, named.upstream, action);
  const where = { id: named.upstream, env: named.env, order };
  return {
    sentence: sentenceFor(deps.masking, named.agent, { action, where }),
    words: document([nameWords(named), ...shown.filter((each) => each !== undefined), ...said]),
    shape: shapeOf(deps, named, isJsonObject(context) ? context['arguments'] : undefined),
    same: keyed(deps, 'same', body),
  };
}

/** Keyed, so that nothing can be tried against it by who reads it. */
const keyed = ({ installation_key }: Pick<Deps, 'installation_key'>, kind: string, text: string): string =>
  createHmac('sha256', installation_key).update(`history:${kind}\n${text}`).digest('hex').slice(0, 32);

function shapeOf(
  deps: Pick<Deps, 'installation_key'>,
  { upstream, action, resource }: Named,
  args: Json | undefined,
): string {
  const names = isJsonObject(args) ? Object.keys(args).sort() : null;
  return keyed(deps, 'shape', JSON.stringify([upstream, action, resource, names]));
}

export type Shown = {
  readonly shown_action: JsonObject;
  readonly redactions: readonly ShownRedaction[];
};

/** A whole stored action as it may leave. */
export async function shownOf(deps: Deps, body: string, viewer: string): Promise<Shown> {
  const action = parseJson(body) as JsonObject;
  const hidden: Redactions = await deps.masking.redactionsApart(action, viewer);
  const { value, redactions } = hideRedacted(action, hidden);
  return {
    shown_action: value as JsonObject,
    redactions: [...redactions].flatMap(([pointer, list]) => list.map((each) => ({ ...each, pointer }))),
  };
}

/** `IN (…)` over a list, in one of few lengths, so that few statements are kept. */
export function inList(
  values: readonly Value[],
  after = 0,
): { readonly sql: string; readonly params: readonly Value[] } {
  const length = [8, 32, 128, 512].find((each) => each >= values.length);
  if (length === undefined) throw new RangeError(`${values.length} is more than a list may have`);
  const params = Array.from({ length }, (_, at) => values[Math.min(at, values.length - 1)] ?? null);
  return { sql: `IN (${params.map((_, at) => `$${after + at + 1}`).join(', ')})`, params };
}

/** Bodies by id, of what was kept and not erased. */
export async function bodiesOf(
  store: Store,
  ids: readonly string[],
  characters_max = Number.MAX_SAFE_INTEGER,
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const list = inList(ids, 1);
  const rows = await store.read({
    sql: `SELECT id, body FROM payloads WHERE erased_at IS NULL AND LENGTH(body) <= $1 AND id ${list.sql}`,
    params: [characters_max, ...list.params],
  });
  return new Map(rows.map((row) => [String(row['id']), String(row['body'])]));
}
