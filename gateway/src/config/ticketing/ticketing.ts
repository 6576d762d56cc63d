/**
 * The `ticketing` part of the configuration: ticket systems that may comment on requests, refuse them, and hand over a
 * person's own proof. A ticket system is neither an agent nor a person: what its key opens is said here, and it is never an
 * approval. Set-up: docs/tickets.md.
 */
import { z } from 'zod';
import { EXPIRING_MS, moment } from '../agents.ts';
import type { SignInConfig } from '../sign-in.ts';
import { likelySpelling } from '../spelling.ts';
import { count, id } from '../values.ts';

export const TICKET_POWERS = ['comment', 'deny', 'relay'] as const;
export type TicketPower = (typeof TICKET_POWERS)[number];

const keySchema = z.strictObject({
  hash: z
    .string()
    .regex(
      /^sha256:[0-9a-f]{64}$/,
      'must be `sha256:` and 64 hex digits; make one with: countersign tickets new-key SYSTEM',
    )
    .describe('Hash of the key.'),
  expires: moment.describe(
    'From then on it is refused. `countersign check` says so 14 days ahead; list a second one to move to it without a gap.',
  ),
});

const named = z.array(z.string().min(1).max(256)).min(1).max(256);

const seesSchema = z.union(
  [
    z.literal('all'),
    z
      .strictObject({
        upstreams: named.exactOptional().describe('These upstreams, by id.'),
        environments: named.exactOptional().describe('Upstreams of these environments.'),
      })
      .refine(
        ({ upstreams, environments }) => upstreams !== undefined || environments !== undefined,
        'must name upstreams, environments, or both; or say all',
      ),
  ],
  { error: 'must be `all`, or `{ upstreams: [...], environments: [...] }`' },
);

/** A web origin as browsers write it, where passkeys can be used: https, or http on this very machine. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.origin !== text || /^[\d.]+$/.test(url.hostname) || url.hostname.startsWith('['))
    return false;
  const local = url.hostname === 'localhost' || url.hostname.endsWith('.localhost');
  return url.protocol === 'https:' || (url.protocol === 'http:' && local);
}

/** What browsers must take at least of related origins (WebAuthn Level 3 §5.11). */
export const ORIGINS_MAX = 5;

