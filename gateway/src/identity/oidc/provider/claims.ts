/** What a provider says of somebody, as far as this gateway asks. Pure. Nothing said is nothing given. */
import type { Json, JsonObject } from '@countersign/core';
import { type OidcConfig, oidcAccount } from '../../../config/sign-in.ts';
import { meantGroups } from '../../roster/meaning.ts';
import { GROUPS_PER_ACCOUNT_MAX } from '../../roster/roster.ts';
import { SignInFailure } from '../failure.ts';

export type Identity = {
  readonly account: string;
  readonly sub: string;
  readonly name: string;
  readonly email: string | null;
  /** When they last signed in there themselves, where it says so. */
  readonly authenticated_at?: number;
  /** Of the provider's groups, those the configuration mentions. */
  readonly groups: readonly string[];
};

const NAME_CHARACTERS_MAX = 200;
const EMAIL_CHARACTERS_MAX = 320;

/** @throws SignInFailure when this person may not sign in, or the provider could not say whether they may */
export function identityOf(provider: OidcConfig, claims: JsonObject): Identity {
  const sub = String(claims['sub']);
  checkAllowed(provider, claims);
  const email = textOf(at(claims, provider.claims.email));
  const name =
    textOf(at(claims, provider.claims.name)) ?? email ?? textOf(claims['preferred_username']) ?? sub;
  return {
    account: oidcAccount(provider.issuer, subjectOf(provider, claims)),
    sub,
    name: name.slice(0, NAME_CHARACTERS_MAX).toWellFormed(),
    email: email === undefined || email.length > EMAIL_CHARACTERS_MAX ? null : email,
    ...(typeof claims['auth_time'] === 'number' ? { authenticated_at: claims['auth_time'] * 1000 } : {}),
    groups: groupsOf(provider, claims),
  };
}

/** What the provider calls this person, by the claim that is configured; never by another one instead. */
function subjectOf({ claims: { subject } }: OidcConfig, claims: JsonObject): string {
  const said = claims[subject];
  if (typeof said !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(said)) throw new SignInFailure('malformed');
  return said;
}

/** A claim by its name, or by a path into an object: `realm_access.roles`. A name with dots in it comes first. */
function at(claims: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(claims, name)) return claims[name];
  let found: Json | undefined = claims;
  for (const part of name.split('.')) {
    if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, part))
      return undefined;
    found = (found as JsonObject)[part];
  }
  return found;
}

/** Whether claims that are needed are missing here: the provider may say them at its user info endpoint. */
export const lacksClaims = ({ claims: names, allow }: OidcConfig, claims: JsonObject): boolean =>
  [names.subject, names.name, names.email, names.groups, ...Object.keys(allow)].some(
    (name) => at(claims, name) === undefined,
  );

function groupsOf(provider: OidcConfig, claims: JsonObject): readonly string[] {
  const claim = provider.claims.groups;
  const said = at(claims, claim);
  // Too many for the token: the claim is elsewhere, and taking it for none would be wrong in both directions.
  if (said === undefined && isObject(claims['_claim_names']) && Object.hasOwn(claims['_claim_names'], claim))
    throw new SignInFailure('groups_overage');
  const groups = meantGroups(provider, listOf(said));
  if (groups.length > GROUPS_PER_ACCOUNT_MAX) throw new SignInFailure('groups_overage');
  return groups;
}

function checkAllowed({ allow, claims: { email } }: OidcConfig, claims: JsonObject): void {
  for (const [name, values] of Object.entries(allow)) {
    const said = listOf(at(claims, name));
    if (!said.some((value) => values.includes(value))) throw new SignInFailure('not_allowed');
    // Whatever the claim is called: some providers let people type their address.
    if ((name === 'email' || name === email) && claims['email_verified'] !== true)
      throw new SignInFailure('email_unverified');
  }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: Json | undefined): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
