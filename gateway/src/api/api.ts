/**
 * The HTTP API, put together: every route behind its door, the pages people sign in with, the public material for
 * auditors. It adds no check of its own to a request but the outermost ones — Host, method, size — and must never let an
 * inner error's words out (I7): what broke is reported inside, the caller is told that it broke.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import { type Context, Hono } from 'hono';
import { BadCursor } from '../cursor.ts';
import { networkOf } from '../limits/network.ts';
import { type ProxyTrust, trustOf } from '../limits/proxies.ts';
import { createRateLimit } from '../limits/rate.ts';
import { astray, consoleFolder, createConsole } from './console.ts';
import { healthPages } from './health.ts';
import type { BodyLimits } from './http/body.ts';
import { type Problem, problem } from './http/problem.ts';
import type { Incoming, Method, Route } from './http/route.ts';
import { createSite, SECURITY_HEADERS, type Site } from './http/site.ts';
import { describe } from './openapi.ts';
import { pages } from './pages.ts';
import { createFeed, type EventLimits } from './people/events.ts';
import type { ApiPorts, PublicFile } from './ports.ts';
import { allRoutes } from './routes.ts';
import { createScim, SCIM_PATH } from './scim/scim.ts';

export type ApiOptions = {
  readonly public_url: string;
  /** Addresses and networks of proxies whose word on who is calling is believed. */
  readonly trusted_proxies?: readonly string[];
  readonly limits?: BodyLimits;
  readonly events?: EventLimits;
  /** Where a broken program is reported. Never sees a body or a credential. */
  readonly onError?: (error: unknown, where: string) => void;
  /** Somebody without a good token at `/scim/v2`; told at most a few times a minute. */
  readonly onRefused?: (why: string) => void;
};

export type Api = {
  fetch(request: Request, env?: object): Promise<Response>;
  /** Every route there is, for documentation and contract tests. */
  readonly routes: readonly Route[];
  close(): void;
};

export const BODY_LIMITS: BodyLimits = { bytes_max: 1_048_576, depth_max: 64 };
/** Codes have 256 bits; the limit is against load, not guessing. */
const SIGN_IN_RATE = { burst: 10, per_second: 1 / 6, keys_max: 10_000 };
/** Behind a proxy everybody has one address, and all come at nine: a sign-in begun costs a row, not a guess. */
const PROVIDER_RATE = { burst: 200, per_second: 10, keys_max: 10_000 };

type Env = { Bindings: { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } } };

export function createApi(ports: ApiPorts, options: ApiOptions): Api {
  const site = createSite(options.public_url);
  const limits = options.limits ?? BODY_LIMITS;
  const trust = trustOf(options.trusted_proxies ?? []);
  const attempts = createRateLimit(SIGN_IN_RATE, ports.now);
  const { routes, feed } = allRoutes(ports, {
    site,
    attempts,
    provider_attempts: createRateLimit(PROVIDER_RATE, ports.now),
    looks: createRateLimit(PROVIDER_RATE, ports.now),
    feed: (door) => createFeed(ports, door, options.events),
  });
  const answered = ports.metrics.counter({
    name: 'countersign_api_answers_total',
    help: 'Answers of the HTTP API by operation and status.',
    labels: ['operation', 'status'],
  });
  ports.metrics.observed({ name: 'countersign_event_streams', help: 'Open event streams.' }, feed.connected);

  const app = new Hono<Env>();
  app.use(outermost(site));
  for (const route of routes) {
    app.on([route.spec.method.toUpperCase()], [honoPath(route.spec.path)], async (c) => {
      const response = await route.run(incomingOf(c, trust), { limits, idempotency: ports.idempotency });
      answered.add({ operation: route.spec.id, status: String(response.status) });
      return response;
    });
  }
  for (const [path, methods] of methodsByPath(routes)) app.all(path, () => notThatMethod(methods).response());
  // Made for whoever first asks: hardly anybody does, and it weighs a third of a megabyte.
  let document: string | undefined;
  app.get('/openapi.json', () => {
    document ??= JSON.stringify(describe(routes, new OpenAPIHono(), site.public_url));
    return new Response(document, { headers: { 'content-type': 'application/json' } });
  });
  const scim = createScim(ports.provisioning, { ...options, public_url: site.public_url, now: ports.now });
  app.all(`${SCIM_PATH}/*`, async (c) => {
    const response = await scim.answer(c.req.raw);
    answered.add({ operation: 'scim', status: String(response.status) });
    return response;
  });
  plain(app, healthPages(ports));
  const console = createConsole(consoleFolder());
  app.get('*', async (c, next) => console(c.req.path, c.req.header('accept-encoding') ?? '') ?? next());
  plain(app, pages());
  app.get('/jwks.json', async (c) => publicFile(await ports.publicLog(c.req.path)));
  app.get('/log/*', async (c) => publicFile(await ports.publicLog(c.req.path)));
  app.notFound(({ req }) => {
    const asked = { method: req.method, path: req.path, accept: req.header('accept') ?? '' };
    return astray(console, asked) ?? unknownPath().response();
  });
  app.onError((error, c) => failed(error, `${c.req.method} ${c.req.routePath}`, options.onError));
  return { fetch: async (request, env = {}) => app.fetch(request, env), routes, close: feed.close };
}