const systemSchema = z.strictObject({
  keys: z
    .array(keySchema)
    .min(1)
    .max(4)
    .describe(
      'Keys the ticket system may show, `{ hash, expires }`. Make one with `countersign tickets new-key`.',
    ),
  may: z
    .array(z.enum(TICKET_POWERS))
    .max(TICKET_POWERS.length)
    .default(['comment'])
    .describe(
      '`comment`: claims shown beside a request. `deny`: end it as refused, in the system’s own name. `relay`: hand over a person’s own OpenID Connect or passkey proof of one answer. Its own key never approves.',
    ),
  sees: seesSchema
    .exactOptional()
    .describe(
      'Whose requests it is told of and may touch: `all`, or upstreams and environments by name; of what is said all must hold. Without it: none. Changes of the gateway itself are never among them.',
    ),
  url: z
    .url({ protocol: /^https?$/, error: 'must be a URL, such as https://jira.example.com/browse/' })
    .max(512)
    .refine(
      (text) => !/[?#]/.test(text) && URL.parse(text)?.username === '',
      'must have no query, fragment or user name',
    )
    .exactOptional()
    .describe(
      'Where its tickets are. A link to a ticket is taken only below it: same scheme, host and port, and a path at it or below it. Without it no link is.',
    ),
  oidc: z
    .strictObject({
      provider: id.describe('The provider of `sign_in.oidc` that speaks for its users.'),
      client_id: z
        .string()
        .min(1)
        .max(256)
        .describe(
          'The client id the ticket system has there: another one than this gateway’s. Only ID tokens for it are taken.',
        ),
    })
    .exactOptional()
    .describe('Takes ID tokens a person’s sign-in there gave for exactly one answer. Needs `relay`.'),
  origins: z
    .array(
      z
        .string()
        .max(256)
        .refine(isOrigin, 'must be an origin: `https://host` or `https://host:port`, no path, no address'),
    )
    .max(ORIGINS_MAX)
    .default([])
    .describe(
      'Web origins of the ticket system on whose pages people may use their passkeys of this gateway; told to browsers at `/.well-known/webauthn`. Needs `relay`.',
    ),
  limits: z
    .strictObject({
      requests_per_minute: count(60_000)
        .default(600)
        .describe('How many requests it may make in a minute. So many at once, refilled evenly.'),
      comments_per_hour: count(10_000).default(300).describe('How many comments are taken within an hour.'),
      denials_per_hour: count(10_000)
        .default(10)
        .describe(
          'How many requests it may refuse within an hour; as many refusals that come too late are answered and recorded beside them. A stolen key stops no more than these; whoever is over is told so, on the record.',
        ),
      relays_per_hour: count(10_000)
        .default(60)
        .describe('How many answers of people it may begin to hand over within an hour.'),
    })
    .prefault({}),
});

export const ticketingSchema = z
  .record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1–32 of a–z, 0–9, "-"'), systemSchema)
  .refine((systems) => Object.keys(systems).length <= 16, 'must be at most 16 ticket systems')
  .default({})
  .describe(
    'Ticket systems that may comment, refuse, and hand over people’s own proofs, by id. Set-up: docs/tickets.md.',
  );

export type TicketingConfig = z.infer<typeof ticketingSchema>;
export type TicketSystemConfig = TicketingConfig[string];

type Around = {
  readonly oidc: SignInConfig['oidc'];
  readonly upstreams: { readonly [id: string]: { readonly env: string } };
  readonly public_url: string;
  /** Hashes of credentials of other kinds, and whose they are. */
  readonly taken: ReadonlyMap<string, string>;
  readonly complain: (path: readonly PropertyKey[], message: string) => void;
};

/** What only the whole configuration can tell. */
export function checkTicketing(ticketing: TicketingConfig, around: Around): void {
  const hashes = new Map(around.taken);
  const clients = new Map<string, string>();
  for (const [system, config] of Object.entries(ticketing)) {
    const complain = (path: readonly PropertyKey[], message: string): void =>
      around.complain(['ticketing', system, ...path], message);
    for (const [at, { hash }] of config.keys.entries()) {
      const other = hashes.get(hash);
      if (other !== undefined)
        complain(['keys', at, 'hash'], `the same key is listed for ${other}; every key belongs to one, once`);
      hashes.set(hash, system);
    }
    checkPowers(config, complain);
    checkSees(config, around, complain);
    checkClient(config, around, { complain, clients, system });
    const own = URL.parse(around.public_url)?.origin;
    if (own !== undefined && config.origins.includes(own))
      complain(['origins'], `${own} is this gateway’s own origin; its pages need no relay`);
  }
}

type Complain = (path: readonly PropertyKey[], message: string) => void;

function checkPowers({ may, oidc, origins }: TicketSystemConfig, complain: Complain): void {
  if (new Set(may).size !== may.length) complain(['may'], 'names the same twice');
  const relays = may.includes('relay');
  if (relays && oidc === undefined && origins.length === 0)
    complain(
      ['may'],
      'relay needs oidc, for ID tokens, or origins, for passkeys; add one, or take relay out',
    );
  if (!relays && oidc !== undefined) complain(['oidc'], 'is of no use without relay; add relay to may');
  if (!relays && origins.length > 0) complain(['origins'], 'are of no use without relay; add relay to may');
}

function checkSees({ sees }: TicketSystemConfig, { upstreams }: Around, complain: Complain): void {
  if (sees === undefined || sees === 'all') return;
  const known = {
    upstreams: Object.keys(upstreams),
    environments: [...new Set(Object.values(upstreams).map(({ env }) => env))],
  };
  for (const kind of ['upstreams', 'environments'] as const)
    for (const [at, name] of (sees[kind] ?? []).entries()) {
      if (known[kind].includes(name)) continue;
      const meant = likelySpelling(name, known[kind]);
      const what = kind === 'upstreams' ? 'upstream' : 'upstream of the environment';
      const mend =
        meant === undefined ? `there are: ${known[kind].join(', ') || 'none'}` : `did you mean “${meant}”?`;
      complain(['sees', kind, at], `there is no ${what} “${name}”; ${mend}`);
    }
}

type Client = { readonly complain: Complain; readonly clients: Map<string, string>; readonly system: string };

function checkClient(
  { oidc }: TicketSystemConfig,
  around: Around,
  { complain, clients, system }: Client,
): void {
  if (oidc === undefined) return;
  const { provider, client_id } = oidc;
  const found = Object.hasOwn(around.oidc, provider) ? around.oidc[provider] : undefined;
  if (found === undefined) {
    const there = Object.keys(around.oidc).join(', ');
    complain(
      ['oidc', 'provider'],
      `there is no provider “${provider}” under sign_in.oidc${there === '' ? '' : `; there are: ${there}`}`,
    );
    return;
  }
  if (found.client_id === client_id)
    complain(
      ['oidc', 'client_id'],
      'is this gateway’s own client; register another for the ticket system, so that a sign-in to one is none to the other',
    );
  const key = `${provider} ${client_id}`;
  const other = clients.get(key);
  if (other !== undefined)
    complain(['oidc', 'client_id'], `is also the client of ${other}; each system has its own`);
  clients.set(key, system);
}

/** Works today, and will not for long, or does nothing: for `check` and the start. */
export function ticketingAdvice(ticketing: TicketingConfig, now: number): readonly string[] {
  return Object.entries(ticketing).flatMap(([system, { keys, sees }]) => [
    ...(sees === undefined
      ? [
          `ticketing.${system}.sees: not said, so it sees no request; name upstreams or environments, or say all`,
        ]
      : []),
    ...keys.flatMap(({ expires }, at) => {
      const left_ms = Date.parse(expires) - now;
      if (left_ms > EXPIRING_MS) return [];
      const mend =
        left_ms <= 0 ? 'remove it' : `add a new one beside it: countersign tickets new-key ${system}`;
      return [
        `ticketing.${system}.keys.${at}: ${left_ms <= 0 ? 'expired on' : 'expires on'} ${expires}; ${mend}`,
      ];
    }),
  ]);
}
