/** Who passed the work on. */
import type { Act } from '@countersign/core';

/** Last first (RFC 8693); the agent itself stands above. Undefined when it came straight. */
export function throughWords(act: Act | undefined, agent: string): string | undefined {
  const names: string[] = [];
  for (let link = act; link !== undefined; link = link.act) if (link.sub !== agent) names.push(link.sub);
  return names.length === 0 ? undefined : names.join(' ← ');
}
