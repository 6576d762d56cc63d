/**
 * One API operation as data — who may call it, what it takes, what it answers — and the one way every operation runs:
 * door, body, shape, idempotency, handler, answer. OpenAPI is made from the same lines. A handler sees only validated
 * input and a caller its door let in; what leaves is cut to the declared shape (I7).
 */
import { createHash } from 'node:crypto';
import type { z } from '@hono/zod-openapi';
import type { Idempotency, KeptAnswer, KeyUse } from '../ports.ts';
import { type BodyLimits, isJson, match, parseBody, readBytes } from './body.ts';
import { Problem, problem } from './problem.ts';

export type Incoming = {
  readonly request: Request;
  readonly url: URL;
  readonly params: { readonly [name: string]: string };
  /** Network of the other end of the connection, for rate limits only. */
  readonly remote: string;
};

/** Lets a caller in, or says why not. `principal` owns idempotency keys; undefined where there is none. */
export type Door<C> = {
  readonly name: 'public' | 'person' | 'agent' | 'ticketing';
  enter(incoming: Incoming): Promise<Entered<C> | Problem>;
};
export type Entered<C> = { readonly caller: C; readonly principal: string | undefined };

type Asked<C, P, Q, B> = {
  readonly caller: C;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly incoming: Incoming;
};

/** An answer that is more than 200 and a value. */
export class Reply<R> {
  readonly value: R;
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  constructor(value: R, status: number, headers: { readonly [name: string]: string } = {}) {
    this.value = value;
    this.status = status;
    this.headers = headers;
  }
}

export type Method = 'get' | 'post' | 'delete';
type Operation<C, P, Q, B, R> = {
  /** `operationId`, and the name of the client's method. */
  readonly id: string;
  readonly method: Method;
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly door: Door<C>;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  readonly answer: z.ZodType<R>;
  /** Statuses besides 200 a success may have. */
  readonly success?: readonly number[];
  /** For answers that are not JSON. */
  readonly media_type?: string;
  /** POSTs remember their answer under an `Idempotency-Key` unless this says false (answers that carry secrets). */
  readonly keep?: false;
  readonly conflict?: () => Problem;
};

export type Route = {
  readonly spec: Operation<unknown, unknown, unknown, unknown, unknown>;
  run(incoming: Incoming, serving: Serving): Promise<Response>;
};
export type Serving = { readonly limits: BodyLimits; readonly idempotency: Idempotency };
type Answered<R> = R | Reply<R> | Response | Problem;

export function route<C, P = unknown, Q = unknown, B = unknown, R = unknown>(
  spec: Operation<C, P, Q, B, R>,
  handle: (asked: Asked<C, P, Q, B>) => Promise<Answered<R>>,
): Route {
  const run = async (incoming: Incoming, serving: Serving): Promise<Response> => {
    const entered = await spec.door.enter(incoming);
    if (entered instanceof Problem) return entered.response();
    const input = await readInput(spec, incoming, serving.limits);
    if (input instanceof Problem) return input.response();
    const answer = async (): Promise<Response> =>
      toResponse(spec.answer, await handle({ ...input.value, caller: entered.caller, incoming }));
    const key = keyUse(spec, incoming, { principal: entered.principal, bytes: input.bytes });
    if (key instanceof Problem) return key.response();
    return key === undefined
      ? answer()
      : once({ key, answer, keys: serving.idempotency, conflict: spec.conflict });
  };
  // The erasure is sound: `run` closes over the typed operation, and nobody calls a handler but `run`.
  return { spec: spec as unknown as Route['spec'], run };
}

type Input<P, Q, B> = {
  readonly value: { readonly params: P; readonly query: Q; readonly body: B };
  readonly bytes: Uint8Array;
};

