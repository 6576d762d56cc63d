/**
 * SCIM 2.0 (RFC 7643, 7644) at `/scim/v2`: identity providers push people and groups. Its own door, for its own kind of
 * token: nothing here reads a request, reviews or acts, and no other credential opens it (I12). What is pushed is decided
 * upon in `identity/scim`; here it is read strictly, bounded, and answered.
 */
import { type Json, JsonError, parseJson } from '@countersign/core';
import { busy, refused, ScimFailure } from '../../identity/scim/failure.ts';
import type { Provisioning } from '../../identity/scim/provisioning.ts';
import { createRateLimit } from '../../limits/rate.ts';
import { readBytes } from '../http/body.ts';
import { Problem } from '../http/problem.ts';
import { answer, brokenAnswer, failureAnswer, listAnswer } from './answers.ts';
import { resourceTypes, schemas, serviceProviderConfig } from './discovery.ts';
import { createEndpoint, type Endpoint, notThatMethod } from './endpoint.ts';
import { GROUPS, USERS } from './resources.ts';

export type ScimOptions = {
  readonly public_url: string;
  readonly now: () => number;
  readonly onError?: (error: unknown, where: string) => void;
  /** A refused credential: for the operator's log, at most a few a minute. */
  readonly onRefused?: (why: string) => void;
};

export type Scim = {
  /** For every request below {@link SCIM_PATH}. */
  answer(request: Request): Promise<Response>;
};

export const SCIM_PATH = '/scim/v2';
const BODY = { bytes_max: 4_194_304, depth_max: 16 };
const REFUSALS_SAID = { burst: 10, per_second: 1 / 6, keys_max: 1 };

export function createScim(provisioning: Provisioning, options: ScimOptions): Scim {
  const base = `${options.public_url}${SCIM_PATH}`;
  const rates = createRateLimit({ burst: 1, per_second: 1, keys_max: 64 }, options.now);
  const said = createRateLimit(REFUSALS_SAID, options.now);
  const endpoints: { readonly [name: string]: Endpoint } = {
    Users: createEndpoint(USERS, provisioning.users, base),
    Groups: createEndpoint(GROUPS, provisioning.groups, base),
  };
  const enter = (request: Request): string => {
    const token = bearer(request);
    const shown = token === undefined ? { reason: 'unknown' as const } : provisioning.admit(token);
    if ('provider' in shown) return shown.provider;
    if (said.take('refused') === 0) options.onRefused?.(shown.reason);
    throw new ScimFailure(401, REFUSED[shown.reason], { headers: CHALLENGE });
  };
  const pace = (provider: string): void => {
    const a_minute = provisioning.requestsPerMinute(provider);
    const wait_s = rates.take(provider, { burst: a_minute, per_second: a_minute / 60 });
    if (wait_s > 0) throw busy('more requests than requests_per_minute; try again later', wait_s);
  };
  const run = async (request: Request): Promise<Response> => {
    const provider = enter(request);
    pace(provider);
    const url = new URL(request.url);
    const [place = '', id, ...more] = pathOf(url);
    const asked = { provider, request, url, body: () => readBody(request) };
    const endpoint = Object.hasOwn(endpoints, place) ? endpoints[place] : undefined;
    if (endpoint !== undefined && more.length === 0)
      return id === undefined ? endpoint.all(asked) : endpoint.one(asked, id);
    return about(place, { id, more, base, method: request.method });
  };
  return {
    async answer(request) {
      try {
        return await run(request);
      } catch (error) {
        if (error instanceof ScimFailure) return failureAnswer(error);
        options.onError?.(error, `${request.method} ${SCIM_PATH}`);
        return brokenAnswer(error);
      }
    },
  };
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="countersign scim"' };
const REFUSED = {
  unknown: 'Authorization: send "Bearer" and a token made with `countersign scim new-token`',
  wrong_kind:
    'Authorization: this is an agent’s or a person’s credential; /scim/v2 takes a provider’s token (cs_scim_…)',
  expired: 'Authorization: the token has expired; make a new one with `countersign scim new-token`',
} as const;

function bearer(request: Request): string | undefined {
  const [, token] = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  return token;
}

/** Below `/scim/v2`; an id in it is decoded, and one that cannot be is no id of ours. */
function pathOf(url: URL): readonly string[] {
  try {
    return url.pathname.slice(SCIM_PATH.length).split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    throw new ScimFailure(404, 'there is nothing at this path'); // The URIError would repeat the path.
  }
}

async function readBody(request: Request): Promise<Json> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(scim\+)?json\s*(;\s*charset=("?)utf-8\3\s*)?$/i.test(type))
    throw new ScimFailure(415, 'send the body as content-type: application/scim+json (UTF-8)');
  const bytes = await readBytes(request, BODY.bytes_max);
  if (bytes instanceof Problem)
    throw new ScimFailure(413, `body: at most ${BODY.bytes_max} bytes`, { headers: { connection: 'close' } });
  try {
    return parseJson(bytes, BODY);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw refused('invalidSyntax', `body: ${error.message}`);
  }
}

type About = {
  readonly id: string | undefined;
  readonly more: readonly string[];
  readonly base: string;
  readonly method: string;
};

/** What the server says of itself; and what it does not do, by name. */
function about(place: string, { id, more, base, method }: About): Response {
  if (place === 'Me' || place === 'Bulk')
    throw new ScimFailure(501, `/${place} is not offered; see /ServiceProviderConfig`);
  const lists = { ResourceTypes: resourceTypes(base), Schemas: schemas(base) };
  const known = place === 'ServiceProviderConfig' || Object.hasOwn(lists, place);
  if (!known || more.length > 0) throw new ScimFailure(404, 'there is nothing at this path');
  if (method !== 'GET') throw notThatMethod('GET');
  if (place === 'ServiceProviderConfig') return answer(200, serviceProviderConfig(base));
  const all = lists[place as keyof typeof lists];
  if (id === undefined) return listAnswer({ resources: all, total: all.length, start: 1 });
  const found = all.find((each) => each['id'] === id);
  if (found === undefined) throw new ScimFailure(404, 'there is nothing at this path');
  return answer(200, found);
}
