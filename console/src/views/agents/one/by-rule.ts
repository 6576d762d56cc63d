/** How often each rule decided, of these calls. */
import type { Call, CallDecision } from '@countersign/sdk';

export type RuleCount = { readonly rule: string } & { readonly [D in CallDecision]: number };

export function byRule(calls: readonly Pick<Call, 'rules' | 'decision'>[]): readonly RuleCount[] {
  const counts = new Map<string, { [D in CallDecision]: number }>();
  for (const { rules, decision } of calls)
    for (const rule of rules) {
      const count = counts.get(rule) ?? { allowed: 0, held: 0, denied: 0 };
      count[decision] += 1;
      counts.set(rule, count);
    }
  const total = ({ allowed, held, denied }: RuleCount): number => allowed + held + denied;
  return [...counts].map(([rule, count]) => ({ rule, ...count })).sort((a, b) => total(b) - total(a));
}
