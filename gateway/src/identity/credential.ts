/**
 * Credentials: what an agent or a person shows. The kinds never mix (I12): each carries its kind in its prefix, and a
 * door takes one kind only. Only SHA-256 hashes are kept; a credential has 256 random bits, so a plain hash will do.
 */
import { hash, randomBytes } from 'node:crypto';

export const CREDENTIAL_KINDS = {
  agent: 'cs_agent_',
  /** A person's command line. */
  cli: 'cs_person_',
  /** A person's browser. */
  browser: 'cs_session_',
  /** One-time sign-in code. */
  code: 'cs_code_',
  /** An identity provider that pushes people and groups. */
  scim: 'cs_scim_',
  /** A ticket system. */
  ticket: 'cs_ticket_',
} as const;
export type CredentialKind = keyof typeof CREDENTIAL_KINDS;

const SECRET_CHARACTERS = 43;

export function makeCredential(kind: CredentialKind): string {
  return CREDENTIAL_KINDS[kind] + randomBytes(32).toString('base64url');
}

export function hashCredential(credential: string): string {
  return `sha256:${hash('sha256', credential)}`;
}

/** The kind a well-formed credential says it is; undefined for anything else. */
export function kindOf(credential: string): CredentialKind | undefined {
  for (const kind of Object.keys(CREDENTIAL_KINDS) as CredentialKind[]) {
    const prefix = CREDENTIAL_KINDS[kind];
    if (!credential.startsWith(prefix)) continue;
    const secret = credential.slice(prefix.length);
    return secret.length === SECRET_CHARACTERS && /^[A-Za-z0-9_-]+$/.test(secret) ? kind : undefined;
  }
  return undefined;
}
