/**
 * Which identity provider shows this token. It opens `/scim/v2` and nothing else: it reads no request, reviews nothing
 * and acts as nobody, as no agent's key and no person's session opens `/scim/v2` (I12).
 */
import type { ScimConfig } from '../../config/scim.ts';
import { hashCredential, kindOf } from '../credential.ts';

export type ShownToken =
  | { readonly provider: string }
  | { readonly reason: 'unknown' | 'wrong_kind' | 'expired' };

export function providerOfToken(scim: ScimConfig, token: string, now: number): ShownToken {
  const kind = kindOf(token);
  if (kind !== undefined && kind !== 'scim') return { reason: 'wrong_kind' };
  if (kind === undefined) return { reason: 'unknown' };
  const hash = hashCredential(token);
  for (const [provider, { tokens }] of Object.entries(scim)) {
    const found = tokens.find((each) => each.hash === hash);
    if (found !== undefined) return now < Date.parse(found.expires) ? { provider } : { reason: 'expired' };
  }
  return { reason: 'unknown' };
}
