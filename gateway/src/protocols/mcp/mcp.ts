/**
 * The MCP protocol of the gateway: `/mcp/<upstream>` over Streamable HTTP, in revisions 2026-07-28 and 2025-11-25. This
 * file reads a request as far as it must to know who calls and in which revision, and answers what is wrong with it. It
 * holds no credential, decides nothing, and lets nothing through that did not pass the door (I1).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { FairShare, type Share } from '../../limits/share.ts';
import type { Previewer } from '../../previews/previewer.ts';
import type { Admission, Admit, Session } from '../protocol.ts';
import type { Upstream } from './binding.ts';
import { Legacy } from './callers/legacy/legacy.ts';
import { serveModern } from './callers/modern.ts';
import { Links } from './callers/opening.ts';
import { Seats } from './callers/seats.ts';
import type { Shared } from './calls/call.ts';
import { Tasks } from './calls/tasks/tasks.ts';
import type { McpDeps } from './deps.ts';
import { Eras, eraOfCaller } from './era.ts';
import { createPreviewer } from './preview/previewer.ts';
import { Generation } from './tools/catalog.ts';
import { Schemas } from './tools/schema.ts';
import { header } from './wire/headers.ts';
import { checkPlace, checkTypes, placeOf, readBody } from './wire/intake.ts';
import { CODE, readMessage, WireError } from './wire/message.ts';
import { Reply } from './wire/reply.ts';

const BODY_TIMEOUT_MS = 30_000;
const CLOSING_MS = 3_000;
/** Streams that last, over all agents: half of what connections there may be. */
const STREAMS_MAX = 5_000;
const METADATA = '/.well-known/oauth-protected-resource';

export type McpHandler = {
  /** False: not a path of this protocol; the response is untouched. */
  handle(http: IncomingMessage, response: ServerResponse): boolean;
  readonly previewer: Previewer;
  shares(): { readonly [limit: string]: Share };
  /** Ends every session, process and task. */
  close(): Promise<void>;
};

export function createMcpHandler(deps: McpDeps): McpHandler {
  const generation = eachOwn();
  const active = new Set<Promise<void>>();
  const follow: Shared['follow'] = (reply, rest) => {
    const followed = rest
      .then(
        () => undefined,
        (error: unknown) => fail(deps, reply, error),
      )
      .finally(() => active.delete(followed));
    active.add(followed);
  };
  const tasks = new Tasks(deps.limits);
  const places = placesOf(deps);
  const shared: Shared = {
    deps,
    schemas: new Schemas(),
    openTask: tasks.open,
    adoptTask: tasks.adopt,
    follow,
    ...places,
    next_id: 0,
  };
  const links = new Links(deps);
  const eras = new Eras(deps.now);
  const seats = new Seats({ deps, held: shared.held, links, eras, generation });
  const previewer = createPreviewer({ shared, links, eras, generation });
  const legacy = new Legacy({ shared, links, generation });
  const place = placeOf(deps.public_url);

  const serve = async (http: IncomingMessage, reply: Reply, id: string): Promise<void> => {
    checkPlace(http, place);
    const shown = presented(deps, http, id);
    const asked =
      shown === undefined ? ({ admitted: false, reason: 'missing' } as const) : deps.admit(...shown);
    const { door, upstream } = admitted(deps, id, asked instanceof Promise ? await asked : asked);
    reply.welcome = door.welcome;
    const { headers } = http;
    if (http.method === 'POST') {
      checkTypes(http);
      const limits = { bytes_max: deps.limits.body_bytes_max, depth_max: deps.limits.json_depth_max };
      const bytes = await readBody(http, { bytes_max: limits.bytes_max, timeout_ms: BODY_TIMEOUT_MS });
      const message = readMessage(bytes, limits);
      if (message.kind === 'request') reply.id = message.id;
      const received = { headers, message, bytes, reply, door, upstream };
      const era = eraOfCaller(headers, message.kind === 'response' ? {} : message.params);
      return era === 'modern' ? serveModern({ shared, seats, tasks }, received) : legacy.post(received);
    }
    const sessionful =
      header(headers, 'mcp-session-id') !== undefined && eraOfCaller(headers, {}) === 'legacy';
    if (sessionful && http.method === 'GET') return legacy.get({ door, upstream, headers, reply }, http);
    if (sessionful && http.method === 'DELETE') return legacy.delete({ door, upstream, headers, reply });
    throw new WireError('Only POST is accepted here; GET and DELETE need a session of revision 2025-11-25', {
      status: 405,
      code: CODE.invalid_request,
      headers: { allow: 'POST' },
    });
  };

  return {
    previewer,
    shares: () => sharesOf(places, tasks, links),
    handle(http, response) {
      const path = (http.url ?? '').split('?')[0] ?? '';
      const about = path.startsWith(`${METADATA}/mcp/`) ? upstreamIn(path.slice(METADATA.length)) : undefined;
      if (about !== undefined) {
        metadata(deps, about, { http, response });
        return true;
      }
      const id = upstreamIn(path);
      if (id === undefined) return false;
      const reply = new Reply(response);
      follow(reply, serve(http, reply, id));
      return true;
    },
    async close() {
      tasks.close();
      await Promise.all([legacy.close(), seats.close()]);
      await links.close();
      // What was cut off records how it ended, while there is still something to record in.
      await Promise.race([Promise.allSettled(active), pause(CLOSING_MS, undefined, { ref: false })]);
    },
  };
}

