/**
 * The `sign_in` part of the configuration: providers people sign in with, and how long sessions last. What a provider's
 * groups mean is said here and nowhere else; what is not said gives nobody anything.
 */
import { z } from 'zod';
import { parseDuration } from './duration.ts';
import { SECRET_REF } from './secrets.ts';
import { likelySpelling } from './spelling.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** https always, but for a provider on this very machine. */
export function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}

const name = z.string().min(1).max(256);
const between = (least: string, most: string) => {
  const [low, high] = [parseDuration(least) ?? 0, parseDuration(most) ?? 0];
  return z
    .string()
    .refine((text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= low && ms <= high;
    }, `must be a duration between ${least} and ${most}, such as ${least}`)
    .meta({ title: 'duration' });
};

/** What the gateway says itself, and what would change the flow it checks. */
const OWN_PARAMS = new Set([
  'client_id',
  'client_secret',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
]);

/** Which of a provider's groups give which role. Nothing said gives nothing. */
export const rolesSchema = z
  .strictObject({
    reviewer: z
      .array(name)
      .max(100)
      .default([])
      .describe('Provider groups whose members review; `"*"` is everyone.'),
    auditor: z
      .array(name)
      .max(100)
      .default([])
      .describe('Provider groups whose members may read and export; `"*"` is everyone.'),
    operator: z
      .array(
        name.refine((group) => group !== '*', 'must name provider groups: not everyone may be an operator'),
      )
      .max(100)
      .default([])
      .describe('Provider groups whose members are operators. Nobody unless named.'),
  })
  .prefault({});

const oidcSchema = z.strictObject({
  name: z.string().min(1).max(60).describe('What the button on the sign-in page says: `Sign in with NAME`.'),
  issuer: z
    .string()
    .max(512)
    .refine(isIssuer, 'must be the provider’s issuer: an https URL without query or fragment')
    .describe(
      'The provider’s issuer, spelled exactly as the provider does, last slash included. https, but for a provider on this machine.',
    ),
  client_id: name.describe('The client id this gateway has there.'),
  client_secret: z
    .string()
    .regex(SECRET_REF, 'must be a reference to a secret: `env:NAME` or `file:PATH`, never the value itself')
    .describe('Reference to the client secret.'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'must be one scope, without spaces'))
    .max(32)
    .default(['openid', 'profile', 'email'])
    .refine((scopes) => scopes.includes('openid'), 'must have the scope openid')
    .describe(
      'Scopes to ask for. Add what makes the provider send groups, and `offline_access` where it gives refresh tokens for that only.',
    ),
  params: z
    .record(
      z
        .string()
        .regex(/^[a-z_]{1,64}$/, 'must be a parameter name')
        .refine((param) => !OWN_PARAMS.has(param), 'is a parameter the gateway sets itself'),
      name,
    )
    .default({})
    .describe(
      'Further parameters for the provider’s sign-in page: `{ prompt: select_account }`, `{ access_type: offline }`.',
    ),
  claims: z
    .strictObject({
      subject: z
        .enum(['sub', 'oid'])
        .default('sub')
        .describe(
          'Claim that says who it is. `oid` is Entra ID’s: there `sub` is another one for every application, and SCIM knows none of them. Never change it once people have signed in.',
        ),
      name: name.default('name').describe('Claim with the name reviewers and auditors read.'),
      email: name
        .default('email')
        .describe('Claim with the e-mail address. It never decides who somebody is.'),
      groups: name.default('groups').describe('Claim with the provider’s groups or roles: a list of texts.'),
    })
    .prefault({}),
  allow: z
    .record(name, z.array(name).min(1).max(100))
    .default({})
    .describe(
      'Who may sign in: for each claim named, one of these values. `{ hd: [example.com] }`, `{ groups: [countersign] }`. None named: everyone the provider lets in and who has an account or a role here.',
    ),
  create: z
    .boolean()
    .default(false)
    .describe(
      'True makes somebody a person here when they first sign in, if `roles` gives them one. False: only people whose `accounts` name them.',
    ),
  groups: z
    .record(name, name)
    .default({})
    .describe('The provider’s groups, each with the group of `groups` it makes somebody a member of.'),
  roles: rolesSchema.describe(
    'Roles of the people this provider creates. People in the configuration have those written there.',
  ),
  recheck: between('1m', '1d')
    .default('10m')
    .describe(
      'How often the provider is asked again during a session, where it gave a refresh token. What it no longer says ends at once; unanswered three times over, the session ends.',
    ),
});

