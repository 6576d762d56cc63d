/**
 * One HTTP exchange with a gateway. The credential goes to the gateway's own origin and nowhere else: redirects are not
 * followed, and paths are made here, never taken from an answer.
 */
import { ProtocolError, problemOf, UnreachableError } from './problem.ts';

export type ClientOptions = {
  /** The gateway's public URL: `https://gate.example.com`. */
  readonly url: string;
  /** `cs_person_…` for people's routes, `cs_agent_…` for agents'. In a browser leave it out: the cookie signs in. */
  readonly token?: string;
  readonly timeout_ms?: number;
  readonly fetch?: typeof fetch;
  /** Says who is calling, in the gateway's log. */
  readonly user_agent?: string;
};

export type Exchange = {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: object;
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
  readonly signal?: AbortSignal | undefined;
};

export type Http = {
  /** The parsed answer; undefined for 204. @throws ProblemError, UnreachableError, ProtocolError */
  json<T>(path: string, exchange?: Exchange): Promise<T>;
  /** The answer as a stream of text; no timeout. */
  stream(path: string, exchange?: Exchange): Promise<ReadableStream<string>>;
  /** Browser sessions send this with every change. */
  setCsrf(token: string | undefined): void;
};

export const TIMEOUT_MS = 30_000;

export function createHttp(options: ClientOptions): Http {
  const base = new URL(options.url);
  const { fetch: send = fetch, timeout_ms = TIMEOUT_MS } = options;
  let csrf: string | undefined;

  const ask = async (
    path: string,
    exchange: Exchange,
    signal: AbortSignal | undefined,
  ): Promise<Response> => {
    const { method = 'GET', body, headers = {} } = exchange;
    const url = withQuery(new URL(path, base.origin), exchange.query);
    const given = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.user_agent === undefined ? {} : { 'user-agent': options.user_agent }),
      ...(csrf === undefined || method === 'GET' ? {} : { 'x-countersign-csrf': csrf }),
      ...headers,
    };
    const text = body === undefined ? null : JSON.stringify(body);
    try {
      const response = await send(url, {
        method,
        headers: given,
        body: text,
        redirect: 'error',
        credentials: 'same-origin',
        signal: signal ?? null,
      });
      if (response.ok) return response;
      throw await problemOf(response);
    } catch (error) {
      throw isOurs(error) || exchange.signal?.aborted === true ? error : unreachable(base, error);
    }
  };

  return {
    async json<T>(path: string, exchange: Exchange = {}): Promise<T> {
      const timeout = AbortSignal.timeout(timeout_ms);
      const signal = exchange.signal === undefined ? timeout : AbortSignal.any([exchange.signal, timeout]);
      const response = await ask(path, exchange, signal);
      if (response.status === 204) return undefined as T;
      try {
        return (await response.json()) as T;
      } catch (error) {
        throw new UnreachableError('the gateway’s answer broke off', { cause: error });
      }
    },
    async stream(path, exchange = {}) {
      const response = await ask(path, exchange, exchange.signal);
      if (response.body === null) throw new ProtocolError('the answer has no body');
      return response.body.pipeThrough(new TextDecoderStream());
    },
    setCsrf(token) {
      csrf = token;
    },
  };
}

const isOurs = (error: unknown): boolean =>
  error instanceof Error && ['ProblemError', 'ProtocolError'].includes(error.name);

function unreachable(base: URL, cause: unknown): UnreachableError {
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
  return new UnreachableError(`${base.origin} ${timedOut ? 'did not answer in time' : 'cannot be reached'}`, {
    cause,
  });
}

function withQuery(url: URL, query: object | undefined): URL {
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** One path segment, whatever it holds. */
export const segment = (value: string): string => encodeURIComponent(value);
