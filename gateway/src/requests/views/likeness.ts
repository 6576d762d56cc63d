/** What may be looked at together: the same for requests of one requester for one tool, held by the same rules under the same policy. */
import { createHash } from 'node:crypto';
import type { StoredRequest } from './row.ts';

export function likenessOf({ request: { principal, risk }, about, explanation }: StoredRequest): string {
  const rules = explanation.deciding.map(({ rule }) => rule).sort();
  const { upstream, env, action, resource } = about;
  const parts = [principal.agent, principal.subject.id, upstream, env, action, resource, risk, rules];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
