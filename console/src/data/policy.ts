/** The policy as its views ask for it. Keys begin with `policy`: whatever changes it makes all of them stale. */
import type { PolicyDraft, SimulationInput } from '@countersign/sdk';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { gate } from './gate.ts';

const LASTING_MS = 5 * 60_000;

export const policyQuery = queryOptions({ queryKey: ['policy', 'show'], queryFn: () => gate.policy.show() });
export const policyFilesQuery = queryOptions({
  queryKey: ['policy', 'files'],
  queryFn: () => gate.policy.files(),
});
export const vocabularyQuery = queryOptions({
  queryKey: ['policy', 'vocabulary'],
  queryFn: () => gate.policy.vocabulary(),
  staleTime: LASTING_MS,
});
/** `since` is unix milliseconds, whole hours of which are counted. */
export const coverageQuery = (since: number | undefined) =>
  queryOptions({
    queryKey: ['policy', 'coverage', since],
    queryFn: () => gate.policy.coverage(since === undefined ? {} : { since }),
    // The log is still being counted: the rest comes.
    refetchInterval: ({ state }) => (state.data?.complete === false ? 1000 : false),
    placeholderData: keepPreviousData,
  });
/** What the real checker says of a draft. `key` names the draft's text. */
export const checkQuery = (draft: PolicyDraft, key: string) =>
  queryOptions({
    queryKey: ['policy', 'check', key],
    queryFn: () => gate.policy.check(draft),
    staleTime: LASTING_MS,
    placeholderData: keepPreviousData,
  });
/** What a draft would have decided otherwise since `since`. May take half a minute; `key` names the draft's text. */
export const simulationQuery = (input: SimulationInput, key: string) =>
  queryOptions({
    queryKey: ['policy', 'simulation', input.since, key],
    queryFn: () => gate.policy.simulate(input),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnWindowFocus: false,
  });
