/**
 * The `workload_identity` part of the configuration: whose tokens are taken for agents, and what their claims mean here.
 * Nothing is guessed: an issuer that is not listed, and a token no rule matches, is nobody.
 */
import { z } from 'zod';
import { parseDuration } from './duration.ts';
import { isIssuer } from './sign-in.ts';
import type { ConfigProblem } from './source.ts';
import { couldMake, couldMeet, readTemplate, template } from './template.ts';

/** Asymmetric only: a key everyone may fetch must not be able to make tokens. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const templateText = z
  .string()
  .min(1)
  .max(256)
  .superRefine((text, context) => {
    const read = readTemplate(text);
    if (typeof read === 'string') context.addIssue({ code: 'custom', message: read });
  });

const duration = (least: string, most: string) =>
  z
    .string()
    .refine((text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= (parseDuration(least) ?? 0) && ms <= (parseDuration(most) ?? 0);
    }, `must be a duration between ${least} and ${most}`)
    .meta({ title: 'duration' });

const pattern = z
  .union([z.string().min(1).max(512), z.boolean(), z.int()])
  .meta({ title: 'value or pattern' });

const TRUST_DOMAIN = /^spiffe:\/\/[a-z0-9._-]{1,255}$/;
const isKeysUrl = (text: string): boolean => {
  const url = URL.parse(text);
  return (
    url !== null && isIssuer(url.origin) && url.username === '' && url.password === '' && url.hash === ''
  );
};

export const workloadRule = <Limits extends z.ZodRawShape>(limits: Limits) =>
  z.strictObject({
    match: z
      .record(
        z.string().min(1).max(256),
        z.union([pattern, z.array(pattern).min(1).max(100)], {
          error: 'must be a value, a pattern such as "acme/*", or a list of them',
        }),
      )
      .refine(
        (match) => Object.keys(match).length > 0,
        'must name at least one claim: who could not come in?',
      )
      .describe(
        'Claims the token must have, all of them: each a value, a pattern, or a list of which one must fit. `*` is any run of characters but `/` and `:`, `**` is any. A claim inside another is named by its path: `/kubernetes.io/namespace`.',
      ),
    agent: templateText.describe(
      'What the agent is called here, with claims in braces: `github:{repository}`. Or, without any, the id of an agent under `agents`, whose owner, team and limits then count.',
    ),
    owner: templateText
      .optional()
      .describe(
        'The person responsible: an id, or an account made of claims, such as `github:{actor}`. Must be somebody known here. Left out: nobody, and the agent gets only what policy allows outright.',
      ),
    team: templateText.optional().describe('Team, for policy. May be made of claims.'),
    person: templateText
      .optional()
      .describe(
        'The person the agent acts for, by an id or account made of claims: for tokens in which a person let the agent act, such as `oidc:{iss}#{sub}` (which is what it is for a token with an `act` claim). That person never reviews what is done for them.',
      ),
    ...limits,
  });

/** Where an issuer's keys are: one of them, or none for its discovery document. */
const keysFrom = {
  jwks_uri: z
    .string()
    .max(2048)
    .refine(isKeysUrl, 'must be an https URL (http only on this machine), without user, password or fragment')
    .optional()
    .describe('Where the issuer’s keys are. Default: where its discovery document says.'),
  jwks_file: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with the issuer’s keys (JWKS, or a SPIFFE bundle), read anew every few minutes; instead of fetching them.',
    ),
  jwks: z
    .looseObject({
      keys: z
        .array(z.looseObject({ kty: z.string() }))
        .min(1)
        .max(100),
    })
    .optional()
    .describe('The issuer’s keys themselves (JWKS), where they never change.'),
  ca_file: z
    .string()
    .min(1)
    .optional()
    .describe('Certificates (PEM) to trust when fetching the keys, instead of the system’s.'),
};

