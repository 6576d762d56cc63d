/**
 * Whether Slack itself sent these bytes: `v0`, HMAC-SHA256 over version, time and the raw body
 * (docs.slack.dev, “Verifying requests from Slack”). Old ones are refused, and one is taken once (A15).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Seen } from './seen.ts';

/** How far a request may be from our clock, either way. */
export const WINDOW_MS = 5 * 60_000;

export type Signed = {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Uint8Array;
};
export type Judged =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'unsigned' | 'old' | 'forged' | 'replayed' };

export type Verifier = (signed: Signed) => Judged;

export function createVerifier(parts: {
  readonly secret: string;
  readonly now: () => number;
  readonly seen: Seen;
}): Verifier {
  const { secret, now, seen } = parts;
  return ({ timestamp, signature, body }) => {
    if (timestamp === undefined || signature === undefined) return { ok: false, why: 'unsigned' };
    if (!/^\d{1,12}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature))
      return { ok: false, why: 'unsigned' };
    if (Math.abs(now() - Number(timestamp) * 1000) > WINDOW_MS) return { ok: false, why: 'old' };
    const want = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
    if (!timingSafeEqual(want, Buffer.from(signature.slice(3), 'hex'))) return { ok: false, why: 'forged' };
    // Only what Slack signed is remembered: nobody else can fill the memory.
    return seen.first(signature) ? { ok: true } : { ok: false, why: 'replayed' };
  };
}
