/**
 * What the console knows of the gateway, and nothing else: one client of the session in this browser, one cache, and the
 * stream of changes that keeps it fresh. Nothing is decided here: every answer is the gateway's.
 */
import { createClient, ProblemError, UnreachableError } from '@countersign/sdk';
import { QueryClient } from '@tanstack/react-query';

export const gate = createClient({ url: location.origin });

const FRESH_MS = 10_000;

export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // The gateway's no is final; a lost connection is tried again.
      retry: (failures, error) => error instanceof UnreachableError && failures < 2,
      refetchOnWindowFocus: true,
    },
  },
});

export const isKind = (error: unknown, kind: string): boolean =>
  error instanceof ProblemError && error.kind === kind;

/** What went wrong, in words a person can act on. */
export function wordsOf(error: unknown): string {
  if (error instanceof ProblemError) return error.message;
  if (error instanceof UnreachableError)
    return 'The gateway cannot be reached. Nothing was changed; try again.';
  if (error instanceof DOMException && error.name === 'NotAllowedError')
    return 'Nothing was signed: it was cancelled, or took too long.';
  if (error instanceof DOMException) return `The browser could not do it (${error.name}).`;
  return error instanceof Error ? error.message : 'Something broke in this page.';
}