const lasting = (idle: string, absolute: string) =>
  z
    .strictObject({
      idle: between('1m', '30d').default(idle).describe('Ends when unused for so long.'),
      absolute: between('1m', '90d').default(absolute).describe('Ends after so long in any case.'),
    })
    .prefault({});

export const signInSchema = z.strictObject({
  oidc: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1–32 of a–z, 0–9, "-"'), oidcSchema)
    .refine((providers) => Object.keys(providers).length <= 16, 'must be at most 16 providers')
    .default({})
    .describe(
      'OpenID Connect providers, by id. Their redirect URI is `<public_url>/sign-in/<id>/callback`. Set-up for each: docs/identity.md.',
    ),
  sessions: z
    .strictObject({
      browser: lasting('1h', '12h').describe('Sessions of browsers.'),
      cli: lasting('7d', '30d').describe('Sessions of command lines.'),
    })
    .prefault({}),
});

export type SignInConfig = z.infer<typeof signInSchema>;
export type OidcConfig = SignInConfig['oidc'][string];

/** Person ids the gateway gives: nobody in the configuration can have one, so none can be taken over. */
export const GIVEN_ID = /^usr_/;

/** `oidc:<issuer>#<sub>`: how an account at a provider is spelled, exactly. */
export const oidcAccount = (issuer: string, sub: string): string => `oidc:${issuer}#${sub}`;

export function issuerOf(account: string): string | undefined {
  const at = account.indexOf('#');
  return account.startsWith('oidc:') && at > 0 ? account.slice('oidc:'.length, at) : undefined;
}

/** Accounts at a provider differ by case, as subjects do (OpenID Connect Core 2); e-mail addresses and names do not. */
export const accountKey = (account: string): string =>
  account.startsWith('oidc:') ? account : account.toLowerCase();

const EMAIL = /^(?:email:)?([^:\s]+@[^:\s]+)$/;

/**
 * The same for every way people spell one account. It tells who may be one human, and stops them from being two; who
 * somebody is, it never says.
 */
export function loosely(name: string): string {
  const lower = name.toLowerCase();
  const email = EMAIL.exec(lower)?.[1];
  if (email !== undefined) return `email:${email}`;
  // Subjects differ by case, issuers by nothing but how people write them.
  const [, issuer, subject] = /^oidc:([^#]*)(#.*)$/is.exec(name) ?? [];
  return issuer === undefined ? lower : `oidc:${looselyIssuer(issuer)}${subject}`;
}
const looselyIssuer = (issuer: string): string => issuer.toLowerCase().replace(/\/+$/, '');

/** What is wrong with how an account at a provider is spelled: nobody would ever be known by it, and one human be two. */
export function misspelled(account: string, issuers: readonly string[]): string | undefined {
  if (!/^oidc:/i.test(account)) return undefined;
  const issuer = issuerOf(account);
  if (issuer === undefined || account.endsWith('#'))
    return `“${account}” must be oidc:<issuer>#<subject>, as the provider spells both`;
  const meant = issuers.includes(issuer)
    ? undefined
    : issuers.find((each) => looselyIssuer(each) === looselyIssuer(issuer));
  return meant === undefined ? undefined : `“${account}”: the issuer is spelled ${meant}`;
}

type Complain = (path: readonly string[], message: string) => void;

/** What only the whole configuration can tell. */
export function checkSignIn(
  { oidc }: SignInConfig,
  groups: { readonly [id: string]: unknown },
  complain: Complain,
): void {
  const issuers = new Map<string, string>();
  for (const [id, { issuer, groups: mapped }] of Object.entries(oidc)) {
    const path = ['sign_in', 'oidc', id];
    const other = issuers.get(issuer);
    if (other !== undefined)
      complain(
        [...path, 'issuer'],
        `is also the issuer of ${other}; accounts are known by their issuer, so each is listed once`,
      );
    issuers.set(issuer, id);
    for (const [from, to] of Object.entries(mapped)) {
      if (Object.hasOwn(groups, to)) continue;
      const meant = likelySpelling(to, Object.keys(groups));
      complain(
        [...path, 'groups', from],
        `there is no group “${to}”; ${meant === undefined ? `add it under groups, empty if only providers fill it: \`${to}: []\`` : `did you mean “${meant}”?`}`,
      );
    }
  }
}
