/** The policy: what is in force, how its rules decided, and what another would do. */
import type { Policy } from './shapes/directory.ts';
import type { HeldChange } from './shapes/operators.ts';
import type {
  PolicyCheck,
  PolicyCoverage,
  PolicyDraft,
  PolicyFiles,
  PolicyPatch,
  PolicyProposalInput,
  PolicySimulation,
  PolicySuggestions,
  PolicyTaken,
  PolicyVocabulary,
  SimulationInput,
} from './shapes/policy/policy.ts';

type Calls = {
  readonly get: <T>(path: string, query?: object) => Promise<T>;
  readonly post: <T>(path: string, body?: unknown) => Promise<T>;
};

export function policyCalls({ get, post }: Calls) {
  return {
    show: () => get<Policy>('/api/policy'),
    /** How often each rule decided since a time; without one, over the last 30 days. */
    coverage: (of: { readonly since?: number } = {}) => get<PolicyCoverage>('/api/policy/coverage', of),
    /** What is in force, as written. */
    files: () => get<PolicyFiles>('/api/policy/files'),
    /** Every word a policy can be written with here and now. */
    vocabulary: () => get<PolicyVocabulary>('/api/policy/vocabulary'),
    /** What the gateway's own checker says of a draft, tests included. Operators and auditors. */
    check: (draft: PolicyDraft) => post<PolicyCheck>('/api/policy/check', draft),
    /** What is on record, decided by a draft beside the policy in force. May take half a minute. Operators and auditors. */
    simulate: (input: SimulationInput) => post<PolicySimulation>('/api/policy/simulate', input),
    /** Narrower rules for what is always approved, each tried on what is on record. Operators and auditors. */
    suggestions: (of: { readonly since?: number } = {}) =>
      get<PolicySuggestions>('/api/policy/suggestions', of),
    /** The change as a patch `git apply` takes. Operators and auditors. */
    patch: (draft: PolicyDraft) => post<PolicyPatch>('/api/policy/patch', draft),
    /** Where the store keeps the policy: makes a draft the policy, or answers the request others are asked in. */
    propose: (input: PolicyProposalInput) => post<PolicyTaken | HeldChange>('/api/policy/proposals', input),
  };
}