/** What keeps a connection open. */
const placesOf = ({ limits }: McpDeps): Pick<Shared, 'held' | 'streams'> => ({
  held: new FairShare(() => limits.held_calls_max),
  streams: new FairShare(() => limits.streams_max ?? STREAMS_MAX),
});

const sharesOf = ({ held, streams }: ReturnType<typeof placesOf>, tasks: Tasks, links: Links) => ({
  held_calls_max: held,
  streams_max: streams,
  tasks_max: tasks.places,
  processes_max: links.places,
});

/** One an upstream, for as long as the gateway runs. */
function eachOwn(): (upstream: string) => Generation {
  const generations = new Map<string, Generation>();
  return (upstream) => {
    const known = generations.get(upstream) ?? new Generation();
    generations.set(upstream, known);
    return known;
  };
}

const upstreamIn = (path: string): string | undefined =>
  /^\/mcp\/([a-z0-9][a-z0-9_.-]{0,63})\/?$/.exec(path)?.[1];

function fail({ log }: McpDeps, reply: Reply, error: unknown): void {
  if (error instanceof WireError) {
    reply.refuse(error);
    return;
  }
  log.error(
    { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    'an MCP request failed',
  );
  reply.refuse(
    new WireError('The gateway could not do this; nothing more is known', {
      status: 500,
      code: CODE.internal_error,
    }),
  );
}

const CREDENTIAL = /^(Bearer|DPoP) +([\x21-\x7e]{1,16384}) *$/i;

const resourceOf = ({ public_url }: McpDeps, id: string): string =>
  `${public_url.replace(/\/$/, '')}/mcp/${id}`;

/** What the caller shows, and what it asks for; undefined when it shows nothing that could be a credential. */
function presented(deps: McpDeps, http: IncomingMessage, id: string): Parameters<Admit> | undefined {
  const [, scheme, credential] = CREDENTIAL.exec(header(http.headers, 'authorization') ?? '') ?? [];
  if (scheme === undefined || credential === undefined) return undefined;
  // Two proofs are one too many: which of them would it be?
  const proofs = http.headers['dpop'] === undefined ? [] : (http.headersDistinct['dpop'] ?? []);
  const [proof] = proofs.length === 1 ? proofs : [];
  return [
    credential,
    {
      scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer',
      ...(proof === undefined ? {} : { proof }),
      method: http.method ?? '',
      url: resourceOf(deps, id),
      scopes: deps.upstream(id)?.config.scopes ?? [],
    },
  ];
}

/** Who calls, and what of. An upstream that does not exist is told only to those who may ask. @throws WireError 401, 403, 404, 429 */
function admitted(
  deps: McpDeps,
  id: string,
  admission: Admission,
): { readonly door: Session; readonly upstream: Upstream } {
  const upstream = deps.upstream(id);
  if (!admission.admitted && admission.reason === 'too_many_calls') throw tooManyCalls(admission);
  if (!admission.admitted)
    throw new WireError(UNADMITTED[admission.reason], {
      status: admission.reason === 'insufficient_scope' ? 403 : 401,
      code: CODE.invalid_request,
      headers: { 'www-authenticate': challenge(deps, { id, upstream }, admission.reason) },
    });
  if (upstream === undefined)
    throw new WireError(`There is no MCP upstream “${id}” here; see upstreams in the configuration`, {
      status: 404,
      code: CODE.invalid_request,
    });
  return { door: admission.session, upstream };
}

type Unadmitted = Exclude<Extract<Admission, { admitted: false }>['reason'], 'too_many_calls'>;

/** RFC 6750 §3, RFC 9728 §5.1, RFC 9449 §7.1: where to learn how to come in, and with what. */
function challenge(
  deps: McpDeps,
  { id, upstream }: { readonly id: string; readonly upstream: Upstream | undefined },
  reason: Unadmitted,
): string {
  const scopes = upstream?.config.scopes ?? [];
  const error = ERRORS[reason] ?? 'invalid_token';
  return [
    `${reason === 'proof_refused' ? 'DPoP' : 'Bearer'} resource_metadata="${deps.public_url.replace(/\/$/, '')}${METADATA}/mcp/${id}"`,
    ...(error === '' ? [] : [`error="${error}"`]),
    ...(scopes.length === 0 ? [] : [`scope="${scopes.join(' ')}"`]),
    ...(reason === 'proof_refused' ? [`algs="${deps.authorization().proof_algorithms.join(' ')}"`] : []),
  ].join(', ');
}

const ERRORS: { readonly [R in Unadmitted]?: string } = {
  missing: '',
  proof_refused: 'invalid_dpop_proof',
  insufficient_scope: 'insufficient_scope',
};

/** Said before the message is read: a flood costs its sender, not the gateway (A21). */
const tooManyCalls = ({ retry_after_s }: { readonly retry_after_s: number }): WireError =>
  new WireError(
    `Too many calls: this agent made more than its calls_per_minute. Nothing was run. Try again in ${retry_after_s} s.`,
    {
      status: 429,
      code: CODE.refused,
      headers: { 'retry-after': String(retry_after_s) },
      data: { reason: 'too_many_calls', retry_after_s },
    },
  );

const UNADMITTED: { readonly [R in Unadmitted]: string } = {
  missing:
    'Authorization: missing; send “Bearer” and an agent key (countersign agents new-key) or a workload token',
  unknown:
    'Authorization: this key is not known here; ask the operator for a new one (countersign agents new-key)',
  wrong_kind: 'Authorization: this is not an agent key; people’s sessions cannot act',
  revoked: 'Authorization: this key was revoked',
  expired: 'Authorization: this key has expired; ask the operator for a new one',
  token_refused:
    'Authorization: this token was not taken; get a fresh one, or ask the operator, who finds why in the gateway’s log',
  proof_refused:
    'Authorization: this token needs a proof of possession (DPoP) of this very request, made just now and used once',
  insufficient_scope: 'Authorization: this token was not granted what this upstream takes; see scope',
};

type Http = { readonly http: IncomingMessage; readonly response: ServerResponse };

/** RFC 9728. Agents bring keys or tokens; authorization servers are named where agents can get tokens. */
function metadata(deps: McpDeps, id: string, { http, response }: Http): void {
  if (http.method !== 'GET' && http.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const { servers, proof_algorithms } = deps.authorization();
  const scopes = deps.upstream(id)?.config.scopes ?? [];
  const body = JSON.stringify({
    resource: resourceOf(deps, id),
    ...(servers.length === 0
      ? {}
      : { authorization_servers: servers, dpop_signing_alg_values_supported: proof_algorithms }),
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    resource_name: 'Countersign',
  });
  response
    .writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
    .end(http.method === 'HEAD' ? undefined : body);
}