/** What every answer passes: the Host check, then the headers. Health and metrics are asked by address, by machines. */
const outermost =
  (site: Site) =>
  async (c: Context<Env>, next: () => Promise<void>): Promise<Response | undefined> => {
    const { path } = c.req;
    const host = c.req.header('host') ?? new URL(c.req.url).host;
    if (!path.startsWith('/health/') && path !== '/metrics' && !site.isOwnHost(host)) {
      return dress(
        problem(
          'wrong_host',
          'Host: not a name of this gateway; set public_url to the name it is reached by',
        ).response(),
      );
    }
    if (c.req.raw.method === 'HEAD' && !path.startsWith('/health/'))
      return dress(notThatMethod(['GET']).response());
    await next();
    dress(c.res);
    return undefined;
  };

function dress(response: Response): Response {
  for (const [name, value] of Object.entries(SECURITY_HEADERS))
    if (!response.headers.has(name)) response.headers.set(name, value);
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
  return response;
}

const incomingOf = (c: Context<Env>, trust: ProxyTrust): Incoming => ({
  request: c.req.raw,
  url: new URL(c.req.url),
  params: c.req.param(),
  remote: networkOf(trust.callerOf(c.env.incoming?.socket?.remoteAddress ?? 'unknown', c.req.raw.headers)),
});

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { spec } of routes) {
    const path = honoPath(spec.path);
    found.set(path, [
      ...(found.get(path) ?? []),
      spec.method.toUpperCase() satisfies Uppercase<Method> | string,
    ]);
  }
  return found;
}

const notThatMethod = (allowed: readonly string[]): Problem =>
  problem('method_not_allowed', `allowed here: ${allowed.join(', ')}`, {
    headers: { allow: allowed.join(', ') },
  });
const unknownPath = (): Problem => problem('not_found', 'there is nothing at this path; see /openapi.json');

function plain(app: Hono<Env>, answer: (path: string) => Promise<Response | undefined>): void {
  app.get('*', async (c, next) => (await answer(c.req.path)) ?? next());
}

function publicFile(file: PublicFile | undefined): Response {
  if (file === undefined) return unknownPath().response();
  const cache = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache';
  return new Response(Buffer.from(file.body), {
    headers: { 'content-type': file.content_type, 'cache-control': cache },
  });
}

/** The store being gone is a refusal (A20); anything else is a bug. Neither tells the caller more. */
function failed(error: unknown, where: string, report: ApiOptions['onError']): Response {
  // Opaque to whoever sends it, so a cursor that does not read back is found out where it is read.
  if (error instanceof BadCursor) {
    return dress(problem('invalid_request', `query.${error.message}`, { field: 'query.cursor' }).response());
  }
  report?.(error, where);
  const unavailable = error instanceof Error && error.name === 'StoreUnavailable';
  const answer = unavailable
    ? problem('unavailable', 'the store cannot be reached; nothing was decided, look again before retrying', {
        retry_after_s: 5,
      })
    : problem('internal', 'something broke in the gateway; its log says what');
  return dress(answer.response());
}
