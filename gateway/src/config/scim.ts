/**
 * The `scim` part of the configuration: identity providers that push people and groups to `/scim/v2`. What their groups
 * mean is said here and nowhere else; a provider that is not listed pushes nothing, and what it once pushed gives nothing.
 */
import { z } from 'zod';
import { EXPIRING_MS, moment } from './agents.ts';
import { rolesSchema, type SignInConfig } from './sign-in.ts';
import { count } from './values.ts';

const name = z.string().min(1).max(256);

const tokenSchema = z.strictObject({
  hash: z
    .string()
    .regex(
      /^sha256:[0-9a-f]{64}$/,
      'must be `sha256:` and 64 hex digits; make one with: countersign scim new-token PROVIDER',
    )
    .describe('Hash of the token.'),
  expires: moment.describe(
    'From then on it is refused. `countersign check` says so 14 days ahead; list a second one to move to it without a gap.',
  ),
});

const providerSchema = z.strictObject({
  tokens: z
    .array(tokenSchema)
    .min(1)
    .max(4)
    .describe(
      'Bearer tokens the provider may show, `{ hash, expires }`. Make one with `countersign scim new-token`.',
    ),
  link: z
    .strictObject({
      oidc: name.describe('The provider of `sign_in.oidc` these users sign in with.'),
      by: z
        .enum(['externalId', 'userName'])
        .default('externalId')
        .describe(
          'The attribute that is, exactly, what that provider calls the person: the claim named by `claims.subject`.',
        ),
    })
    .optional()
    .describe(
      'Makes a pushed user and who signs in one person. Without it they are two, and whoever is second is refused for having the same e-mail address: an address alone links nobody.',
    ),
  groups: z
    .record(name, name)
    .default({})
    .describe(
      'Pushed groups, by their `displayName` exactly as spelled, each with the group of `groups` it makes somebody a member of.',
    ),
  roles: rolesSchema.describe('Roles of pushed people, by pushed group. Nobody is an operator unless named.'),
  requests_per_minute: count(600_000)
    .default(6_000)
    .describe(
      'How many requests the provider may make in a minute. So many at once, refilled evenly; the next is refused with 429 and how long to wait.',
    ),
});

export const scimSchema = z
  .record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1–32 of a–z, 0–9, "-"'), providerSchema)
  .refine((providers) => Object.keys(providers).length <= 16, 'must be at most 16 providers')
  .default({})
  .describe(
    'Identity providers that push people and groups to `<public_url>/scim/v2` (SCIM 2.0), by id. Keep the id: what was pushed belongs to it. Set-up: docs/identity.md.',
  );

export type ScimConfig = z.infer<typeof scimSchema>;
export type ScimProviderConfig = ScimConfig[string];

type Around = {
  readonly groups: { readonly [id: string]: unknown };
  readonly oidc: SignInConfig['oidc'];
  readonly complain: (path: readonly string[], message: string) => void;
};

/** What only the whole configuration can tell. */
export function checkScim(scim: ScimConfig, { groups, oidc, complain }: Around): void {
  const hashes = new Map<string, string>();
  for (const [id, { tokens, link, groups: mapped }] of Object.entries(scim)) {
    for (const [at, { hash }] of tokens.entries()) {
      const other = hashes.get(hash);
      if (other !== undefined)
        complain(
          ['scim', id, 'tokens', String(at), 'hash'],
          `the same token is listed for ${other}; every token belongs to one provider, once`,
        );
      hashes.set(hash, id);
    }
    if (link !== undefined && !Object.hasOwn(oidc, link.oidc))
      complain(
        ['scim', id, 'link', 'oidc'],
        `there is no provider “${link.oidc}” under sign_in.oidc${Object.keys(oidc).length === 0 ? '' : `; there are: ${Object.keys(oidc).join(', ')}`}`,
      );
    for (const [from, to] of Object.entries(mapped)) {
      if (!Object.hasOwn(groups, to))
        complain(
          ['scim', id, 'groups', from],
          `there is no group “${to}”; add it under groups, empty if only providers fill it: \`${to}: []\``,
        );
    }
  }
}

/** Works today, and will not for long: as with agents' keys. */
export function scimAdvice(scim: ScimConfig, now: number): readonly string[] {
  return Object.entries(scim).flatMap(([id, { tokens }]) =>
    tokens.flatMap(({ expires }, at) => {
      const left_ms = Date.parse(expires) - now;
      if (left_ms > EXPIRING_MS) return [];
      const mend = left_ms <= 0 ? 'remove it' : `add a new one beside it: countersign scim new-token ${id}`;
      return [`scim.${id}.tokens.${at}: ${left_ms <= 0 ? 'expired on' : 'expires on'} ${expires}; ${mend}`];
    }),
  );
}
