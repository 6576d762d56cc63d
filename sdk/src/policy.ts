/** The policy: what is in force, how its rules decided, and what another would do. */
import type { Policy } from './shapes/directory.ts';
import type { PolicyCoverage } from './shapes/policy.ts';

type Calls = {
  readonly get: <T>(path: string, query?: object) => Promise<T>;
};

export function policyCalls({ get }: Calls) {
  return {
    show: () => get<Policy>('/api/policy'),
    /** How often each rule decided since a time; without one, over the last 30 days. */
    coverage: (of: { readonly since?: number } = {}) => get<PolicyCoverage>('/api/policy/coverage', of),
  };
}
