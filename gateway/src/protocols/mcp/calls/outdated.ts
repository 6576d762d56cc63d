/**
 * A stream that stays open asks nobody again by itself, so it must not outlive the permit it was opened under: when
 * policy, people or keys have changed it ends, and whoever still may listens anew (I8).
 */
import type { Peer } from './call.ts';

const LOOK_EVERY_MS = 1_000;

export type Outdated = { readonly signal: AbortSignal; stop(): void };

/** Aborts once the upstream's `session.open` permit is not current and nobody has renewed it. */
export function outdated(peer: Peer): Outdated {
  const over = new AbortController();
  const timer = setInterval(() => {
    if (!peer.permit.current()) over.abort();
  }, LOOK_EVERY_MS);
  timer.unref();
  return { signal: over.signal, stop: () => clearInterval(timer) };
}
