/** One way to change something: it runs once, makes stale what it may have changed, and says what came of it. */
import { type QueryKey, type UseMutationResult, useMutation } from '@tanstack/react-query';
import { say } from '../kit/over/toast.tsx';
import { cache, wordsOf } from './gate.ts';

/** For whoever shows it where it was asked. */
export const refusalOf = ({ error }: { readonly error: Error | null }): string | undefined =>
  error === null ? undefined : wordsOf(error);

export type Change<V, R> = {
  readonly run: (given: V) => Promise<R>;
  readonly stale: readonly QueryKey[];
  /** Once it is done; nothing is said of what has its own place on the page. */
  readonly said?: (result: R, given: V) => string | undefined;
  readonly onDone?: (result: R, given: V) => void;
  /** A refusal is shown by the view, where it was asked; else it is said at the corner. */
  readonly shows_refusal?: boolean;
};

export function useChange<V = void, R = unknown>({
  run,
  stale,
  said,
  onDone,
  shows_refusal = false,
}: Change<V, R>): UseMutationResult<R, Error, V> {
  return useMutation({
    mutationFn: run,
    onSuccess: (result, given) => {
      const text = said?.(result, given);
      if (text !== undefined) say({ text });
      onDone?.(result, given);
    },
    onError: (error) => {
      if (!shows_refusal) say({ text: wordsOf(error), tone: 'red' });
    },
    // Refused too: what the page showed may be why.
    onSettled: () => Promise.all(stale.map((queryKey) => cache.invalidateQueries({ queryKey }))),
  });
}