async function readInput<C, P, Q, B, R>(
  spec: Operation<C, P, Q, B, R>,
  incoming: Incoming,
  limits: BodyLimits,
): Promise<Input<P, Q, B> | Problem> {
  const params = shaped(spec.params, incoming.params, 'path');
  if (params instanceof Problem) return params;
  const query = shaped(spec.query, queryOf(incoming.url), 'query');
  if (query instanceof Problem) return query;
  const bytes = await readBytes(incoming.request, spec.body === undefined ? 0 : limits.bytes_max);
  if (bytes instanceof Problem) return bytes;
  if (spec.body !== undefined && !isJson(incoming.request)) {
    return problem('unsupported_media_type', 'send the body as content-type: application/json (UTF-8)');
  }
  const parsed = spec.body === undefined ? { value: undefined } : parseBody(bytes, limits);
  if (parsed instanceof Problem) return parsed;
  const body = shaped(spec.body, parsed.value, 'body');
  if (body instanceof Problem) return body;
  return { value: { params: params.value, query: query.value, body: body.value }, bytes };
}

function shaped<T>(
  schema: z.ZodType<T> | undefined,
  value: unknown,
  where: 'body' | 'query' | 'path',
): { readonly value: T } | Problem {
  if (schema !== undefined) return match(schema, value, where);
  if (where === 'query' && Object.keys(value as object).length > 0) {
    return problem('invalid_request', 'query: this operation takes no query parameters', { field: 'query' });
  }
  return { value: undefined as T };
}

/** Each parameter once; a repeated one becomes a list, which no schema takes. */
function queryOf(url: URL): { readonly [name: string]: string | readonly string[] } {
  const names = [...new Set(url.searchParams.keys())];
  const all = names.map((name) => [name, url.searchParams.getAll(name)] as const);
  return Object.fromEntries(
    all.map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

function toResponse<R>(schema: z.ZodType<R>, answered: Answered<R>): Response {
  if (answered instanceof Problem) return answered.response();
  if (answered instanceof Response) return answered;
  const { value, status, headers } = answered instanceof Reply ? answered : new Reply(answered, 200);
  if (status === 204) return new Response(null, { status, headers });
  return new Response(JSON.stringify(schema.parse(value)), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

function keyUse(
  spec: { readonly method: Method; readonly keep?: false; readonly path: string },
  incoming: Incoming,
  { principal, bytes }: { readonly principal: string | undefined; readonly bytes: Uint8Array },
): KeyUse | undefined | Problem {
  const key = incoming.request.headers.get('idempotency-key');
  if (key === null || spec.method !== 'post' || spec.keep === false || principal === undefined)
    return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    return problem('invalid_request', 'Idempotency-Key: 1 to 200 printable ASCII characters without spaces', {
      field: 'header.idempotency-key',
    });
  }
  const body_hash = createHash('sha256')
    .update(`${spec.method} ${incoming.url.pathname}\n`)
    .update(bytes)
    .digest('hex');
  return { principal, key, body_hash };
}

type Once = {
  readonly key: KeyUse;
  readonly answer: () => Promise<Response>;
  readonly keys: Idempotency;
  readonly conflict: (() => Problem) | undefined;
};

/** Runs a change at most once per key. Only settled answers are kept: a failure of ours frees the key. */
async function once({ key, answer, keys, conflict }: Once): Promise<Response> {
  const begun = await keys.begin(key);
  if (begun.kind === 'kept') return replay(begun.answer);
  if (begun.kind === 'conflict') {
    const fallback = problem(
      'idempotency_conflict',
      'Idempotency-Key: this key was used with another body; use a new key',
    );
    return (conflict?.() ?? fallback).response();
  }
  if (begun.kind === 'in_progress') {
    return problem(
      'in_progress',
      'the first request with this Idempotency-Key is still running; retry shortly',
      { retry_after_s: 1 },
    ).response();
  }
  try {
    const response = await answer();
    const { status, headers } = response;
    if (status >= 500 || status === 429) {
      await keys.release(key);
      return response;
    }
    const location = headers.get('location');
    const kept: KeptAnswer = {
      status,
      content_type: headers.get('content-type') ?? 'application/json',
      ...(location === null ? {} : { location }),
      body: await response.text(),
    };
    await keys.keep(key, kept);
    return toKept(kept);
  } catch (error) {
    await keys.release(key);
    throw error;
  }
}

const replay = (kept: KeptAnswer): Response => {
  const response = toKept(kept);
  response.headers.set('idempotency-replayed', 'true');
  return response;
};

const toKept = ({ status, content_type, location, body }: KeptAnswer): Response =>
  new Response(status === 204 ? null : body, {
    status,
    headers: { 'content-type': content_type, ...(location === undefined ? {} : { location }) },
  });
