/**
 * What the console knows of the gateway, and nothing else: one client of the session in this browser, one cache, and the
 * stream of changes that keeps it fresh. Nothing is decided here: every answer is the gateway's.
 */
import { visible } from '@countersign/core';
import { createClient, ProblemError, UnreachableError } from '@countersign/sdk';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

export const gate = createClient({ url: location.origin });

const FRESH_MS = 10_000;

const listeners = new Set<() => void>();
/** The session ended while somebody looked: whatever was asked last was refused for it. */
export const whenSignedOut = (listener: () => void): void => void listeners.add(listener);
export function noteError(error: unknown): void {
  if (isKind(error, 'not_signed_in')) for (const tell of listeners) tell();
}

export const cache = new QueryClient({
  queryCache: new QueryCache({ onError: noteError }),
  mutationCache: new MutationCache({ onError: noteError }),
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // The gateway's no is final; a lost connection is tried again.
      retry: (failures, error) => error instanceof UnreachableError && failures < 2,
      refetchOnWindowFocus: true,
      // A gateway on this machine is there without a network too; and one that is not there is said to be.
      networkMode: 'always',
    },
    // Sent when it is pressed or not at all: an answer that waits for a network would be given when nobody looks.
    mutations: { networkMode: 'always' },
  },
});

export const isKind = (error: unknown, kind: string): boolean =>
  error instanceof ProblemError && error.kind === kind;

/** What went wrong, in words a person can act on. The gateway's may hold names others chose: made visible (A3). */
export function wordsOf(error: unknown): string {
  if (error instanceof ProblemError) return visible(error.message).text;
  if (error instanceof UnreachableError)
    return 'The gateway cannot be reached. Nothing was changed; try again.';
  if (error instanceof DOMException && error.name === 'NotAllowedError')
    return 'Nothing was signed: it was cancelled, or took too long.';
  if (error instanceof DOMException) return `The browser could not do it (${error.name}).`;
  return error instanceof Error ? error.message : 'Something broke in this page.';
}