export const workloadSchema = <Rule extends z.ZodType>(rule: Rule) =>
  z
    .array(
      z.strictObject({
        issuer: z
          .string()
          .max(512)
          .refine(
            (text) => isIssuer(text) || TRUST_DOMAIN.test(text),
            'must be the tokens’ `iss`: an https URL without query or fragment; or a SPIFFE trust domain, spiffe://example.org',
          )
          .describe(
            'Who signs the tokens: their `iss`, exactly. For JWT-SVIDs without `iss` the trust domain: `spiffe://example.org`.',
          ),
        audience: z
          .union([z.string().min(1).max(512), z.array(z.string().min(1).max(512)).min(1).max(16)])
          .optional()
          .describe(
            'What the tokens’ `aud` must name. Default: `public_url`. A token for one upstream, `public_url` and `/mcp/<id>` (RFC 8707), is good there and nowhere else.',
          ),
        ...keysFrom,
        algorithms: z
          .array(z.enum(ALGORITHMS))
          .min(1)
          .default(['RS256', 'ES256', 'EdDSA'])
          .describe('Signature algorithms accepted. Symmetric ones and `none` never are.'),
        lifetime_max: duration('1m', '1d')
          .default('1h')
          .describe('The longest a token may live, from `iat` to `exp`. A longer one is refused.'),
        skew: duration('1s', '5m')
          .default('30s')
          .describe('How far the issuer’s clock may differ from this one.'),
        dpop: z
          .enum(['optional', 'required'])
          .default('optional')
          .describe(
            '`required`: only tokens bound to a key (DPoP, RFC 9449). A token that is bound always needs its proof.',
          ),
        authorization_server: z
          .boolean()
          .default(false)
          .describe(
            'True when MCP clients can get tokens there (OAuth): it is then named in the protected-resource metadata.',
          ),
        agents: z
          .array(rule)
          .min(1)
          .max(200)
          .describe('What the claims mean. The first rule that matches names the agent.'),
      }),
    )
    .max(32);

type Issuers = readonly {
  readonly issuer: string;
  readonly jwks?: unknown;
  readonly jwks_uri?: string | undefined;
  readonly jwks_file?: string | undefined;
  readonly agents: readonly {
    readonly agent: string;
    readonly owner?: string | undefined;
    readonly team?: string | undefined;
  }[];
}[];

export type Surroundings = {
  readonly agents: { readonly [id: string]: unknown };
  /** Somebody, or somebody's account. */
  readonly isPerson: (name: string) => boolean;
  readonly mustBePerson: (person: string, path: readonly PropertyKey[]) => void;
  readonly problem: (path: readonly PropertyKey[], message: ConfigProblem['message']) => void;
};

/** What the gateway itself asks for is asked for under such names (I13): no agent has one. */
export const OWN_NAMES = 'countersign:';

/** What one key cannot tell: one entry an issuer, keys from one place, and no name two issuers could give. */
export function checkWorkload(issuers: Issuers, around: Surroundings): void {
  const { problem } = around;
  const seen = new Set<string>();
  for (const [at, entry] of issuers.entries()) {
    const path = ['workload_identity', at];
    if (seen.has(entry.issuer))
      problem([...path, 'issuer'], 'is listed twice; put all its rules in one entry');
    seen.add(entry.issuer);
    const sources = [entry.jwks, entry.jwks_uri, entry.jwks_file].filter((source) => source !== undefined);
    if (sources.length > 1)
      problem(path, 'has several of jwks, jwks_uri and jwks_file; keys come from one place');
    if (sources.length === 0 && entry.issuer.startsWith('spiffe:'))
      problem([...path, 'issuer'], 'a trust domain has no discovery document; add jwks_uri or jwks_file');
    for (const [number, rule] of entry.agents.entries())
      checkRule(rule, [...path, 'agents', number], {
        ...around,
        others: issuers.filter((_, other) => other < at),
      });
  }
}

function checkRule(
  rule: Issuers[number]['agents'][number],
  path: readonly PropertyKey[],
  { agents, isPerson, mustBePerson, problem, others }: Surroundings & { readonly others: Issuers },
): void {
  const read = readTemplate(rule.agent);
  if (typeof read === 'string') return;
  const configured = Object.hasOwn(agents, rule.agent);
  if (read.claims.length === 0 && isPerson(rule.agent))
    problem([...path, 'agent'], 'is also the name of a person; agents and people must not mix');
  if (read.claims.length > 0 && (read.fixed[0] ?? '') === '')
    problem(
      [...path, 'agent'],
      'begins with a claim; begin with a text of its own, such as github:{repository}',
    );
  if (read.fixed[0]?.startsWith(OWN_NAMES) === true)
    problem([...path, 'agent'], `begins as the gateway’s own names do (${OWN_NAMES}…); begin it otherwise`);
  if (configured && (rule.owner !== undefined || rule.team !== undefined))
    problem(path, 'names an agent under `agents`, which says owner and team; leave them out here');
  if (!configured && rule.owner !== undefined && !rule.owner.includes('{') && !isPerson(rule.owner))
    mustBePerson(rule.owner, [...path, 'owner']);
  for (const agent of Object.keys(agents))
    if (read.claims.length > 0 && couldMake(read, agent))
      problem(
        [...path, 'agent'],
        `could make the name “${agent}” of an agent under \`agents\`; begin it otherwise`,
      );
  const meeting = others.find(({ agents: rules }) =>
    rules.some((other) => couldMeet(read, template(other.agent))),
  );
  if (meeting !== undefined)
    problem(
      [...path, 'agent'],
      `could make a name that a rule of ${meeting.issuer} makes too; begin the two differently`,
    );
}
